/** DNSEndpoints of one cluster: the projection of the zones into what its ExternalDNS instances read. */
import type { Zones } from "../../model/claim.ts";
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Because, DesiredItem } from "../../model/desired.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Place } from "../../model/place.ts";
import { objectKey } from "../naming/item-id.ts";
import { labelValue } from "../naming/object-names.ts";
import { endpointNames } from "../naming/published-names.ts";
import { routeContent, type ClusterRanks } from "./claims.ts";
import { controllerLabel, endpointBody } from "./endpoint-body.ts";
import { becauseOf } from "./because.ts";
import type { ClusterFindings, RouteFinding } from "./findings.ts";
import { inTurn, lazyList } from "./lazy-lists.ts";
import { endpointsOf } from "./owned-endpoints.ts";
import { routeTtlSeconds } from "./ttl.ts";
import { WantedEndpoints, type WantedEndpoint } from "./wanted-endpoints.ts";
import { claimOutcome, publishes, type ClaimOutcome } from "./zones.ts";

export type RouteItems = {
  readonly items: Iterable<DesiredItem>;
  /** Keys of the DNSEndpoints that a route wants or keeps, in controller order. @param index of the route in the findings. */
  readonly keysOf: (index: number) => readonly string[];
  /** What became of each route's claims, by the route's uid; absent when all of them publish. */
  readonly losses: ReadonlyMap<string, readonly ZoneOutcome[]>;
};

export type ZoneOutcome = { readonly zone: string; readonly outcome: ClaimOutcome };

type Projection = {
  readonly findings: ClusterFindings;
  readonly zones: Zones;
  /** Names about which the zones have more to say than that whoever claims them publishes them. */
  readonly disputed: ReadonlySet<string>;
  readonly ranks: ClusterRanks;
  /** Regions with fleet clusters that this cluster asks to adopt: what it has there is neither added to nor removed. */
  readonly requestedRegions: ReadonlySet<string>;
  /** Keys of the gateways' DNSEndpoints: a route that would have one of them gets another. */
  readonly reserved: ReadonlySet<string>;
};

export function routeEndpoints(projection: Projection): RouteItems {
  const { findings, requestedRegions } = projection;
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const wanted = new WantedEndpoints(projection.reserved, findings.cluster.controllers ?? []);
  const losses = new Map<string, readonly ZoneOutcome[]>();
  const unsettled: RouteFinding[] = [];
  const added = findings.routes.map((finding) => {
    const { meta } = finding.route;
    const one = meta.deleting ? nothingAdded : addWanted(wanted, finding, projection);
    if (one.losses.length > 0) losses.set(meta.uid, one.losses);
    // What a route publishes beyond what it wants is looked up only where there can be a reason for it.
    const plain = one.endpoints.length > 0 && one.losses.length === 0 && requestedRegions.size === 0;
    if (!plain) unsettled.push(finding);
    return one.endpoints;
  });
  const owned = unsettled.flatMap((finding) => ownedItems(finding, projection, place, wanted));
  const ofRejected = findings.rejectedRoutes.flatMap((rejected) => {
    const because = becauseOf("ServiceRoute", rejected.meta, "the route does not parse");
    return endpointsOf(findings, rejected.meta.uid).map((endpoint) =>
      keptUnlessLost(endpoint, because, projection, place),
    );
  });
  return {
    items: inTurn(
      lazyList(wanted.all(), (endpoint) => presentItem(endpoint, place)),
      owned,
      ofRejected,
    ),
    keysOf: keysOfRoutes(findings.routes, added, owned),
    losses,
  };
}

function keysOfRoutes(
  routes: readonly RouteFinding[],
  added: readonly (readonly WantedEndpoint[])[],
  owned: readonly DesiredItem[],
): RouteItems["keysOf"] {
  const kept = new Map<string, string[]>();
  for (const { want, key, because } of owned) {
    if (want === "kept") kept.set(because.uid, [...(kept.get(because.uid) ?? []), key]);
  }
  return (index) => {
    const keys = (added[index] ?? []).map(({ key }) => key);
    return kept.size === 0 ? keys : [...keys, ...(kept.get(routes[index]?.route.meta.uid ?? "") ?? [])];
  };
}

type Added = { readonly endpoints: readonly WantedEndpoint[]; readonly losses: readonly ZoneOutcome[] };

const nothingAdded: Added = { endpoints: [], losses: [] };

function addWanted(wanted: WantedEndpoints, finding: RouteFinding, projection: Projection): Added {
  const { findings, zones, ranks, disputed } = projection;
  const { host, verdict } = finding;
  const content = routeContent(finding);
  if (verdict.kind !== "publishes" || host === undefined || content === undefined) return nothingAdded;
  if (findings.cluster.mode === "retiring") return nothingAdded;
  const isDisputed = disputed.has(host);
  const endpoints: WantedEndpoint[] = [];
  const losses: ZoneOutcome[] = [];
  for (const controller of verdict.controllers) {
    const zone = controller.region;
    const outcome = isDisputed
      ? claimOutcome(zones, { zone, name: host, content, cluster: findings.cluster.name }, ranks)
      : publishes;
    if (outcome.kind !== "publishes" && !losses.some((loss) => loss.zone === zone)) losses.push({ zone, outcome });
    if (outcome.kind !== "loses") endpoints.push(wanted.add({ finding, controller, outcome, content }));
  }
  return { endpoints, losses };
}

