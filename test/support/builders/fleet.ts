/**
 * A small language to make fleets as data: clusters with objects, what of them cannot be read, and the memory of the store.
 * A world is never changed in place; every edit answers a new one, so a test can go on from any moment twice.
 *
 *   const world = fleet([
 *     cluster("w1", { objects: [...ingress("10.0.0.1"), policy("shop"), route("shop/cart")] }),
 *     cluster("n1", { region: "neu", adopts: ["frc"], controllers: ["neu", "frc"] }),
 *   ]);
 */
import { readsOf } from "../../../shared/core/compute-desired.ts";
import { objectKey } from "../../../shared/core/naming/item-id.ts";
import { emptyOrder } from "../../../shared/core/reading/stored-order.ts";
import type {
  BudgetConfiguration,
  ClusterConfiguration,
  FleetConfiguration,
  WriteMode,
} from "../../../shared/model/fleet-configuration.ts";
import type { Kind, KindObjects, Listing, Listings } from "../../../shared/model/kinds.ts";
import type { Placement } from "../../../shared/model/placement.ts";
import type { ExternalDnsController, RejectedObject } from "../../../shared/model/resources.ts";
import type { ClusterSnapshot, FleetSnapshot } from "../../../shared/model/snapshot.ts";
import type { ZoneSnapshot } from "../../../shared/model/zone-records.ts";
import type { Approval, LastGood, Order, Since } from "../../../shared/model/state.ts";
import { TEST_START_MS } from "../clock.ts";
import { dnsConfiguration, gateway, identity, ingressService, type ObjectOf, type WorldObject } from "./objects.ts";

export type Rejected = { readonly kind: Kind; readonly rejected: RejectedObject };
export type Unread = { readonly code: string; readonly reason: string };

export type WorldCluster = {
  readonly name: string;
  readonly configured: ClusterConfiguration;
  /** By `Kind key`. */
  readonly objects: ReadonlyMap<string, WorldObject>;
  readonly rejected: ReadonlyMap<string, Rejected>;
  readonly unread: ReadonlyMap<Kind, Unread>;
  readonly istioVersion?: "v1" | "v1beta1";
};

/** What the state store holds between passes. */
export type WorldMemory = {
  readonly lastGood: ReadonlyMap<string, LastGood>;
  readonly since: Since;
  readonly order: Order;
  readonly approvals: readonly Approval[];
  readonly placement: Placement;
};

export type World = {
  readonly nowMs: number;
  readonly configuration: FleetConfiguration;
  readonly clusters: readonly WorldCluster[];
  /** The real zones; none where absent. */
  readonly zones?: readonly ZoneSnapshot[];
  readonly memory: WorldMemory;
  /** Source of fresh uids and resource versions. */
  readonly counter: number;
};

export const emptyMemory: WorldMemory = {
  lastGood: new Map(),
  since: { shrunkReads: {}, handovers: {}, budgets: {}, records: {}, garbage: {} },
  order: emptyOrder,
  approvals: [],
  placement: { revision: 0, entries: [] },
};

export type ClusterOptions = {
  readonly region?: string;
  /** `spec.cluster` of its identity; its name unless overridden. */
  readonly aks?: string;
  /** Regions, or controllers by name, of its DNSConfiguration; its own region unless overridden. */
  readonly controllers?: readonly (string | ExternalDnsController)[];
  readonly adopts?: readonly string[];
  readonly writes?: WriteMode;
  /** Region and cluster stand in the fleet configuration as well. */
  readonly pinned?: boolean;
  readonly operatorStopped?: boolean;
  readonly gatewayNamespace?: string;
  /** Without ClusterIdentity and DNSConfiguration, unless they are among the objects. */
  readonly bare?: boolean;
  readonly objects?: readonly WorldObject[];
  readonly rejected?: readonly Rejected[];
  /** Kinds that cannot be read now; `all`: the API server does not answer. */
  readonly unread?: readonly Kind[] | "all";
  readonly istioVersion?: "v1" | "v1beta1" | "unknown";
};

