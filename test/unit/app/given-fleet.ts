/**
 * Use cases with everything around them in memory: simulated API servers behind the cluster port, the store in memory, a
 * clock that only a test moves. Faults are functions that a test sets; `journal` is the order in which things were written.
 */
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import type { DeniedRight } from "../../../shared/model/access.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind, KindObjects } from "../../../shared/model/kinds.ts";
import type { ClusterConfiguration, FleetConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { Marks } from "../../../shared/model/state.ts";
import type { ClusterPort, ReadList, StateStore } from "../../../shared/ports.ts";
import { ApiServer } from "../../sim/world/api-server.ts";
import * as bodies from "../../sim/world/bodies.ts";
import { simulatedCluster } from "../../sim/world/simulated-cluster.ts";
import { createTestClock, type TestClock } from "../../support/clock.ts";
import { createMemoryStateStore, type MemoryStateStore, type StoreFaults } from "../../support/state-store.ts";
import { memoryZoneSource, type MemoryZone } from "../../support/zone-port.ts";

type WriteKind = "apply" | "remove" | "status" | "event";

/** Each may throw, or do something at that moment (move the clock, change placement). Absent: nothing goes wrong. */
export type Faults = {
  open?: (cluster: string) => void | Promise<void>;
  list?: (cluster: string, kind: Kind) => void | Promise<void>;
  istioVersion?: (cluster: string) => void;
  write?: (cluster: string, what: WriteKind, key: string) => void | Promise<void>;
  discover?: () => Promise<readonly ClusterConfiguration[]>;
  /** Rights that the credential lacks there. */
  denied?: (cluster: string) => readonly DeniedRight[] | Promise<readonly DeniedRight[]>;
  /** How far the clock of a cluster is ahead; undefined: it has none. */
  clockAheadMs?: (cluster: string) => number | undefined;
};

export type Given = {
  readonly ports: FleetPorts;
  readonly clock: TestClock;
  readonly store: MemoryStateStore;
  /** By `region/DNS name`; a test puts them here and into the configuration. */
  readonly zones: Map<string, MemoryZone>;
  readonly faults: Faults;
  /** `w1 DNSEndpoint shop/cart`, `w1 status ServiceRoute shop/cart`, `w1 event Created`, `store since`: in order. */
  readonly journal: string[];
  /** Constant sentences of warnings and errors. */
  readonly warnings: string[];
  readonly metrics: Map<string, number>;
  readonly server: (name: string) => ApiServer;
};

export type GivenOptions = {
  /** Cluster name → region; w1 in weu and n1 in neu unless given. */
  readonly regions?: Readonly<Record<string, string>>;
  /** Routes `shop/<name>` of every cluster. */
  readonly routes?: readonly string[];
  /** API servers without any object. */
  readonly empty?: boolean;
  readonly storeFaults?: StoreFaults;
  readonly configuration?: Partial<FleetConfiguration>;
};

export const namespaces = ["istio-system", "shop"] as const;

export function givenFleet(options: GivenOptions = {}): Given {
  const clock = createTestClock({ autoAdvance: true });
  const store = createMemoryStateStore({
    clock,
    ...(options.storeFaults === undefined ? {} : { faults: options.storeFaults }),
  });
  const regions = options.regions ?? { w1: "weu", n1: "neu" };
  const servers = new Map(Object.keys(regions).map((name) => [name, new ApiServer(name, () => clock.nowMs())]));
  const faults: Faults = {};
  const journal: string[] = [];
  const warnings: string[] = [];
  const metrics = new Map<string, number>();
  const zones = new Map<string, MemoryZone>();
  const server = (name: string): ApiServer => {
    const found = servers.get(name);
    if (found === undefined) throw new Error(`this fleet has no cluster ${name}`);
    return found;
  };
  for (const [name, region] of Object.entries(regions)) {
    furnish(server(name), { region, routes: options.empty === true ? undefined : (options.routes ?? ["cart"]) });
    server(name).watch = ({ kind, key, part, writer }) => {
      if (writer.manager === "service-router")
        journal.push(`${name} ${part === "status" ? "status " : ""}${kind} ${key}`);
    };
  }
  const configuration = { ...configurationOf(regions), ...options.configuration };
  const ports: FleetPorts = {
    configuration,
    clusters: {
      open: async ({ name }) => {
        await faults.open?.(name);
        return faulty(simulatedCluster(server(name)), faults, journal);
      },
      discover: async () => (await faults.discover?.()) ?? [],
      close: async () => {},
    },
    zones: memoryZoneSource((zone) => {
      const region = configuration.regions.find((one) => one.zones.includes(zone))?.name;
      return zones.get(`${region}/${zone.zone}`)?.port;
    }),
    store: journaled(store, journal),
    clock,
    telemetry: {
      info: nothing,
      warn: (message) => void warnings.push(message),
      error: (message) => void warnings.push(message),
      metric: (name, value) => void metrics.set(name, value),
    },
    progress: { stage: nothing, step: nothing },
    holder: "test",
  };
  return { ports, clock, store, zones, faults, journal, warnings, metrics, server };
}

/** What a cluster of the fleet is when a person configured it. */
export function configuredCluster(name: string, overrides: Partial<ClusterConfiguration> = {}): ClusterConfiguration {
  return {
    name,
    source: { kind: "kubeconfig", context: name },
    writes: "apply",
    gatewayNamespace: "istio-system",
    operatorStopped: false,
    ...overrides,
  };
}

function configurationOf(regions: Readonly<Record<string, string>>): FleetConfiguration {
  return {
    clusters: Object.keys(regions).map((name) => configuredCluster(name)),
    discovery: [],
    regions: [...new Set(Object.values(regions))].map((name) => ({
      name,
      zones: [],
      zoneWrites: "observe",
      externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
    })),
    readSeconds: 25,
    families: { serviceRouting: true },
    takeover: { operatorDeployment: "service-router-operator", operatorNamespace: "service-router-system" },
    budgets: { share: 0.3, fromNames: 10, names: 200 },
    vantage: "test",
    store: { kind: "file", directory: ".service-router" },
  };
}

/** One Gateway with an address, one policy for `shop`, and the routes; without routes only the namespaces. */
function furnish(
  server: ApiServer,
  given: { readonly region: string; readonly routes: readonly string[] | undefined },
) {
  for (const name of namespaces) server.put("Namespace", bodies.namespace(name), "platform");
  if (given.routes === undefined) return;
  const identity = { region: given.region, cluster: server.name, domain: bodies.domain, environmentLetter: "p" };
  server.put("ClusterIdentity", bodies.clusterIdentity("identity", identity), "platform");
  server.put("DNSConfiguration", bodies.dnsConfiguration("dns", [given.region]), "platform");
  server.put("Service", bodies.ingressService("istio-system", "ingress"), "platform");
  server.setStatus("Service", "istio-system/ingress", bodies.serviceStatus(["10.0.0.1"]), "cloud");
  const gateway = { controller: "ingress", targetPostfix: "internal" };
  server.put("Gateway", bodies.gateway("istio-system", "internal", gateway), "gitops");
  server.put("DNSPolicy", bodies.dnsPolicy("shop", "policy"), "gitops");
  for (const name of given.routes) putRoute(server, name);
}

/** Its host is `{name}-ns-p-{application}-shop.example.com`: one application per cluster keeps hosts apart. */
export function putRoute(server: ApiServer, name: string, spec: JsonObject = {}): void {
  const own = { serviceName: name, gatewayName: "internal", environment: server.name, application: "shop", ...spec };
  server.put("ServiceRoute", bodies.serviceRoute("shop", name, own), "gitops");
}

export function hostOf(cluster: string, route: string): string {
  return `${route}-ns-p-${cluster}-shop.example.com`;
}

/** Keys of what is stored, sorted. */
export function keysIn(server: ApiServer, kind: Kind): readonly string[] {
  return server.list(kind).objects.map(({ meta }) => `${meta.namespace ?? ""}/${meta.name}`);
}

/** The bytes of every document; leases apart. */
export function documentsOf(store: MemoryStateStore): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...store.files]
      .filter(([path]) => !path.startsWith("leases/"))
      .map(([path, bytes]): [string, string] => [path, Buffer.from(bytes).toString("base64")])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** `w1 create DNSEndpoint shop/cart-external-dns-weu: done` */
