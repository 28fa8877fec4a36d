/**
 * A cluster that was never read may publish names that we do not know of: no name new to its zones is published or
 * handed over until it is read once, is retiring, or a person approves going on without it.
 */
import type { Change, HeldChanges } from "../../model/change.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Approval } from "../../model/state.ts";
import { digest } from "../naming/digest.ts";
import { endpointNames, isDnsZone } from "../naming/published-names.ts";

export type NeverReadResult = { readonly due: readonly Change[]; readonly held: readonly HeldChanges[] };

export function holdForNeverRead(
  changes: readonly Change[],
  fleet: Fleet,
  approvals: readonly Approval[],
): NeverReadResult {
  const unknown = fleet.clusters.filter(
    (cluster) =>
      cluster.believed === undefined &&
      cluster.mode !== "retiring" &&
      !approvals.some((approval) => approval.digest === neverReadDigest(cluster.name)),
  );
  if (unknown.length === 0) return { due: changes, held: [] };
  const published = publishedNames(fleet);
  const heldBy = new Map<string, Change[]>();
  const due = changes.filter((change) => {
    const blocker = unknown.find((cluster) => addsName(change, cluster, published));
    if (blocker === undefined) return true;
    heldBy.set(blocker.name, [...(heldBy.get(blocker.name) ?? []), change]);
    return false;
  });
  return { due, held: [...heldBy].map(([cluster, held]) => heldGroup(cluster, held)) };
}

/** What an approval to go on without this cluster binds to. */
function neverReadDigest(cluster: string): string {
  return digest({ neverRead: cluster });
}

function heldGroup(cluster: string, changes: readonly Change[]): HeldChanges {
  return {
    scope: `read/${cluster}`,
    code: "NeverRead",
    reason: `cluster ${cluster} was never read, so what it publishes is not known; names new to its zones wait until it is read once, or until a person approves going on without it`,
    digest: neverReadDigest(cluster),
    changes,
  };
}

/** Without a known region every zone may be one of its zones. */
function addsName(change: Change, cluster: FleetCluster, published: ReadonlySet<string>): boolean {
  return change.joins.some(
    ({ zone, name }) =>
      isDnsZone(zone) && (cluster.region === undefined || cluster.region === zone) && !published.has(`${zone}/${name}`),
  );
}

function publishedNames(fleet: Fleet): ReadonlySet<string> {
  const names = new Set<string>();
  for (const cluster of fleet.clusters) {
    const listing = cluster.believed?.DNSEndpoint;
    if (listing?.read !== "complete") continue;
    for (const endpoint of listing.objects)
      for (const { zone, name } of endpointNames(endpoint)) names.add(`${zone}/${name}`);
  }
  return names;
}
