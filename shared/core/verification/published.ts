/** What DNSEndpoints tell ExternalDNS to publish, by region and name, across all clusters that were read. */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Fleet } from "../../model/fleet.ts";
import { objectKey } from "../naming/item-id.ts";
import { recordContent } from "../naming/record-content.ts";

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
  let index: ReadonlyMap<string, readonly Publication[]> | undefined;
  return (region, name) => {
    index ??= indexed(fleet);
    return index.get(`${region} ${name}`) ?? none;
  };
}

const none: readonly Publication[] = [];

function indexed(fleet: Fleet): ReadonlyMap<string, readonly Publication[]> {
  const found = new Map<string, Publication[]>();
  for (const { name: cluster, current, believed } of fleet.clusters) {
    const listing = current.DNSEndpoint?.read === "complete" ? current.DNSEndpoint : believed?.DNSEndpoint;
    for (const endpoint of listing?.read === "complete" ? listing.objects : []) {
      addEndpoint(found, cluster, endpoint);
    }
  }
  return found;
}

function addEndpoint(found: Map<string, Publication[]>, cluster: string, { meta, spec, ...rest }: DnsEndpoint): void {
  const region = meta.labels["router.io/region"];
  if (region === undefined) return;
  const pickedUp = rest.observedGeneration === meta.generation;
  for (const { dnsName, recordType, targets, recordTTL } of spec.endpoints) {
    const publication = {
      cluster,
      key: objectKey(meta),
      content: recordContent(recordType, targets, recordTTL),
      pickedUp,
    };
    const id = `${region} ${dnsName.toLowerCase()}`;
    const known = found.get(id);
    if (known === undefined) found.set(id, [publication]);
    else known.push(publication);
  }
}
