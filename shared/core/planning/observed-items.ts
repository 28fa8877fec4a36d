/** What is there now, of the kinds that clusters get from us. */
import type { DnsEndpoint, IstioGateway } from "../../model/cluster-objects.ts";
import type { PublishedName } from "../../model/desired.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { Kind, Listings } from "../../model/kinds.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import { fieldManager } from "../../model/ownership.ts";
import { objectKey } from "../naming/item-id.ts";
import { endpointNames, istioController, istioHosts, istioZone } from "../naming/published-names.ts";

export type WrittenKind = "DNSEndpoint" | "IstioGateway";
export const writtenKinds: readonly WrittenKind[] = ["DNSEndpoint", "IstioGateway"];

export type ObservedItem = {
  readonly kind: WrittenKind;
  readonly key: string;
  readonly object: DnsEndpoint | IstioGateway;
  /** Set by whoever compares: an item is about this object. What stays unwanted is nobody's any more. */
  wanted: boolean;
};

/** Observed objects of one kind by key; undefined when the kind was not read. */
export function observedOf(listings: Listings | undefined, kind: WrittenKind): Map<string, ObservedItem> | undefined {
  const listing = listings?.[kind];
  if (listing?.read !== "complete") return undefined;
  const found = new Map<string, ObservedItem>();
  for (const object of listing.objects) {
    const key = objectKey(object.meta);
    found.set(key, { kind, key, object, wanted: false });
  }
  return found;
}

/** Keys of objects of a kind that exist but do not parse: they are never written over. */
export function rejectedKeys(listings: Listings | undefined, kind: WrittenKind): ReadonlySet<string> {
  const listing = listings?.[kind];
  return new Set(listing?.read === "complete" ? listing.rejected.map((rejected) => objectKey(rejected.meta)) : []);
}

export function namesOf(item: ObservedItem, cluster: string): readonly PublishedName[] {
  if (item.kind === "DNSEndpoint") return endpointNames(item.object as DnsEndpoint);
  const gateway = item.object as IstioGateway;
  const zone = istioZone(cluster, istioController(gateway));
  return istioHosts(gateway).map((name) => ({ zone, name, content: "host" }));
}

/** Carries our marker but was never applied by us: the predecessor's. */
export function isPredecessors(meta: ObjectMeta): boolean {
  return !meta.managers.includes(fieldManager);
}

/** Uids of every object of a read that can own something: what has no owner here vanished with its source. */
export function livingUids(cluster: FleetCluster): ReadonlySet<string> {
  const uids = new Set<string>();
  for (const [kind, listing] of Object.entries(cluster.believed ?? {})) {
    if (listing.read !== "complete" || writtenKinds.includes(kind as Kind as WrittenKind)) continue;
    for (const object of listing.objects) uids.add(object.meta.uid);
    for (const object of listing.rejected) uids.add(object.meta.uid);
  }
  return uids;
}