function presentItem(endpoint: WantedEndpoint, place: Place): DesiredItem {
  const { finding, controller, outcome, content } = endpoint;
  const { route, host = "" } = finding;
  const item: DesiredItem & { readonly want: "present" } = {
    place,
    kind: "DNSEndpoint",
    key: endpoint.key,
    marker: serviceRoutingMarker,
    phase: "publish",
    names: [{ zone: controller.region, name: host, content }],
    because: becauseOf("ServiceRoute", route.meta, "the route publishes its host"),
    want: "present",
    body: () => routeEndpointBody(endpoint),
  };
  if (outcome.kind !== "waits") return item;
  return { ...item, waits: { code: "SecondRead", reason: vanishedReason(outcome, host) } };
}

function routeEndpointBody({ finding, controller, key }: WantedEndpoint): JsonObject {
  const { route, host = "", gateway } = finding;
  const { meta } = route;
  const { namespace = "" } = meta;
  const recordTTL = route.spec.ttlSeconds ?? routeTtlSeconds;
  return endpointBody({
    namespace,
    name: key.slice(namespace.length + 1),
    controller,
    labels: {
      "router.io/controller": controllerLabel(controller),
      "router.io/serviceroute": labelValue(meta.name),
      "router.io/source-namespace": namespace,
    },
    owner: {
      apiVersion: "routing.router.io/v1alpha1",
      kind: "ServiceRoute",
      name: meta.name,
      uid: meta.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
    records: [{ dnsName: host, recordType: "CNAME", targets: [gateway?.host ?? ""], recordTTL }],
  });
}

function vanishedReason(outcome: Extract<ClaimOutcome, { kind: "waits" }>, host: string): string {
  const { cluster, source } = outcome.vanished;
  return `${host} was ${objectKey(source)} of cluster ${cluster} one read ago; it changes hands when the next complete read confirms that it is gone`;
}

/** Items for DNSEndpoints that a route owns beyond those it wants: kept, or absent with the reason. */
function ownedItems(
  finding: RouteFinding,
  projection: Projection,
  place: Place,
  wanted: WantedEndpoints,
): readonly DesiredItem[] {
  const { findings, requestedRegions } = projection;
  const owned = endpointsOf(findings, finding.route.meta.uid);
  const { verdict, route } = finding;
  const items: DesiredItem[] = [];
  for (const endpoint of owned) {
    if (wanted.has(objectKey(endpoint.meta))) continue;
    const region = endpoint.meta.labels["router.io/region"] ?? "";
    const why = (reason: string): Because => becauseOf("ServiceRoute", route.meta, reason);
    if (requestedRegions.has(region) && !isTakenHere(endpoint, projection)) {
      items.push(bareItem(endpoint, "kept", why(`the adoption of ${region} waits for a decision`), place));
    } else if (route.meta.deleting) {
      items.push(bareItem(endpoint, "kept", why("the route is being deleted; Kubernetes removes what it owns"), place));
    } else if (verdict.kind === "pending" || verdict.kind === "invalid") {
      items.push(keptUnlessLost(endpoint, why(verdict.reason), projection, place));
    } else {
      const reason =
        verdict.kind === "withdrawn" ? verdict.reason : "the host is not published there by this route any more";
      items.push(bareItem(endpoint, "absent", why(reason), place));
    }
  }
  return items;
}

/** Another route of this very cluster publishes the name there: two contents of one cluster help nobody. */
function isTakenHere(endpoint: DnsEndpoint, { findings, zones }: Projection): boolean {
  return endpointNames(endpoint).some(({ zone, name, content }) => {
    const winner = zones.get(zone)?.get(name)?.winner;
    return winner?.cluster === findings.cluster.name && winner.content !== content;
  });
}

function keptUnlessLost(endpoint: DnsEndpoint, because: Because, projection: Projection, place: Place): DesiredItem {
  const lost = endpointNames(endpoint).find(
    (published) =>
      claimOutcome(projection.zones, { ...published, cluster: projection.findings.cluster.name }, projection.ranks)
        .kind === "loses",
  );
  if (lost === undefined) return bareItem(endpoint, "kept", because, place);
  return bareItem(endpoint, "absent", { ...because, reason: `${lost.name} is published by another claim` }, place);
}

export function bareItem(endpoint: DnsEndpoint, want: "kept" | "absent", because: Because, place: Place): DesiredItem {
  return {
    place,
    kind: "DNSEndpoint",
    key: objectKey(endpoint.meta),
    marker: serviceRoutingMarker,
    phase: want === "absent" ? "withdraw" : "publish",
    names: endpointNames(endpoint),
    because,
    want,
  };
}
