/** What DNSEndpoints tell ExternalDNS to publish, by region and name, across all clusters that were read. */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import { objectKey } from "../naming/item-id.ts";
import { recordContent } from "../naming/record-content.ts";
import { plainName } from "./spelling.ts";

export type Publication = {
  readonly cluster: string;
  /** `namespace/name` of the DNSEndpoint. */
  readonly key: string;
  readonly content: string;
  /** ExternalDNS wrote this generation into the status: it has read what stands there now. */
  readonly pickedUp: boolean;
};

/** Whoever's they are: an endpoint of somebody else in the region writes to the same zone. */
export function publications(fleet: Fleet): (region: string, name: string) => readonly Publication[] {
  let index: Index | undefined;
  return (region, name) => {
    index ??= indexed(fleet);
    return index.get(region)?.get(plainName(name)) ?? none;
  };
}

const none: readonly Publication[] = [];

/** By region, then name. */
type Index = Map<string, Map<string, Publication[]>>;

function indexed(fleet: Fleet): Index {
  const found: Index = new Map();
  for (const cluster of fleet.clusters) {
    for (const endpoint of endpointsOf(cluster)?.objects ?? []) addEndpoint(found, cluster.name, endpoint);
  }
  return found;
}

function endpointsOf({ current, believed }: FleetCluster) {
  const listing = current.DNSEndpoint?.read === "complete" ? current.DNSEndpoint : believed?.DNSEndpoint;
  return listing?.read === "complete" ? listing : undefined;
}

/** Names of DNSEndpoints without region: only an ExternalDNS without label filter reads them, and then in whatever zone it has. */
export function namesWithoutRegion(fleet: Fleet): ReadonlySet<string> {
  const names = new Set<string>();
  for (const cluster of fleet.clusters) {
    for (const { meta, spec } of endpointsOf(cluster)?.objects ?? []) {
      if (meta.labels[regionLabel] !== undefined) continue;
      for (const { dnsName } of spec.endpoints) names.add(plainName(dnsName));
    }
  }
  return names;
}

/** DNSEndpoints that do not parse: what they publish is not known. Without region it may be in any. */
export function unreadableEndpoints(
  fleet: Fleet,
): readonly { readonly cluster: string; readonly key: string; readonly region?: string }[] {
  return fleet.clusters.flatMap((cluster) =>
    (endpointsOf(cluster)?.rejected ?? []).map(({ meta }) => {
      const region = meta.labels[regionLabel];
      return { cluster: cluster.name, key: objectKey(meta), ...(region === undefined ? {} : { region }) };
    }),
  );
}

const regionLabel = "router.io/region";

function addEndpoint(found: Index, cluster: string, { meta, spec, ...rest }: DnsEndpoint): void {
  const region = meta.labels[regionLabel];
  if (region === undefined) return;
  const names = found.get(region) ?? new Map<string, Publication[]>();
  found.set(region, names);
  const pickedUp = rest.observedGeneration === meta.generation;
  for (const { dnsName, recordType, targets, recordTTL } of spec.endpoints) {
    const publication = {
      cluster,
      key: objectKey(meta),
      content: recordContent(recordType, targets, recordTTL),
      pickedUp,
    };
    const name = plainName(dnsName);
    const known = names.get(name);
    if (known === undefined) names.set(name, [publication]);
    else known.push(publication);
  }
}
