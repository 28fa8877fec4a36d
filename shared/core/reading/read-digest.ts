/**
 * Digest of a complete read: equal while no object came, went or changed. Uses (kind, uid, resourceVersion), not the
 * content, so that it costs next to nothing for 250,000 routes.
 */
import type { Kind, Listings } from "../../model/kinds.ts";
import { digestOfTexts } from "../naming/digest.ts";

/** Kinds that change by themselves and that no claim comes from. */
const leftOut: ReadonlySet<Kind> = new Set<Kind>(["OperatorLease", "OperatorDeployment"]);

export function readDigest(listings: Listings): string {
  return digestOfTexts(versionsOf(listings), 32);
}

/** The listings that last-good keeps. */
export function keptListings(listings: Listings): Listings {
  return Object.fromEntries(Object.entries(listings).filter(([kind]) => !leftOut.has(kind as Kind)));
}

/** In the order of the lists, which API servers keep; another order only costs one more write of last-good. */
function versionsOf(listings: Listings): readonly string[] {
  const texts: string[] = [];
  const kinds = (Object.keys(listings) as Kind[]).filter((kind) => !leftOut.has(kind)).sort();
  for (const kind of kinds) {
    const listing = listings[kind];
    if (listing?.read !== "complete") {
      texts.push(kind, "not read");
      continue;
    }
    texts.push(kind);
    for (const { meta } of listing.objects) texts.push(meta.uid, meta.resourceVersion);
    texts.push("rejected");
    for (const { meta } of listing.rejected) texts.push(meta.uid, meta.resourceVersion);
  }
  return texts;
}
