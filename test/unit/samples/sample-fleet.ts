/** A copy of the sample fleet without results: somebody may have run the sample in place before. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { openManifestsCluster } from "../../../shared/adapters/manifests/manifests-cluster.ts";
import { writeWholeFile } from "../../../shared/adapters/manifests/write-file.ts";
import { openZoneFile } from "../../../shared/adapters/zone-files/zone-file.ts";
import { parseFleetConfiguration } from "../../../shared/contracts/fleet-configuration.ts";
import type {
  ClusterConfiguration,
  FleetConfiguration,
  ZoneConfiguration,
} from "../../../shared/model/fleet-configuration.ts";
import type { ClusterPort, ZonePort } from "../../../shared/ports.ts";

const FOLDER = join(import.meta.dirname, "../../../samples/fleet");

export type SampleFleet = {
  readonly configuration: FleetConfiguration;
  /** fleet.yaml of the copy. */
  readonly configurationPath: string;
  open(cluster: ClusterConfiguration): ClusterPort;
  openZone(zone: ZoneConfiguration): ZonePort;
  remove(): Promise<void>;
};

export async function copySampleFleet(): Promise<SampleFleet> {
  const copy = await mkdtemp(join(tmpdir(), "sample-fleet-"));
  await cp(FOLDER, copy, { recursive: true, filter: (path) => !/\.(?:out|service-router)$/.test(path) });
  return {
    configurationPath: join(copy, "fleet.yaml"),
    configuration: parseFleetConfiguration(parse(await readFile(join(copy, "fleet.yaml"), "utf8")), "fleet.yaml"),
    open: ({ name, source }) => {
      if (source.kind !== "manifests") {
        throw new Error(`cluster ${name} of the sample is not a directory`);
      }
      return openManifestsCluster({ name, directory: join(copy, source.directory) });
    },
    openZone: (zone) => {
      if (zone.kind !== "file") throw new Error(`zone ${zone.zone} of the sample is not a file`);
      return openZoneFile({ zone: zone.zone, file: join(copy, zone.file), writeWholeFile });
    },
    remove: () => rm(copy, { recursive: true, force: true }),
  };
}