export const allKinds: readonly Kind[] = readsOf({ serviceRouting: true }).map(({ kind }) => kind);

/** A cluster that is written to, with identity and DNSConfiguration, readable, Istio `v1`. */
export function cluster(name: string, options: ClusterOptions = {}): WorldCluster {
  const region = options.region ?? "weu";
  const aks = options.aks ?? name;
  const own: readonly WorldObject[] = [
    identity({ region, cluster: aks, adoptsRegions: options.adopts ?? [] }),
    dnsConfiguration(options.controllers ?? [region]),
  ];
  const objects = [...(options.bare === true ? [] : own), ...(options.objects ?? [])];
  const version = options.istioVersion ?? "v1";
  return {
    name,
    configured: {
      name,
      ...(options.pinned === true ? { identity: { region, cluster: aks } } : {}),
      source: { kind: "kubeconfig", context: name },
      writes: options.writes ?? "apply",
      gatewayNamespace: options.gatewayNamespace ?? "istio-system",
      operatorStopped: options.operatorStopped ?? false,
    },
    objects: new Map(objects.map((entry) => [idOf(entry.kind, objectKey(entry.object.meta)), entry])),
    rejected: new Map(
      (options.rejected ?? []).map((entry) => [idOf(entry.kind, objectKey(entry.rejected.meta)), entry]),
    ),
    unread: unreadMap(options.unread ?? []),
    ...(version === "unknown" ? {} : { istioVersion: version }),
  };
}

/** The Gateway `istio-system/internal` and the Service that gives it an address. */
export function ingress(...addresses: readonly string[]): readonly WorldObject[] {
  return [gateway(), ingressService(addresses.length === 0 ? ["10.0.0.1"] : addresses)];
}

export type FleetOptions = {
  /** In this order in the fleet configuration; those of all controllers unless overridden. */
  readonly regions?: readonly string[];
  readonly budgets?: Partial<BudgetConfiguration>;
  readonly intervalSeconds?: number;
  readonly txtPrefix?: string;
  readonly nowMs?: number;
};

export function fleet(clusters: readonly WorldCluster[], options: FleetOptions = {}): World {
  const regions = options.regions ?? [...new Set(clusters.flatMap((one) => regionsOf(one)))];
  return {
    nowMs: options.nowMs ?? TEST_START_MS,
    configuration: {
      clusters: clusters.map((one) => one.configured),
      discovery: [],
      regions: regions.map((name) => ({
        name,
        zones: [],
        zoneWrites: "observe",
        externalDns: {
          ownerId: `external-dns-${name}`,
          txtPrefix: options.txtPrefix ?? "_xdns-%{record_type}.",
          intervalSeconds: options.intervalSeconds ?? 60,
        },
      })),
      readSeconds: 25,
      families: { serviceRouting: true },
      takeover: { operatorDeployment: "service-router-operator", operatorNamespace: "service-router-system" },
      budgets: { share: 0.3, fromNames: 10, names: 200, ...options.budgets },
      vantage: "test",
      store: { kind: "file", directory: ".service-router" },
    },
    clusters,
    memory: emptyMemory,
    counter: 1000,
  };
}

function regionsOf({ objects }: WorldCluster): readonly string[] {
  return [...objects.values()].flatMap((entry) => {
    if (entry.kind === "ClusterIdentity") return [entry.object.spec.region];
    if (entry.kind === "DNSConfiguration") return entry.object.spec.externalDNSControllers.map(({ region }) => region);
    return [];
  });
}

/** What a read of the whole fleet gives now. Namespaces are listed where a Gateway selects by their labels. */
export function snapshotOf(world: World): FleetSnapshot {
  return {
    readAtMs: world.nowMs,
    clusters: world.clusters.map((one) => clusterSnapshot(one, world.nowMs)),
    zones: (world.zones ?? []).map((zone) => ({ ...zone, readAtMs: world.nowMs })),
  };
}

