/**
 * A complete read that lost more than half of last-good's routes, or all of several Gateways, is doubted: a rebuilt
 * cluster is empty, not retired. It counts as not read until it stood for 3 passes and 10 minutes *and* was approved.
 * Where last-good is unknown (a first pass, a lost store), what the cluster still publishes for us stands in for it.
 */
import type { Listings } from "../../model/kinds.ts";
import type { Approval, ShrunkRead } from "../../model/state.ts";
import { digest } from "../naming/digest.ts";
import { objectKey } from "../naming/item-id.ts";
import { isGatewayRecord, isOurs } from "../naming/own-objects.ts";
import { istioHosts } from "../naming/published-names.ts";

const routesFrom = 10;
const gatewaysFrom = 3;
const emptiedFrom = 3;
export const passesNeeded = 3;
export const mustStandMs = 10 * 60_000;

export type ShrinkJudgement =
  /** With the state of a read that was doubted before: kept until last-good says the same, or it would be doubted anew. */
  | { readonly kind: "believed"; readonly state?: ShrunkRead }
  | { readonly kind: "doubted"; readonly state: ShrunkRead; readonly approval?: Approval };

type ShrinkInput = {
  readonly cluster: string;
  readonly current: Listings;
  /** Absent when it was lost, or the cluster was never read. */
  readonly lastGood: Listings | undefined;
  readonly state: ShrunkRead | undefined;
  readonly approvals: readonly Approval[];
  readonly nowMs: number;
};

/** @returns "believed" when too little was lost, or when time, passes and approval are all there. */
export function judgeShrink(input: ShrinkInput): ShrinkJudgement {
  const { current, lastGood } = input;
  const reason = lastGood === undefined ? unexplainedNames(current) : lossReason(current, lastGood);
  if (reason === undefined) return { kind: "believed" };
  const readDigest = digest({ cluster: input.cluster, left: keysOf(input.current) });
  const known = input.state?.digest === readDigest ? input.state : undefined;
  const state: ShrunkRead = {
    digest: readDigest,
    firstSeenAtMs: known?.firstSeenAtMs ?? input.nowMs,
    passes: (known?.passes ?? 0) + 1,
    reason,
  };
  const approval = input.approvals.find((candidate) => candidate.digest === readDigest);
  const stood = state.passes >= passesNeeded && input.nowMs - state.firstSeenAtMs >= mustStandMs;
  if (approval === undefined) return { kind: "doubted", state };
  return stood ? { kind: "believed", state } : { kind: "doubted", state, approval };
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

/** Nothing else says how many there were, so a cluster without a single route is doubted from fewer hosts on. */
function unexplainedNames(current: Listings): string | undefined {
  const routes = presentCount(current, "ServiceRoute");
  const gateways = presentCount(current, "Gateway");
  // Where there are routes enough for everything that stands there, nobody has to know which host stands how often.
  if (gateways > 0 && routes * 2 >= hostsAtMost(current)) return undefined;
  const { routeHosts, gatewayHosts } = servedHosts(current);
  const emptied = routes === 0 && routeHosts >= emptiedFrom;
  if (emptied || (routeHosts >= routesFrom && routes * 2 < routeHosts)) {
    return `${routes} ServiceRoutes where ${routeHosts} hosts of routes are served there, and no earlier read is known`;
  }
  if (gatewayHosts >= gatewaysFrom && gateways === 0) {
    return `no Gateway where ${gatewayHosts} hosts of gateways are published there, and no earlier read is known`;
  }
  return undefined;
}

/** No fewer than there are hosts in DNSEndpoints and on Istio Gateways together. */
function hostsAtMost({ DNSEndpoint: endpoints, IstioGateway: gateways }: Listings): number {
  let hosts = 0;
  if (endpoints?.read === "complete") for (const { spec } of endpoints.objects) hosts += spec.endpoints.length;
  if (gateways?.read !== "complete") return hosts;
  for (const { spec } of gateways.objects) {
    for (const server of spec.servers ?? []) hosts += server.hosts?.length ?? 0;
  }
  return hosts;
}

/** Distinct hosts of what we wrote there. Istio Gateways also have those that another cluster publishes meanwhile. */
function servedHosts({ DNSEndpoint: endpoints, IstioGateway: gateways }: Listings) {
  const routeHosts = new Set<string>();
  const gatewayHosts = new Set<string>();
  for (const { meta, spec } of endpoints?.read === "complete" ? endpoints.objects : []) {
    if (!isOurs(meta) || meta.deleting) continue;
    const hosts = isGatewayRecord(meta) ? gatewayHosts : routeHosts;
    for (const { dnsName } of spec.endpoints) hosts.add(dnsName.toLowerCase());
  }
  for (const gateway of gateways?.read === "complete" ? gateways.objects : []) {
    if (isOurs(gateway.meta) && !gateway.meta.deleting) for (const host of istioHosts(gateway)) routeHosts.add(host);
  }
  return { routeHosts: routeHosts.size, gatewayHosts: gatewayHosts.size };
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
