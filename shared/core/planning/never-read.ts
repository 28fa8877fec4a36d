/**
 * A cluster that was never read may publish names that we do not know of: no name new to its zones is published or
 * handed over until it is read once, is retiring, or a person approves going on without it.
 */
import type { Change, HeldChanges } from "../../model/change.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Listings } from "../../model/kinds.ts";
import type { Approval } from "../../model/state.ts";
import { digest } from "../naming/digest.ts";
import { endpointNames, isDnsZone } from "../naming/published-names.ts";
import { hasUnknownNames } from "../naming/unknown-names.ts";

export type NeverReadResult = { readonly due: readonly Change[]; readonly held: readonly HeldChanges[] };

export function holdForNeverRead(
  changes: readonly Change[],
  fleet: Fleet,
  approvals: readonly Approval[],
): NeverReadResult {
  const unknown = fleet.clusters.filter(
    (cluster) =>
      hasUnknownNames(cluster) && !approvals.some((approval) => approval.digest === neverReadDigest(cluster.name)),
  );
  if (unknown.length === 0) return { due: changes, held: [] };
  const published = publishedNames(fleet);
  // Of a read that is doubted at least what the cluster publishes is known, in whichever zone.
  const own = new Map(unknown.map(({ name, current }) => [name, namesOf(current)]));
  const heldBy = new Map<string, Change[]>();
  const due = changes.filter((change) => {
    const blocker = unknown.find((cluster) => addsName(change, cluster, { published, own: own.get(cluster.name) }));
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

type Names = { readonly published: ReadonlySet<string>; readonly own: ReadonlySet<string> | undefined };

/** Without a known region every zone may be one of its zones. */
function addsName(change: Change, { region }: FleetCluster, { published, own }: Names): boolean {
  return change.joins.some(({ zone, name }) => {
    const key = `${zone}/${name}`;
    const maybeIts = region === undefined || region === zone || own?.has(key) === true;
    return isDnsZone(zone) && maybeIts && !published.has(key);
  });
}

function publishedNames(fleet: Fleet): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { believed } of fleet.clusters) for (const name of namesOf(believed)) names.add(name);
  return names;
}

function namesOf(listings: Listings | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  const listing = listings?.DNSEndpoint;
  if (listing?.read !== "complete") return names;
  for (const endpoint of listing.objects)
    for (const { zone, name } of endpointNames(endpoint)) names.add(`${zone}/${name}`);
  return names;
}
