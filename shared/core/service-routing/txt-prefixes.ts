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
    if (fitsSurely(prefix, host)) continue;
    const fault = ownershipFault(prefix, recordType, host);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What ExternalDNS puts before a host is never longer than the prefix with `cname-` behind it. */
const roomForType = "cname-".length;

/** True for nearly every host, and told without making the name: hundreds of thousands are looked at in a pass. */
function fitsSurely(prefix: string, host: string): boolean {
  const before = prefix.length + roomForType;
  const dot = host.indexOf(".");
  const label = prefix.endsWith("}.") ? before : before + (dot === -1 ? host.length : dot);
  return label <= 63 && before + host.length <= 253;
}
