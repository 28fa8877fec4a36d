/**
 * Completeness per (cluster, kind): a cluster with any required kind not read is frozen.
 * Rule that matters most: from what was not read completely nothing is deleted, shrunk or claimed by another.
 */
import type { Kind, KindUse, Listings } from "../../model/kinds.ts";

export type MissingKind = { readonly kind: Kind; readonly code: string; readonly reason: string };

/** Required kinds that were not read, in the order of `uses`. Empty: the read is complete. */
export function missingKinds(listings: Listings, uses: readonly KindUse[]): readonly MissingKind[] {
  const missing: MissingKind[] = [];
  for (const use of uses) {
    if (!use.required) continue;
    if (use.onlyWhen !== undefined && !use.onlyWhen(listings)) continue;
    const listing = listings[use.kind];
    if (listing === undefined) {
      missing.push({ kind: use.kind, code: "NOT_LISTED", reason: `${use.kind} was not listed` });
    } else if (listing.read === "not-read") {
      missing.push({ kind: use.kind, code: listing.code, reason: listing.reason });
    }
  }
  return missing;
}
