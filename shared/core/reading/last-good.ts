/** What a pass leaves for the next one to compare with: the complete read of a cluster, projected. */
import type { FleetCluster } from "../../model/fleet.ts";
import type { LastGood } from "../../model/state.ts";
import { keptListings } from "./read-digest.ts";
import { hasWithdrawn } from "./retired.ts";

/** Nothing of a cluster that was not read completely. A cluster that is done with claims nothing, so that its entry may go. */
export function lastGoodOf(cluster: FleetCluster): LastGood | undefined {
  const { name, readAtMs, istioVersion } = cluster;
  const unreadable = cluster.standing.kind === "frozen";
  // A retiring cluster that cannot be read is gone by a person's word: nothing can be withdrawn there.
  if (cluster.mode === "retiring" && unreadable) return { cluster: name, readAtMs, digest: "retired", listings: {} };
  if (unreadable || cluster.readDigest === undefined) return undefined;
  return {
    cluster: name,
    readAtMs,
    digest: cluster.readDigest,
    listings: hasWithdrawn(cluster) ? {} : keptListings(cluster.current),
    ...(istioVersion === undefined ? {} : { istioVersion }),
  };
}