function clusterSnapshot(one: WorldCluster, readAtMs: number): ClusterSnapshot {
  const uses = readsOf({ serviceRouting: true });
  const first = uses.filter(({ onlyWhen }) => onlyWhen === undefined).map(({ kind }) => kind);
  const listings = listingsOf(one, first);
  const second = uses.filter(({ onlyWhen }) => onlyWhen?.(listings) === true).map(({ kind }) => kind);
  return {
    cluster: one.name,
    readAtMs,
    listings: { ...listings, ...listingsOf(one, second) },
    ...(one.istioVersion === undefined ? {} : { istioVersion: one.istioVersion }),
  };
}

export function listingsOf(one: WorldCluster, kinds: readonly Kind[] = allKinds): Listings {
  const objects = new Map<Kind, WorldObject["object"][]>(kinds.map((kind) => [kind, []]));
  for (const { kind, object } of one.objects.values()) objects.get(kind)?.push(object);
  const listings = kinds.map((kind): [Kind, Listing<WorldObject["object"]>] => {
    const unreadable = one.unread.get(kind);
    if (unreadable !== undefined) return [kind, { read: "not-read", ...unreadable }];
    const rejected = [...one.rejected.values()].filter((entry) => entry.kind === kind).map((entry) => entry.rejected);
    return [kind, { read: "complete", objects: objects.get(kind) ?? [], rejected }];
  });
  return Object.fromEntries(listings);
}

/** Adds objects that came into being now: with a fresh uid and this moment's age. */
export function add(world: World, name: string, ...objects: readonly WorldObject[]): World {
  let current = world;
  for (const entry of objects) {
    const counter = current.counter + 1;
    const { meta } = entry.object;
    const fresh = {
      ...meta,
      uid: `${meta.uid}#${counter}`,
      resourceVersion: String(counter),
      createdAtMs: world.nowMs,
    };
    current = put({ ...current, counter }, name, withMeta(entry, fresh));
  }
  return current;
}

/** Puts an object there as it is, in place of one with the same kind and key, parsable or not. */
export function put(world: World, name: string, ...objects: readonly WorldObject[]): World {
  const placed = new Map(objects.map((entry) => [idOf(entry.kind, objectKey(entry.object.meta)), entry]));
  return changeCluster(world, name, (one) => ({
    ...one,
    objects: new Map([...one.objects, ...placed]),
    rejected: new Map([...one.rejected].filter(([id]) => !placed.has(id))),
  }));
}

/** Changes the spec of an object, as a person does: next generation, next resource version. */
export function edit<K extends Kind>(
  world: World,
  target: { readonly cluster: string; readonly kind: K; readonly key: string },
  change: (object: KindObjects[K]) => KindObjects[K],
): World {
  const found = find(world, target);
  const counter = world.counter + 1;
  const changed = change(found.object);
  const meta = { ...changed.meta, generation: changed.meta.generation + 1, resourceVersion: String(counter) };
  const entry = { kind: target.kind, object: { ...changed, meta } } as unknown as WorldObject;
  return put({ ...world, counter }, target.cluster, entry);
}

/** @throws when there is no such object: a test that edits nothing would prove nothing. */
export function find<K extends Kind>(
  world: World,
  target: { readonly cluster: string; readonly kind: K; readonly key: string },
): ObjectOf<K> {
  const found = clusterOf(world, target.cluster).objects.get(idOf(target.kind, target.key));
  if (found === undefined) throw new Error(`cluster ${target.cluster} has no ${target.kind} ${target.key}`);
  return found as unknown as ObjectOf<K>;
}

export function has(world: World, name: string, kind: Kind, key: string): boolean {
  return clusterOf(world, name).objects.has(idOf(kind, key));
}

