/** What DNSEndpoints tell ExternalDNS to publish, by region and name, across all clusters that were read. */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Fleet } from "../../model/fleet.ts";
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
  for (const { name: cluster, current, believed } of fleet.clusters) {
    const listing = current.DNSEndpoint?.read === "complete" ? current.DNSEndpoint : believed?.DNSEndpoint;
    for (const endpoint of listing?.read === "complete" ? listing.objects : []) {
      addEndpoint(found, cluster, endpoint);
    }
  }
  return found;
}

function addEndpoint(found: Index, cluster: string, { meta, spec, ...rest }: DnsEndpoint): void {
  const region = meta.labels["router.io/region"];
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
