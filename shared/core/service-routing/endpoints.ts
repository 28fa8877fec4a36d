/** DNSEndpoints of one cluster: the projection of the zones into what its ExternalDNS instances read. */
import type { Zones } from "../../model/claim.ts";
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Because, DesiredItem } from "../../model/desired.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Place } from "../../model/place.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import type { ExternalDnsController } from "../../model/resources.ts";
import { byAge, objectKey } from "../naming/item-id.ts";
import { distinctName, labelValue, routeEndpointName } from "../naming/object-names.ts";
import { endpointNames } from "../naming/published-names.ts";
import { routeContent, type ClusterRanks } from "./claims.ts";
import { endpointBody } from "./endpoint-body.ts";
import type { ClusterFindings, RouteFinding } from "./findings.ts";
import { endpointsOf } from "./owned-endpoints.ts";
import { routeTtlSeconds } from "./ttl.ts";
import { claimOutcome, type ClaimOutcome } from "./zones.ts";

export type RouteItems = {
  readonly items: Iterable<DesiredItem>;
  /** Keys of the DNSEndpoints of each route that publishes or keeps something, by the route's uid, in controller order. */
  readonly keysByRoute: ReadonlyMap<string, readonly string[]>;
  /** What became of each route's claims, by the route's uid; absent when all of them publish. */
  readonly losses: ReadonlyMap<string, readonly ZoneOutcome[]>;
};

export type ZoneOutcome = { readonly zone: string; readonly outcome: ClaimOutcome };

type Projection = {
  readonly findings: ClusterFindings;
  readonly zones: Zones;
  readonly ranks: ClusterRanks;
  /** Regions with fleet clusters that this cluster asks to adopt: what it has there is neither added to nor removed. */
  readonly requestedRegions: ReadonlySet<string>;
  /** Keys of the gateways' DNSEndpoints: a route that would have one of them gets another. */
  readonly reserved: ReadonlySet<string>;
};

export function routeEndpoints(projection: Projection): RouteItems {
  const { findings, requestedRegions } = projection;
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const wanted = new WantedEndpoints(projection.reserved);
  const losses = new Map<string, readonly ZoneOutcome[]>();
  const unsettled: RouteFinding[] = [];
  for (const finding of findings.routes) {
    const { meta } = finding.route;
    const added = meta.deleting ? nothingAdded : addWanted(wanted, finding, projection);
    if (added.losses.length > 0) losses.set(meta.uid, added.losses);
    // What a route publishes beyond what it wants is looked up only where there can be a reason for it.
    const plain = added.count > 0 && added.losses.length === 0 && requestedRegions.size === 0;
    if (!plain) unsettled.push(finding);
  }
  const owned = unsettled.flatMap((finding) => ownedItems(finding, projection, place, wanted));
  const ofRejected = findings.rejectedRoutes.flatMap((rejected) => {
    const because: Because = { kind: "ServiceRoute", ...nameOf(rejected.meta), reason: "the route does not parse" };
    return endpointsOf(findings, rejected.meta.uid).map((endpoint) =>
      keptUnlessLost(endpoint, because, projection, place),
    );
  });
  const keysByRoute = wanted.keysByRoute();
  for (const item of owned) {
    const { uid } = item.because;
    if (item.want === "kept") keysByRoute.set(uid, [...(keysByRoute.get(uid) ?? []), item.key]);
  }
  return { items: itemsOf(wanted, [...owned, ...ofRejected], place), keysByRoute, losses };
}

const nothingAdded = { count: 0, losses: [] };

function* itemsOf(wanted: WantedEndpoints, others: readonly DesiredItem[], place: Place): Generator<DesiredItem> {
  for (const endpoint of wanted.all()) yield presentItem(endpoint, place);
  yield* others;
}

/** One DNSEndpoint that a route wants; made into an item, with its body, when the item is reached. */
type WantedEndpoint = {
  readonly finding: RouteFinding;
  readonly controller: ExternalDnsController;
  readonly outcome: ClaimOutcome;
  readonly content: string;
  key: string;
};

/** Wanted endpoints by key. Two sources that would produce one object name are told apart by a hash; the older keeps the pattern. */
class WantedEndpoints {
  readonly #byKey = new Map<string, WantedEndpoint>();
  readonly #reserved: ReadonlySet<string>;

  constructor(reserved: ReadonlySet<string>) {
    this.#reserved = reserved;
  }

  has(key: string): boolean {
    return this.#byKey.has(key) || this.#reserved.has(key);
  }

  all(): Iterable<WantedEndpoint> {
    return this.#byKey.values();
  }

