/**
 * Zones first: every name of every zone with its one publisher. DNSEndpoints are their projection into clusters.
 */
import type { Claim, Zones } from "../../model/claim.ts";
import { compareClaims, type ClusterRanks } from "./claims.ts";

type Contest = { winner: Claim; losers?: Claim[]; keptOffBy?: Claim };

/**
 * @param vanished claims that were in the read before and are not in this one. They re-create nothing, but where they
 *   would win they keep others off for this one read: a list that lost a few objects must not hand their names over.
 * @returns `disputed`: names that are wanted with more than one content, or kept off. Any other is published by whoever
 *   claims it; few are disputed, and a look into a zone of a whole fleet for each claim would cost more than all the rest.
 */
export function resolveZones(
  claims: Iterable<readonly Claim[]>,
  vanished: readonly Claim[],
  ranks: ClusterRanks,
): { readonly zones: Zones; readonly disputed: ReadonlySet<string> } {
  const zones = new Map<string, Map<string, Contest>>();
  const contested: Contest[] = [];
  const enterClaim = (claim: Claim): void => {
    const names = getOrCreate(zones, claim.zone);
    const contest = names.get(claim.name);
    if (contest === undefined) {
      names.set(claim.name, { winner: claim });
      return;
    }
    if (contest.losers === undefined) contested.push(contest);
    enter(contest, claim, ranks);
  };
  for (const batch of claims) for (const claim of batch) enterClaim(claim);
  const disputed = new Set<string>();
  for (const contest of contested) {
    settle(contest);
    if (contest.losers !== undefined) disputed.add(contest.winner.name);
  }
  for (const ghost of vanished) {
    const contest = zones.get(ghost.zone)?.get(ghost.name);
    if (contest === undefined || contest.winner.content === ghost.content) continue;
    if (compareClaims(ghost, contest.winner, ranks) >= 0) continue;
    contest.keptOffBy = ghost;
    disputed.add(ghost.name);
  }
  return { zones, disputed };
}

function enter(contest: Contest, claim: Claim, ranks: ClusterRanks): void {
  const { winner } = contest;
  const wins = compareClaims(claim, winner, ranks) < 0;
  contest.winner = wins ? claim : winner;
  const other = wins ? winner : claim;
  if (contest.losers === undefined) contest.losers = [other];
  else contest.losers.push(other);
}

/** Equal content never conflicts: only once the winner is known is it known who lost. */
function settle(contest: Contest): void {
  const losers = contest.losers?.filter((loser) => loser.content !== contest.winner.content) ?? [];
  if (losers.length === 0) delete contest.losers;
  else contest.losers = losers;
}

function getOrCreate(zones: Map<string, Map<string, Contest>>, zone: string): Map<string, Contest> {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const names = new Map<string, Contest>();
  zones.set(zone, names);
  return names;
}

/** What becomes of one claim in its zone. */
export type ClaimOutcome =
  | { readonly kind: "publishes" }
  /** Wins, but a claim that vanished one read ago keeps it off until the next complete read. */
  | { readonly kind: "waits"; readonly vanished: Claim }
  | { readonly kind: "loses"; readonly code: "Standby" | "HostConflict"; readonly winner: Claim };

type Wanted = { readonly zone: string; readonly name: string; readonly content: string; readonly cluster: string };

/** What becomes of a claim under a name that is not disputed. */
export const publishes: ClaimOutcome = { kind: "publishes" };

export function claimOutcome(zones: Zones, wanted: Wanted, ranks: ClusterRanks): ClaimOutcome {
  const entry = zones.get(wanted.zone)?.get(wanted.name);
  // A retiring cluster claims nothing, so nobody may hold the name.
  if (entry === undefined) return publishes;
  const { winner } = entry;
  if (winner.content === wanted.content) {
    const vanished = entry.keptOffBy;
    return vanished === undefined || winner.cluster !== wanted.cluster ? publishes : { kind: "waits", vanished };
  }
  if (winner.cluster === wanted.cluster) return { kind: "loses", code: "HostConflict", winner };
  const sameRegion = ranks.regionOf.get(winner.cluster) === ranks.regionOf.get(wanted.cluster);
  return { kind: "loses", code: sameRegion ? "Standby" : "HostConflict", winner };
}
