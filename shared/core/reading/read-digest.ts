/**
 * Digest of a complete read: equal while no object came, went or changed. Uses (kind, uid, resourceVersion), not the
 * content, so that it costs next to nothing for 250,000 routes.
 */
import type { Kind, Listings } from "../../model/kinds.ts";
import { digest } from "../naming/digest.ts";

/** Kinds that change by themselves and that no claim comes from. */
const leftOut: ReadonlySet<Kind> = new Set<Kind>(["OperatorLease", "OperatorDeployment"]);

export function readDigest(listings: Listings): string {
  return digest(
    (Object.keys(listings) as Kind[])
      .filter((kind) => !leftOut.has(kind))
      .sort()
      .map((kind) => `${kind}\n${versionsOf(listings, kind)}`)
      .join("\n"),
    32,
  );
}

/** The listings that last-good keeps. */
export function keptListings(listings: Listings): Listings {
  return Object.fromEntries(Object.entries(listings).filter(([kind]) => !leftOut.has(kind as Kind))) as Listings;
}

function versionsOf(listings: Listings, kind: Kind): string {
  const listing = listings[kind];
  if (listing?.read !== "complete") return "not read";
  const versions: string[] = [];
  for (const object of listing.objects) versions.push(`${object.meta.uid}@${object.meta.resourceVersion}`);
  for (const object of listing.rejected) versions.push(`${object.meta.uid}@${object.meta.resourceVersion}!`);
  return versions.sort().join("\n");
}
