/**
 * Digest of a complete read: equal while no object came, went or changed. Uses (kind, uid, resourceVersion), not the
 * content, so that it costs next to nothing for 250,000 routes.
 */
import type { Kind, Listings } from "../../model/kinds.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import { Fingerprint } from "../naming/digest.ts";

/** Kinds that change by themselves and that no claim comes from. */
const leftOut: ReadonlySet<Kind> = new Set<Kind>(["OperatorLease", "OperatorDeployment"]);

/** In the order of the lists, which API servers keep; another order only costs one more write of last-good. */
export function readDigest(listings: Listings): string {
  const found = new Fingerprint();
  const kinds = (Object.keys(listings) as Kind[]).filter((kind) => !leftOut.has(kind)).sort();
  for (const kind of kinds) {
    const listing = listings[kind];
    found.add(kind);
    if (listing?.read !== "complete") {
      found.add("not read");
      continue;
    }
    for (const { meta } of listing.objects) addVersion(found, meta);
    found.add("rejected");
    for (const { meta } of listing.rejected) addVersion(found, meta);
  }
  return found.text();
}

function addVersion(found: Fingerprint, { uid, resourceVersion }: ObjectMeta): void {
  found.add(uid);
  found.add(resourceVersion);
}

/** The listings that last-good keeps. */
export function keptListings(listings: Listings): Listings {
  return Object.fromEntries(Object.entries(listings).filter(([kind]) => !leftOut.has(kind as Kind)));
}
