/** Our DNSEndpoints of a cluster by the uid of their owner, for sources whose publications stay. */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Listings } from "../../model/kinds.ts";
import { byText, objectKey } from "../naming/item-id.ts";
import { isOurs } from "../naming/own-objects.ts";
import type { ClusterFindings } from "./findings.ts";

type Index = ReadonlyMap<string, readonly DnsEndpoint[]>;

/** Made when first asked for, and gone with the listings: most clusters of a pass never need it. */
const indexes = new WeakMap<Listings, Index>();
const none: readonly DnsEndpoint[] = [];

export function endpointsOf(findings: ClusterFindings, uid: string): readonly DnsEndpoint[] {
  const { believed } = findings.cluster;
  if (believed === undefined) return none;
  let index = indexes.get(believed);
  if (index === undefined) {
    index = indexByOwner(believed);
    indexes.set(believed, index);
  }
  return index.get(uid) ?? none;
}

function indexByOwner(listings: Listings): Index {
  const listing = listings.DNSEndpoint;
  const found = new Map<string, DnsEndpoint[]>();
  if (listing?.read !== "complete") return found;
  for (const endpoint of listing.objects) {
    if (!isOurs(endpoint.meta)) continue;
    const owner = endpoint.meta.owners.find((candidate) => candidate.controller === true);
    if (owner === undefined) continue;
    const known = found.get(owner.uid);
    if (known === undefined) found.set(owner.uid, [endpoint]);
    else known.push(endpoint);
  }
  // By key, so that "the first DNSEndpoint" of a status does not depend on the order of a list.
  for (const endpoints of found.values()) {
    if (endpoints.length > 1) endpoints.sort((left, right) => byText(objectKey(left.meta), objectKey(right.meta)));
  }
  return found;
}