/** Every object of a kind in a cluster, sorted by key. */
export function objectsOf<K extends Kind>(world: World, name: string, kind: K): readonly KindObjects[K][] {
  return [...clusterOf(world, name).objects.values()]
    .filter((entry) => entry.kind === kind)
    .map((entry) => entry.object as unknown as KindObjects[K])
    .sort((left, right) => (objectKey(left.meta) < objectKey(right.meta) ? -1 : 1));
}

/** Takes objects away at once, parsable or not. What they own stays until `collectGarbage`. */
export function remove(world: World, name: string, kind: Kind, ...keys: readonly string[]): World {
  const gone = new Set(keys.map((key) => idOf(kind, key)));
  return changeCluster(world, name, (one) => ({
    ...one,
    objects: new Map([...one.objects].filter(([id]) => !gone.has(id))),
    rejected: new Map([...one.rejected].filter(([id]) => !gone.has(id))),
  }));
}

/** The object exists, and from now on does not parse. */
export function breakObject(world: World, name: string, kind: Kind, key: string): World {
  const { object } = find(world, { cluster: name, kind, key });
  const counter = world.counter + 1;
  const status = "status" in object ? object.status : {};
  const meta = { ...object.meta, resourceVersion: String(counter), generation: object.meta.generation + 1 };
  const rejected: Rejected = { kind, rejected: { meta, issues: ["spec: cannot be understood"], status } };
  return changeCluster(remove({ ...world, counter }, name, kind, key), name, (one) => ({
    ...one,
    rejected: new Map([...one.rejected, [idOf(kind, key), rejected]]),
  }));
}

/** Kinds that the next reads of a cluster do not get; `all`: nothing is read. An empty list: everything is readable again. */
export function unread(world: World, name: string, kinds: readonly Kind[] | "all"): World {
  return changeCluster(world, name, (one) => ({ ...one, unread: unreadMap(kinds) }));
}

export function configure(world: World, name: string, overrides: Partial<ClusterConfiguration>): World {
  return changeCluster(world, name, (one) => ({ ...one, configured: { ...one.configured, ...overrides } }));
}

export function later(world: World, ms: number): World {
  return { ...world, nowMs: world.nowMs + ms };
}

/** A person's yes to a digest, now. */
export function approve(world: World, ...digests: readonly string[]): World {
  const approvals = digests.map((digest): Approval => ({
    digest,
    scope: "",
    by: "sre@example.com",
    verified: true,
    reason: "looked at it",
    atMs: world.nowMs,
  }));
  return { ...world, memory: { ...world.memory, approvals: [...world.memory.approvals, ...approvals] } };
}

export function clusterOf(world: World, name: string): WorldCluster {
  const found = world.clusters.find((one) => one.name === name);
  if (found === undefined) throw new Error(`this fleet has no cluster ${name}`);
  return found;
}

/** @throws when there is no such cluster. */
export function changeCluster(world: World, name: string, change: (one: WorldCluster) => WorldCluster): World {
  const before = clusterOf(world, name);
  const clusters = world.clusters.map((one) => (one === before ? change(one) : one));
  const configuration = { ...world.configuration, clusters: clusters.map((one) => one.configured) };
  return { ...world, clusters, configuration };
}

export function withMeta(entry: WorldObject, meta: WorldObject["object"]["meta"]): WorldObject {
  return { kind: entry.kind, object: { ...entry.object, meta } } as WorldObject;
}

export function idOf(kind: Kind, key: string): string {
  return `${kind} ${key}`;
}

function unreadMap(kinds: readonly Kind[] | "all"): ReadonlyMap<Kind, Unread> {
  if (kinds === "all") {
    const reason = "connect ECONNREFUSED 10.1.0.1:443";
    return new Map(allKinds.map((kind) => [kind, { code: "CLUSTER_UNREACHABLE", reason }]));
  }
  return new Map(kinds.map((kind) => [kind, { code: "FORBIDDEN", reason: `not allowed to list ${kind}` }]));
}
