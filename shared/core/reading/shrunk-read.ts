/**
 * A complete read that lost more than half of last-good's routes, or all of several Gateways, is doubted: a rebuilt
 * cluster is empty, not retired. It counts as not read until it stood for 3 passes and 10 minutes *and* was approved.
 */
import type { Listings } from "../../model/kinds.ts";
import type { Approval, ShrunkRead } from "../../model/state.ts";
import { digest } from "../naming/digest.ts";
import { objectKey } from "../naming/item-id.ts";

const routesFrom = 10;
const gatewaysFrom = 3;
const passesNeeded = 3;
const standingMs = 10 * 60_000;

export type ShrinkJudgement =
  /** With the state of a read that was doubted before: kept until last-good says the same, or it would be doubted anew. */
  | { readonly kind: "believed"; readonly state?: ShrunkRead }
  | { readonly kind: "doubted"; readonly state: ShrunkRead; readonly approved: boolean };

type ShrinkInput = {
  readonly cluster: string;
  readonly current: Listings;
  readonly lastGood: Listings;
  readonly state: ShrunkRead | undefined;
  readonly approvals: readonly Approval[];
  readonly nowMs: number;
};

/** @returns "believed" when too little was lost, or when time, passes and approval are all there. */
export function judgeShrink(input: ShrinkInput): ShrinkJudgement {
  const reason = lossReason(input.current, input.lastGood);
  if (reason === undefined) return { kind: "believed" };
  const readDigest = digest({ cluster: input.cluster, left: keysOf(input.current) });
  const known = input.state?.digest === readDigest ? input.state : undefined;
  const state: ShrunkRead = {
    digest: readDigest,
    firstSeenAtMs: known?.firstSeenAtMs ?? input.nowMs,
    passes: (known?.passes ?? 0) + 1,
    reason,
  };
  const approved = input.approvals.some((approval) => approval.digest === readDigest);
  const stood = state.passes >= passesNeeded && input.nowMs - state.firstSeenAtMs >= standingMs;
  return approved && stood ? { kind: "believed", state } : { kind: "doubted", state, approved };
}

function lossReason(current: Listings, lastGood: Listings): string | undefined {
  const routesBefore = presentCount(lastGood, "ServiceRoute");
  const routesNow = presentCount(current, "ServiceRoute");
  if (routesBefore >= routesFrom && routesNow * 2 < routesBefore) {
    return `${routesNow} ServiceRoutes where the last good read had ${routesBefore}`;
  }
  const gatewaysBefore = presentCount(lastGood, "Gateway");
  if (gatewaysBefore >= gatewaysFrom && presentCount(current, "Gateway") === 0) {
    return `no Gateway where the last good read had ${gatewaysBefore}`;
  }
  return undefined;
}

/** Rejected objects count as present: they exist. */
function presentCount(listings: Listings, kind: "ServiceRoute" | "Gateway"): number {
  const listing = listings[kind];
  return listing?.read === "complete" ? listing.objects.length + listing.rejected.length : 0;
}

function keysOf(listings: Listings): readonly string[] {
  const keys: string[] = [];
  for (const kind of ["ServiceRoute", "Gateway"] as const) {
    const listing = listings[kind];
    if (listing?.read !== "complete") continue;
    for (const object of listing.objects) keys.push(`${kind} ${objectKey(object.meta)}`);
    for (const object of listing.rejected) keys.push(`${kind} ${objectKey(object.meta)}`);
  }
  return keys.sort();
}
