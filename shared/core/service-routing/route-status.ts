/**
 * Status of ServiceRoute: Ready (accepted, and where this cluster publishes its DNSEndpoints exist), Published,
 * DNSVerified (the zone agrees) and BackendBound (something answers).
 */
import type { DesiredCondition, DesiredStatus, StatusNeed } from "../../model/desired.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Place } from "../../model/place.ts";
import type { RejectedObject } from "../../model/resources.ts";
import type { Zones } from "../../model/claim.ts";
import type { VerifyRecord, WantedRecord } from "../../model/verification.ts";
import { objectKey } from "../naming/item-id.ts";
import { endpointNames } from "../naming/published-names.ts";
import { condition, rejectedStatus, statusOf } from "./conditions.ts";
import { dnsVerified, type DnsVerified } from "./dns-verified.ts";
import type { RouteItems, ZoneOutcome } from "./endpoints.ts";
import type { ClusterFindings, RouteFinding } from "./findings.ts";
import { inTurn, lazyList } from "./lazy-lists.ts";
import { endpointsOf } from "./owned-endpoints.ts";

// One object each, shared by all statuses: a fleet has hundreds of thousands of them.
const ready = condition("Ready", "True", "ReconciliationSucceeded", "ServiceRoute is active");
const published = condition("Published", "True", "ReconciliationSucceeded", "this cluster publishes the host");
const backendNotRead = condition("BackendBound", "Unknown", "BackendNotRead", "backends are not read");
const readyAndPublished = ["Ready", "Published"] as const;
const withoutZones = dnsVerified({ verify: undefined, wanted: [], status: {} }).condition;
const activeConditions: readonly DesiredCondition[] = [ready, published, withoutZones, backendNotRead];

export function routeStatuses(
  findings: ClusterFindings,
  projected: RouteItems,
  zones: ZoneView,
): Iterable<DesiredStatus> {
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const context = { findings, projected, place, zones };
  return inTurn(
    lazyList(findings.routes, (finding, index) => routeStatus(finding, projected.keysOf(index), context)),
    lazyList(findings.rejectedRoutes, (rejected) => rejectedRouteStatus(rejected, context)),
  );
}

/** The zones as they should be and as they are. */
export type ZoneView = {
  readonly zones: Zones;
  /** Absent where no region has a zone. */
  readonly verify: VerifyRecord | undefined;
};

type StatusContext = {
  readonly findings: ClusterFindings;
  readonly projected: RouteItems;
  readonly place: Place;
  readonly zones: ZoneView;
};

function routeStatus(finding: RouteFinding, keys: readonly string[], context: StatusContext): DesiredStatus {
  const { findings, projected } = context;
  const { route, verdict } = finding;
  switch (verdict.kind) {
    case "publishes": {
      if (findings.cluster.mode === "retiring") {
        return withConditions(finding, keys, context, {
          phase: "Active",
          ready,
          published: condition("Published", "False", "Standby", "this cluster is retiring and publishes nothing"),
        });
      }
      if (finding.route.meta.deleting && keys.length === 0) {
        return withConditions(finding, keys, context, {
          phase: "Active",
          ready,
          published: condition("Published", "False", "Standby", "the route is being deleted and publishes nothing"),
        });
      }
      const lost = (projected.losses.get(route.meta.uid) ?? []).filter(({ outcome }) => outcome.kind === "loses");
      return lost.length === 0 ? activeStatus(finding, keys, context) : lostStatus(finding, keys, lost, context);
    }
    case "pending":
    case "invalid": {
      const code = verdict.kind === "pending" ? verdict.code : "ValidationFailed";
      const kept = keys.length > 0;
      return withConditions(finding, keys, context, {
        phase: verdict.kind === "pending" ? "Pending" : "Failed",
        ready: condition(
          "Ready",
          "False",
          code,
          kept ? `${verdict.reason}; what it published before stays` : verdict.reason,
        ),
        published: kept ? published : condition("Published", "False", code, "nothing is published"),
      });
    }
    case "withdrawn":
      return withConditions(finding, [], context, {
        phase: verdict.code === "DNSPolicyInactive" ? "Pending" : "Failed",
        ready: condition("Ready", "False", verdict.code, verdict.reason),
        published: condition("Published", "False", verdict.code, "nothing is published by this route"),
      });
  }
}

/** A route that does not parse keeps its DNSEndpoints; what the zone shows of them is said as of any other. */
function rejectedRouteStatus(rejected: RejectedObject, { findings, place, zones }: StatusContext): DesiredStatus {
  const { conditions, ...status } = rejectedStatus(place, "ServiceRoute", rejected);
  const { verify } = zones;
  const wanted = endpointsOf(findings, rejected.meta.uid).flatMap((endpoint) => endpointNames(endpoint));
  if (wanted.length === 0) return { ...status, conditions };
  const verified = dnsVerified({ verify, wanted, status: rejected.status });
  const others = conditions.map((one) => (one.type === "Published" ? publishedAgain(one) : one));
  return { ...status, conditions: [...others.map((one) => corrected(one, verified)), verified.condition] };
}