  keysByRoute(): Map<string, readonly string[]> {
    const keys = new Map<string, string[]>();
    for (const { key, finding } of this.#byKey.values()) {
      const { uid } = finding.route.meta;
      const known = keys.get(uid);
      if (known === undefined) keys.set(uid, [key]);
      else known.push(key);
    }
    return keys;
  }

  add(endpoint: WantedEndpoint): void {
    const holder = this.#byKey.get(endpoint.key);
    if (this.#reserved.has(endpoint.key)) this.#rename(endpoint);
    else if (holder === undefined) this.#byKey.set(endpoint.key, endpoint);
    else if (byAge(endpoint.finding.route.meta, holder.finding.route.meta) < 0) {
      this.#byKey.set(endpoint.key, endpoint);
      this.#rename(holder);
    } else this.#rename(endpoint);
  }

  #rename(moved: WantedEndpoint): void {
    const [namespace = "", name = ""] = moved.key.split("/");
    moved.key = `${namespace}/${distinctName(name, [moved.finding.route.meta.name, moved.controller.name])}`;
    this.#byKey.set(moved.key, moved);
  }
}

type Added = { readonly count: number; readonly losses: readonly ZoneOutcome[] };

function addWanted(wanted: WantedEndpoints, finding: RouteFinding, projection: Projection): Added {
  const { findings, zones, ranks } = projection;
  const { host, verdict, route } = finding;
  const content = routeContent(finding);
  if (verdict.kind !== "publishes" || host === undefined || content === undefined) return nothingAdded;
  if (findings.cluster.mode === "retiring") return nothingAdded;
  const losses: ZoneOutcome[] = [];
  let count = 0;
  for (const controller of verdict.controllers) {
    const zone = controller.region;
    const outcome = claimOutcome(zones, { zone, name: host, content, cluster: findings.cluster.name }, ranks);
    if (outcome.kind !== "publishes" && !losses.some((loss) => loss.zone === zone)) losses.push({ zone, outcome });
    if (outcome.kind === "loses") continue;
    const key = `${route.meta.namespace ?? ""}/${routeEndpointName(route.meta.name, controller.name)}`;
    wanted.add({ finding, controller, outcome, content, key });
    count += 1;
  }
  return { count, losses };
}

function presentItem({ finding, controller, outcome, content, key }: WantedEndpoint, place: Place): DesiredItem {
  const { route, host = "" } = finding;
  const { meta } = route;
  const item: DesiredItem & { readonly want: "present" } = {
    place,
    kind: "DNSEndpoint",
    key,
    marker: serviceRoutingMarker,
    phase: "publish",
    names: [{ zone: controller.region, name: host, content }],
    because: { kind: "ServiceRoute", ...nameOf(meta), reason: "the route publishes its host" },
    want: "present",
    body: () => routeEndpointBody(finding, controller, key.slice(key.indexOf("/") + 1)),
  };
  if (outcome.kind !== "waits") return item;
  return { ...item, waits: { code: "SecondRead", reason: vanishedReason(outcome, host) } };
}

function routeEndpointBody(
  { route, host = "", gateway }: RouteFinding,
  controller: ExternalDnsController,
  name: string,
): JsonObject {
  const { meta } = route;
  const namespace = meta.namespace ?? "";
  const recordTTL = route.spec.ttlSeconds ?? routeTtlSeconds;
  return endpointBody({
    namespace,
    name,
    controller,
    labels: {
      "router.io/controller": labelValue(controller.name),
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
    const because = (reason: string): Because => ({ kind: "ServiceRoute", ...nameOf(route.meta), reason });
    if (requestedRegions.has(region) && !isTakenHere(endpoint, projection)) {
      items.push(bareItem(endpoint, "kept", because(`the adoption of ${region} waits for a decision`), place));
    } else if (route.meta.deleting) {
      items.push(
        bareItem(endpoint, "kept", because("the route is being deleted; Kubernetes removes what it owns"), place),
      );
    } else if (verdict.kind === "pending" || verdict.kind === "invalid") {
      items.push(keptUnlessLost(endpoint, because(verdict.reason), projection, place));
    } else {
      const reason =
        verdict.kind === "withdrawn" ? verdict.reason : "the host is not published there by this route any more";
      items.push(bareItem(endpoint, "absent", because(reason), place));
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

export function nameOf(meta: ObjectMeta): { readonly namespace?: string; readonly name: string; readonly uid: string } {
  return { ...(meta.namespace === undefined ? {} : { namespace: meta.namespace }), name: meta.name, uid: meta.uid };
}
