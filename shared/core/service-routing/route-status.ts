/**
 * Status of ServiceRoute: Ready (accepted, and where this cluster publishes its DNSEndpoints exist), Published,
 * DNSVerified (the zone agrees) and BackendBound (something answers).
 */
import type { DesiredCondition, DesiredStatus, StatusNeed } from "../../model/desired.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Place } from "../../model/place.ts";
import { objectKey } from "../naming/item-id.ts";
import { condition, rejectedStatus, statusOf } from "./conditions.ts";
import type { RouteItems, ZoneOutcome } from "./endpoints.ts";
import type { ClusterFindings, RouteFinding } from "./findings.ts";
import { inTurn, lazyList } from "./lazy-lists.ts";

// One object each, shared by all statuses: a fleet has hundreds of thousands of them.
const ready = condition("Ready", "True", "ReconciliationSucceeded", "ServiceRoute is active");
const published = condition("Published", "True", "ReconciliationSucceeded", "this cluster publishes the host");
const notVerified = condition("DNSVerified", "Unknown", "ZoneNotRead", "no DNS zone has been read");
const backendNotRead = condition("BackendBound", "Unknown", "BackendNotRead", "backends are not read");
const readyAndPublished = ["Ready", "Published"] as const;
const activeConditions: readonly DesiredCondition[] = [ready, published, notVerified, backendNotRead];

export function routeStatuses(findings: ClusterFindings, projected: RouteItems): Iterable<DesiredStatus> {
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const context = { findings, projected, place };
  return inTurn(
    lazyList(findings.routes, (finding, index) => routeStatus(finding, projected.keysOf(index), context)),
    lazyList(findings.rejectedRoutes, (rejected) => rejectedStatus(place, "ServiceRoute", rejected)),
  );
}

type StatusContext = { readonly findings: ClusterFindings; readonly projected: RouteItems; readonly place: Place };

function routeStatus(
  finding: RouteFinding,
  keys: readonly string[],
  { findings, projected, place }: StatusContext,
): DesiredStatus {
  const { route, verdict } = finding;
  switch (verdict.kind) {
    case "publishes": {
      if (findings.cluster.mode === "retiring") {
        return withConditions(finding, keys, place, {
          phase: "Active",
          ready,
          published: condition("Published", "False", "Standby", "this cluster is retiring and publishes nothing"),
        });
      }
      if (finding.route.meta.deleting && keys.length === 0) {
        return withConditions(finding, keys, place, {
          phase: "Active",
          ready,
          published: condition("Published", "False", "Standby", "the route is being deleted and publishes nothing"),
        });
      }
      const lost = (projected.losses.get(route.meta.uid) ?? []).filter(({ outcome }) => outcome.kind === "loses");
      return lost.length === 0 ? activeStatus(finding, keys, place) : lostStatus(finding, keys, lost, place);
    }
    case "pending":
    case "invalid": {
      const code = verdict.kind === "pending" ? verdict.code : "ValidationFailed";
      const kept = keys.length > 0;
      return withConditions(finding, keys, place, {
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
      return withConditions(finding, [], place, {
        phase: verdict.code === "DNSPolicyInactive" ? "Pending" : "Failed",
        ready: condition("Ready", "False", verdict.code, verdict.reason),
        published: condition("Published", "False", verdict.code, "nothing is published by this route"),
      });
  }
}

function activeStatus(finding: RouteFinding, keys: readonly string[], place: Place): DesiredStatus {
  return statusOf(place, "ServiceRoute", finding.route, {
    fields: fieldsOf("Active", finding, keys),
    conditions: activeConditions,
    needs: [endpointNeed(keys)],
  });
}

function lostStatus(
  finding: RouteFinding,
  keys: readonly string[],
  lost: readonly ZoneOutcome[],
  place: Place,
): DesiredStatus {
  const sentences = lost.map((loss) => lossSentence(loss));
  const message = [...new Set(sentences)].sort().join("; ");
  const conflict = lost.some(({ outcome }) => outcome.kind === "loses" && outcome.code === "HostConflict");
  const code = conflict ? "HostConflict" : "Standby";
  return withConditions(finding, keys, place, {
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

type RouteConditions = {
  readonly phase: string;
  readonly ready: DesiredCondition;
  readonly published: DesiredCondition;
};

function withConditions(
  finding: RouteFinding,
  keys: readonly string[],
  place: Place,
  { phase, ready: readyNow, published: publishedNow }: RouteConditions,
): DesiredStatus {
  return statusOf(place, "ServiceRoute", finding.route, {
    fields: fieldsOf(phase, finding, keys),
    conditions: [readyNow, publishedNow, notVerified, backendNotRead],
    needs: readyNow.status === "True" ? [endpointNeed(keys)] : [],
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
