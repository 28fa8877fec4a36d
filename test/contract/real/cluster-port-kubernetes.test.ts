/** The contract of ClusterPort against a real API server. */
import { kindTable } from "../../../shared/contracts/kinds.ts";
import type { ApiServer } from "../../support/components/api-server.ts";
import { createNamespace, list, remove } from "../../support/components/test-cluster.ts";
import { startAdapterCluster } from "../../support/kubernetes-access.ts";
import { describeClusterPort } from "../cluster-port/cluster-port-contract.ts";
import type { ClusterUnderTest, StoredEvent } from "../cluster-port/cluster-under-test.ts";

describeClusterPort("kubernetes", async (): Promise<ClusterUnderTest> => {
  const { server, open, close } = await startAdapterCluster({ name: "contract" });
  return {
    port: await open({ through: "server" }),
    createNamespace: async (name) => {
      await createNamespace(server, name);
    },
    put: (object) => putAsEditor(server, object),
    remove: async (kind, key) => {
      const { group, versions, apiKind } = kindTable[kind];
      const [namespace = "", name = ""] = key.split("/");
      await remove(server, { apiVersion: `${group}/${versions[0]}`, kind: apiKind, namespace, name });
    },
    events: (namespace) => storedEvents(server, namespace),
    close,
  };
});

/** A PUT, or a POST where there is nothing yet: plain updates, as of `kubectl edit` or the predecessor. */
async function putAsEditor(server: ApiServer, object: object): Promise<void> {
  const { apiVersion, kind, metadata } = object as {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly namespace: string; readonly name: string };
  };
  const plural = Object.values(kindTable).find((entry) => entry.apiKind === kind)?.plural ?? kind;
  const collection = `/${apiVersion === "v1" ? "api" : "apis"}/${apiVersion}/namespaces/${metadata.namespace}/${plural}`;
  const query = "?fieldManager=editor";
  const made = await server.request("POST", `${collection}${query}`, object);
  if (made.status === 201) return;
  const patched = await server.request("PATCH", `${collection}/${metadata.name}${query}`, object);
  if (patched.status !== 200) throw new Error(`${kind} was not written: ${JSON.stringify(patched.body)}`);
}

async function storedEvents(server: ApiServer, namespace: string): Promise<readonly StoredEvent[]> {
  const events = await list(server, { apiVersion: "v1", kind: "Event", namespace });
  return events.map((event) => {
    const { reason, message, type, count, involvedObject } = event as unknown as Omit<StoredEvent, "involved"> & {
      readonly involvedObject: StoredEvent["involved"];
    };
    const { kind, name, uid } = involvedObject;
    return { reason, message, type, count, involved: { kind, name, uid } };
  });
}