/** What a zone showed once is no reason any more; whether it still shows it is added anew. */
function publishedAgain(written: DesiredCondition): DesiredCondition {
  return written.reason === "ForeignOwner" || written.reason === "Contended" ? published : written;
}

/** A DNSEndpoint that nobody may act on publishes nothing. */
function corrected(accepted: DesiredCondition, { unpublished }: DnsVerified): DesiredCondition {
  return accepted.type === "Published" && accepted.status === "True" && unpublished !== undefined
    ? condition("Published", "False", unpublished.reason, unpublished.message)
    : accepted;
}

function activeStatus(finding: RouteFinding, keys: readonly string[], context: StatusContext): DesiredStatus {
  return statusOf(context.place, "ServiceRoute", finding.route, {
    fields: fieldsOf("Active", finding, keys),
    conditions:
      context.zones.verify === undefined
        ? activeConditions
        : verifiedConditions(finding, keys, context, { ready, published }),
    needs: [endpointNeed(keys)],
  });
}

function lostStatus(
  finding: RouteFinding,
  keys: readonly string[],
  lost: readonly ZoneOutcome[],
  context: StatusContext,
): DesiredStatus {
  const sentences = lost.map((loss) => lossSentence(loss));
  const message = [...new Set(sentences)].sort().join("; ");
  const conflict = lost.some(({ outcome }) => outcome.kind === "loses" && outcome.code === "HostConflict");
  const code = conflict ? "HostConflict" : "Standby";
  return withConditions(finding, keys, context, {
    phase: conflict ? "Failed" : "Active",
    ready: conflict ? condition("Ready", "False", "HostConflict", message) : ready,
    published: condition("Published", "False", code, message),
  });
}

function lossSentence({ zone, outcome }: ZoneOutcome): string {
  if (outcome.kind !== "loses") return `zone ${zone} waits`;
  const { winner } = outcome;
  return `in zone ${zone} the host is published by ServiceRoute ${objectKey(winner.source)} of cluster ${winner.cluster}`;
}

type Accepted = { readonly ready: DesiredCondition; readonly published: DesiredCondition };
type RouteConditions = Accepted & { readonly phase: string };

function withConditions(
  finding: RouteFinding,
  keys: readonly string[],
  context: StatusContext,
  { phase, ...accepted }: RouteConditions,
): DesiredStatus {
  return statusOf(context.place, "ServiceRoute", finding.route, {
    fields: fieldsOf(phase, finding, keys),
    conditions: verifiedConditions(finding, keys, context, accepted),
    needs: accepted.ready.status === "True" ? [endpointNeed(keys)] : [],
  });
}

/** All four conditions. What the zone shows corrects Published: a DNSEndpoint that nobody may act on publishes nothing. */
function verifiedConditions(
  finding: RouteFinding,
  keys: readonly string[],
  { findings, zones }: StatusContext,
  accepted: Accepted,
): readonly DesiredCondition[] {
  const { verify } = zones;
  const wanted = verify === undefined ? [] : wantedRecords(finding, keys, findings, zones.zones);
  const verified = dnsVerified({ verify, wanted, status: finding.route.status });
  return [accepted.ready, corrected(accepted.published, verified), verified.condition, backendNotRead];
}

/** The route's host in every zone that it claims, with the content of whoever publishes it there; else what it keeps. */
function wantedRecords(
  { route, host, verdict }: RouteFinding,
  keys: readonly string[],
  findings: ClusterFindings,
  zones: Zones,
): readonly WantedRecord[] {
  if (verdict.kind !== "publishes") {
    const kept = endpointsOf(findings, route.meta.uid).filter(({ meta }) => keys.includes(objectKey(meta)));
    return kept.flatMap((endpoint) => endpointNames(endpoint));
  }
  if (host === undefined) return [];
  const regions = new Set(verdict.controllers.map(({ region }) => region));
  return [...regions].flatMap((zone) => {
    const content = zones.get(zone)?.get(host)?.winner.content;
    return content === undefined ? [] : [{ zone, name: host, content }];
  });
}

/**
 * dnsEndpoint: name of the first DNSEndpoint (the operator's field). dnsNames: the route's host, published or not; an invalid
 * route keeps the one it had, so that its host can keep its place on the Istio Gateway.
 * Empty rather than absent: a field that the operator wrote cannot be removed by leaving it out of an apply.
 */
function fieldsOf(phase: string, finding: RouteFinding, keys: readonly string[]): JsonObject {
  const [first = ""] = keys;
  const dnsNames = finding.host === undefined ? rememberedNames(finding) : [finding.host];
  return { phase, dnsEndpoint: first.slice(first.indexOf("/") + 1), dnsNames };
}

function rememberedNames(finding: RouteFinding): readonly string[] {
  const written = finding.route.status["dnsNames"];
  return Array.isArray(written) ? written.filter((name): name is string => typeof name === "string") : [];
}

function endpointNeed(keys: readonly string[]): StatusNeed {
  return { kind: "DNSEndpoint", keys, conditions: readyAndPublished, reason: "DNSEndpointGenerationFailed" };
}