export function resultLines({ results }: Pick<PassReport, "results">): readonly string[] {
  return results.map(
    ({ change, outcome }) =>
      `${change.place.name} ${change.operation} ${change.kind} ${change.key}: ${outcome.kind}` +
      (outcome.kind === "failed" ? ` ${outcome.code}` : ""),
  );
}

/** A promise's error, to look at; fails when there is none. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  const nothingWrong = Symbol("nothing wrong");
  const caught = await work.then(
    () => nothingWrong,
    (error: unknown) => error,
  );
  if (caught === nothingWrong) throw new Error("it was expected to fail");
  return caught;
}

function faulty(port: ClusterPort, faults: Faults, journal: string[]): ClusterPort {
  const { name } = port;
  return {
    name,
    list: async <K extends Kind>(kind: K, signal: AbortSignal): Promise<ReadList<KindObjects[K]>> => {
      await faults.list?.(name, kind);
      return port.list(kind, signal);
    },
    istioVersion: async (signal) => {
      faults.istioVersion?.(name);
      return port.istioVersion(signal);
    },
    apply: async (write, signal) => {
      await faults.write?.(name, "apply", write.key);
      await port.apply(write, signal);
    },
    remove: async (target, signal) => {
      await faults.write?.(name, "remove", target.key);
      await port.remove(target, signal);
    },
    writeStatus: async (update, signal) => {
      await faults.write?.(name, "status", update.key);
      await port.writeStatus(update, signal);
    },
    recordEvent: async (event, signal) => {
      await faults.write?.(name, "event", event.key);
      await port.recordEvent(event, signal);
      journal.push(`${name} event ${event.reason}`);
    },
    deniedRights: async (rights, signal) => (await faults.denied?.(name)) ?? port.deniedRights(rights, signal),
    serverTimeMs: async (signal) => {
      const timeMs = (await port.serverTimeMs(signal)) ?? 0;
      if (faults.clockAheadMs === undefined) return timeMs;
      const aheadMs = faults.clockAheadMs(name);
      return aheadMs === undefined ? undefined : timeMs + aheadMs;
    },
    close: async () => {},
  };
}

function journaled(store: MemoryStateStore, journal: string[]): StateStore {
  return {
    read: (name, id) => store.read(name, id),
    write: async (name, value, expected, id) => {
      const version = await store.write(name, value, expected, id);
      journal.push(`store ${id === undefined ? name : `${name}/${id}`}`);
      return version;
    },
    ids: (name) => store.ids(name),
    acquireLease: (name, holder, ttlMs) => store.acquireLease(name, holder, ttlMs),
  };
}

function nothing(): void {
  // Nobody is watching.
}

export async function marksOf({ store }: Given): Promise<Marks> {
  const found = await store.read("marks");
  return found.found === "value" ? found.value : { requests: [] };
}
