/** Room for ownership records: ExternalDNS writes a TXT beside every record, under the prefix of the region. */
import type { FleetCluster } from "../../model/fleet.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { RecordType } from "../../model/claim.ts";
import { ownershipFault } from "../naming/hosts.ts";

export const defaultTxtPrefix = "_xdns-%{record_type}.";

/** Prefixes that an ownership TXT may get: one per region that the cluster has a controller for. */
export function txtPrefixes(cluster: FleetCluster, regions: readonly RegionConfiguration[]): readonly string[] {
  const prefixes = (cluster.controllers ?? []).map(
    ({ region }) => regions.find((known) => known.name === region)?.externalDns.txtPrefix ?? defaultTxtPrefix,
  );
  return [...new Set(prefixes)];
}

/** The first reason why an ownership TXT of the host would not fit; undefined when all do. */
export function firstOwnershipFault(
  prefixes: readonly string[],
  recordType: RecordType,
  host: string,
): string | undefined {
  for (const prefix of prefixes) {
    const fault = ownershipFault(prefix, recordType, host);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
