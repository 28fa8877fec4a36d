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
  readonly items: readonly DesiredItem[];
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
};

export function routeEndpoints(projection: Projection): RouteItems {
  const { findings, requestedRegions } = projection;
  const place: Place = { kind: "cluster", name: findings.cluster.name };
  const items = new NamedItems();
  const keysByRoute = new Map<string, readonly string[]>();
  const losses = new Map<string, readonly ZoneOutcome[]>();
  const unsettled: RouteFinding[] = [];
  for (const finding of findings.routes) {
    const { meta } = finding.route;
    const projected = meta.deleting ? nothingProjected : projectRoute(finding, projection, place);
    const keys = projected.items.map((item) => items.add(item, meta));
    if (keys.length > 0) keysByRoute.set(meta.uid, keys);
    if (projected.losses.length > 0) losses.set(meta.uid, projected.losses);
    // What a route publishes beyond what it wants is looked up only where there can be a reason for it.
    const plain = keys.length > 0 && projected.losses.length === 0 && requestedRegions.size === 0;
    if (!plain) unsettled.push(finding);
  }
  for (const finding of unsettled) {
    const { uid } = finding.route.meta;
    const owned = ownedItems(finding, projection, place, items);
    for (const item of owned) items.add(item, finding.route.meta);
    const keys = owned.filter((item) => item.want === "kept").map((item) => item.key);
    if (keys.length > 0) keysByRoute.set(uid, [...(keysByRoute.get(uid) ?? []), ...keys]);
  }
  for (const rejected of findings.rejectedRoutes) {
    const because: Because = { kind: "ServiceRoute", ...nameOf(rejected.meta), reason: "the route does not parse" };
    for (const endpoint of endpointsOf(findings, rejected.meta.uid)) {
      items.add(keptUnlessLost(endpoint, because, projection, place), rejected.meta);
    }
  }
  return { items: items.all(), keysByRoute, losses };
}

const nothingProjected = { items: [], losses: [] };

/**
 * Items by key. Two sources that would produce one object name are told apart by a hash; the older keeps the pattern.
 */
class NamedItems {
  readonly #items: DesiredItem[] = [];
  readonly #sources: ObjectMeta[] = [];
  readonly #positions = new Map<string, number>();

  has(key: string): boolean {
    return this.#positions.has(key);
  }

  all(): readonly DesiredItem[] {
    return this.#items;
  }

  /** @returns the key under which the item stands. */
  add(item: DesiredItem, source: ObjectMeta): string {
    const position = this.#positions.get(item.key);
    if (position === undefined) return this.#append(item, source);
    const holder = this.#sources[position];
    const present = this.#items[position];
    if (holder === undefined || present === undefined || holder.uid === source.uid) return item.key;
    if (byAge(source, holder) > 0) return this.#append(renamed(item, source), source);
    this.#items[position] = item;
    this.#sources[position] = source;
    this.#append(renamed(present, holder), holder);
    return item.key;
  }

  #append(item: DesiredItem, source: ObjectMeta): string {
    this.#positions.set(item.key, this.#items.length);
    this.#items.push(item);
    this.#sources.push(source);
    return item.key;
  }
}

function projectRoute(finding: RouteFinding, projection: Projection, place: Place) {
  const { findings, zones, ranks } = projection;
  const losses: ZoneOutcome[] = [];
  const items: DesiredItem[] = [];
  const content = routeContent(finding);
  const { host, verdict } = finding;
  if (verdict.kind !== "publishes" || host === undefined || content === undefined) return { items, losses };
  if (findings.cluster.mode === "retiring") return { items, losses };
  const because: Because = {
    kind: "ServiceRoute",
    ...nameOf(finding.route.meta),
    reason: "the route publishes its host",
  };
  for (const controller of verdict.controllers) {
    const wanted = { zone: controller.region, name: host, content, cluster: findings.cluster.name };
    const outcome = claimOutcome(zones, wanted, ranks);
    if (outcome.kind !== "publishes" && !losses.some((loss) => loss.zone === controller.region)) {
      losses.push({ zone: controller.region, outcome });
    }
    if (outcome.kind === "loses") continue;
    items.push(presentItem({ finding, controller, outcome, content, because, place }));
  }
  return { items, losses };
}

type PresentInput = {
  readonly finding: RouteFinding;
  readonly controller: ExternalDnsController;
  readonly outcome: ClaimOutcome;
  readonly content: string;
  readonly because: Because;
  readonly place: Place;
};

function presentItem({ finding, controller, outcome, content, because, place }: PresentInput): DesiredItem {
  const { route, host = "", gateway } = finding;
  const namespace = route.meta.namespace ?? "";
  const name = routeEndpointName(route.meta.name, controller.name);
  return {
    place,
    kind: "DNSEndpoint",
    key: `${namespace}/${name}`,
    marker: serviceRoutingMarker,
    phase: "publish",
    names: [{ zone: controller.region, name: host, content }],
    because,
    want: "present",
    body: () =>
      endpointBody({
        namespace,
        name,
        controller,
        labels: {
          "router.io/controller": labelValue(controller.name),
          "router.io/serviceroute": labelValue(route.meta.name),
          "router.io/source-namespace": namespace,
        },
        owner: {
          apiVersion: "routing.router.io/v1alpha1",
          kind: "ServiceRoute",
          name: route.meta.name,
          uid: route.meta.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
        records: [
          {
            dnsName: host,
            recordType: "CNAME",
            targets: [gateway?.host ?? ""],
            recordTTL: route.spec.ttlSeconds ?? routeTtlSeconds,
          },
        ],
      }),
    ...(outcome.kind === "waits" ? { waits: { code: "SecondRead", reason: vanishedReason(outcome, host) } } : {}),
  };
}

function vanishedReason(outcome: Extract<ClaimOutcome, { kind: "waits" }>, host: string): string {
  const { cluster, source } = outcome.vanished;
  return `${host} was ${objectKey(source)} of cluster ${cluster} one read ago; it changes hands when the next complete read confirms that it is gone`;
}

function renamed(item: DesiredItem, source: ObjectMeta): DesiredItem {
  if (item.want !== "present") return item;
  const [namespace = "", name = ""] = item.key.split("/");
  const distinct = distinctName(name, [source.name, item.names[0]?.zone ?? ""]);
  const { body } = item;
  return {
    ...item,
    key: `${namespace}/${distinct}`,
    body: () => {
      const made = body();
      return { ...made, metadata: { ...(made["metadata"] as JsonObject), name: distinct } };
    },
  };
}

/** Items for DNSEndpoints that a route owns beyond those it wants: kept, or absent with the reason. */
function ownedItems(
  finding: RouteFinding,
  projection: Projection,
  place: Place,
  wanted: NamedItems,
): readonly DesiredItem[] {
  const { findings, requestedRegions } = projection;
  const owned = endpointsOf(findings, finding.route.meta.uid);
  const { verdict, route } = finding;
  const items: DesiredItem[] = [];
  for (const endpoint of owned) {
    if (wanted.has(objectKey(endpoint.meta))) continue;
    const region = endpoint.meta.labels["router.io/region"] ?? "";
    const because = (reason: string): Because => ({ kind: "ServiceRoute", ...nameOf(route.meta), reason });
    if (requestedRegions.has(region)) {
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
