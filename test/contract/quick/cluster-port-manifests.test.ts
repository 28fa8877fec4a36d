/** The directory of manifests against the contract that the real API server passes too. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { openManifestsCluster } from "../../../shared/adapters/manifests/manifests-cluster.ts";
import { writtenPath } from "../../../shared/adapters/manifests/written-layout.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { ClusterUnderTest, StoredEvent } from "../cluster-port/cluster-under-test.ts";
import { describeClusterPort } from "../cluster-port/cluster-port-contract.ts";

type EventLine = Pick<StoredEvent, "reason" | "message" | "type" | "count"> & {
  readonly object: string;
  readonly uid: string;
};

async function makeCluster(): Promise<ClusterUnderTest> {
  const root = await mkdtemp(join(tmpdir(), "cluster-port-"));
  const directory = join(root, "w1");
  const put = async (object: JsonObject): Promise<void> => {
    const file = join(directory, fileOf(object));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, stringify(object));
  };
  await mkdir(directory);
  return {
    port: openManifestsCluster({ name: "w1", directory }),
    createNamespace: (name) => put({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
    put,
    // Somebody takes the manifest out of the repository, or removes what was written beside it.
    remove: async (kind, key) => {
      await rm(join(directory, `${key}.${kind}.yaml`), { force: true });
      await rm(join(`${directory}.out`, writtenPath("object", kind, key)), { force: true });
    },
    events: async (namespace) => {
      const lines = parse(await readFile(join(`${directory}.out`, "events.yaml"), "utf8")) as readonly EventLine[];
      return lines
        .filter(({ object }) => object.includes(` ${namespace}/`))
        .map(({ reason, message, type, count, uid, object }) => {
          const [kind = "", key = ""] = object.split(" ");
          return { reason, message, type, count, involved: { kind, name: key.slice(namespace.length + 1), uid } };
        });
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

function fileOf(object: JsonObject): string {
  const { kind, metadata } = object as { kind: string; metadata: { namespace?: string; name: string } };
  return `${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}.${kind}.yaml`;
}

describeClusterPort("a directory of manifests", makeCluster);
