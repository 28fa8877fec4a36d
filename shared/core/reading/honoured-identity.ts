/**
 * Which ClusterIdentity of a cluster is honoured: one that parses and fits what the configuration pins and the regions that
 * it names, then the oldest.
 * A second one changes nothing that is published; it gets SingletonViolation.
 */
import type { Identity, IdentityRefusal } from "../../model/fleet.ts";
import type { Listing } from "../../model/kinds.ts";
import type { ClusterIdentity } from "../../model/resources.ts";
import { byAge } from "../naming/item-id.ts";

export type HonouredIdentity = {
  readonly identity?: Identity;
  readonly refused: ReadonlyMap<string, IdentityRefusal>;
};

type Pin = { readonly region: string; readonly cluster: string };

/** @param regions those of the fleet configuration; with none there is nothing to hold a region against. */
export function honouredIdentity(
  listing: Listing<ClusterIdentity> | undefined,
  pinned: Pin | undefined,
  regions: readonly string[] = [],
): HonouredIdentity {
  const refused = new Map<string, IdentityRefusal>();
  if (listing?.read !== "complete") return { refused };
  for (const rejected of listing.rejected) {
    refused.set(rejected.meta.name, { code: "InvalidSpec", reason: rejected.issues.join("; ") });
  }
  let honoured: ClusterIdentity | undefined;
  for (const candidate of [...listing.objects].sort((left, right) => byAge(left.meta, right.meta))) {
    const mismatch = pinMismatch(candidate, pinned);
    const unknown = unknownRegions([candidate.spec.region], regions);
    if (mismatch !== undefined) refused.set(candidate.meta.name, { code: "IdentityMismatch", reason: mismatch });
    else if (unknown !== undefined) refused.set(candidate.meta.name, { code: "RegionNotFound", reason: unknown });
    else if (honoured === undefined) honoured = candidate;
    else {
      refused.set(candidate.meta.name, {
        code: "SingletonViolation",
        reason: `ClusterIdentity ${honoured.meta.name} is older and is the one honoured; delete this one`,
      });
    }
  }
  if (honoured === undefined) return { refused };
  return { identity: { ...honoured.spec, meta: honoured.meta }, refused };
}

/** What is wrong with regions that the fleet configuration does not name; undefined when it names all of them. */
export function unknownRegions(named: readonly string[], regions: readonly string[]): string | undefined {
  const unknown = [...new Set(named.filter((region) => !regions.includes(region)))];
  if (regions.length === 0 || unknown.length === 0) return undefined;
  return (
    `spec says region ${unknown.join(", ")}; regions of the fleet configuration has ${[...regions].sort().join(", ")}; ` +
    "correct whichever is wrong. Nothing new is published from here meanwhile, and what is published stays"
  );
}

function pinMismatch(candidate: ClusterIdentity, pinned: Pin | undefined): string | undefined {
  if (pinned === undefined) return undefined;
  const { region, cluster } = candidate.spec;
  if (region === pinned.region && cluster === pinned.cluster) return undefined;
  return (
    `spec says region ${region}, cluster ${cluster}; the fleet configuration pins region ${pinned.region}, ` +
    `cluster ${pinned.cluster}; correct whichever is wrong`
  );
}
