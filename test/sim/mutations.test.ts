/**
 * The checkers bite: deliberate faults between the product and its ports must each break the rule they are about. Every
 * fault stands for a way in which the product could be wrong; some seeds show it, and some must.
 */
import { describe, expect, it } from "vitest";
import { IncompleteListError } from "../../shared/errors.ts";
import type { FleetPorts } from "../../shared/app/fleet-ports.ts";
import type { Json, JsonObject } from "../../shared/model/json.ts";
import type { Kind, KindObjects } from "../../shared/model/kinds.ts";
import type { ClusterPort, Lease, ReadList } from "../../shared/ports.ts";
import type { Sabotage } from "./app/site.ts";
import { secretToken } from "./app/faulty-cluster.ts";
import { runSeed, type SeedOptions } from "./run-seed.ts";

type AnyList = ReadList<KindObjects[Kind]>;
type Spoiling = {
  readonly list?: (port: ClusterPort, kind: Kind, signal: AbortSignal) => Promise<AnyList>;
  readonly apply?: (port: ClusterPort, ...call: Parameters<ClusterPort["apply"]>) => Promise<void>;
  readonly remove?: (port: ClusterPort, ...call: Parameters<ClusterPort["remove"]>) => Promise<void>;
};

/** Ports whose clusters answer otherwise. */
function spoil(ports: FleetPorts, { list, apply, remove }: Spoiling): FleetPorts {
  const spoiled = (port: ClusterPort): ClusterPort => ({
    ...port,
    ...(list === undefined ? {} : { list: ((kind, signal) => list(port, kind, signal)) as ClusterPort["list"] }),
    ...(apply === undefined ? {} : { apply: (write, signal) => apply(port, write, signal) }),
    ...(remove === undefined ? {} : { remove: (target, signal) => remove(port, target, signal) }),
  });
  return {
    ...ports,
    clusters: { ...ports.clusters, open: async (cluster) => spoiled(await ports.clusters.open(cluster)) },
  };
}

async function listOf(port: ClusterPort, kind: Kind, signal: AbortSignal): Promise<AnyList> {
  return port.list(kind, signal);
}

type Listed = {
  readonly meta: { readonly name: string; readonly labels: object; readonly managers: readonly string[] };
};

/** Objects of a list changed one by one; undefined leaves one out. */
function mapObjects(list: AnyList, change: (object: Listed) => Listed | undefined): AnyList {
  const objects = (list.objects as readonly Listed[]).flatMap((object) => change(object) ?? []);
  return { ...list, objects } as unknown as AnyList;
}

const empty: AnyList = { objects: [], rejected: [] };

/** Takes what cannot be read for empty. */
const ignoreCompleteness: Sabotage = (ports) =>
  spoil(ports, { list: (port, kind, signal) => listOf(port, kind, signal).catch(() => empty) });

/** Sees its marker on everything. */
const ownEverything: Sabotage = (ports) =>
  spoil(ports, {
    list: async (port, kind, signal) => {
      const list = await listOf(port, kind, signal);
      if (kind !== "DNSEndpoint" && kind !== "IstioGateway") return list;
      const marker = { "app.kubernetes.io/managed-by": "service-router-operator" };
      return mapObjects(list, ({ meta, ...rest }) => ({
        ...rest,
        meta: { ...meta, labels: { ...meta.labels, ...marker } },
      }));
    },
  });

/** Does not see what other publishers have: every list of DNSEndpoints but one cluster's is empty. */
const publishWithoutWithdrawing: Sabotage = (ports) =>
  spoil(ports, {
    list: (port, kind, signal) =>
      kind === "DNSEndpoint" ? listOf(port, kind, signal).then(() => empty) : listOf(port, kind, signal),
    remove: async () => {},
  });

/** Loses one route of each list. */
const loseRoutes: Sabotage = (ports) =>
  spoil(ports, {
    list: async (port, kind, signal) => {
      const list = await listOf(port, kind, signal);
      return kind === "ServiceRoute"
        ? mapObjects(list, (route) => (route.meta.name.startsWith("api") ? undefined : route))
        : list;
    },
  });

/** One object that does not parse costs the whole list. */
const stopAtBadObjects: Sabotage = (ports) =>
  spoil(ports, {
    list: async (port, kind, signal) => {
      const list = await listOf(port, kind, signal);
      return list.rejected.length === 0 ? list : empty;
    },
  });

const withoutBudgets: Sabotage = (ports) => ({
  ...ports,
  configuration: { ...ports.configuration, budgets: { share: 1, fromNames: 1_000_000, names: 1_000_000 } },
});

const writeEverywhere: Sabotage = (ports) => ({
  ...ports,
  configuration: {
    ...ports.configuration,
    clusters: ports.configuration.clusters.map((cluster) => ({ ...cluster, writes: "apply" as const })),
  },
});

/** Thinks that its lease never ends, and that nobody else has one. */
const ignoreLeases: Sabotage = (ports) => ({
  ...ports,
  store: {
    ...ports.store,
    acquireLease: async (name, holder, ttlMs): Promise<Lease> => {
      const lease = await ports.store.acquireLease(name, holder, ttlMs);
      return { ...lease, expiresAtMonotonicMs: Infinity, renew: async () => {}, release: () => lease.release() };
    },
  },
});

const logSecrets: Sabotage = (ports) => ({
  ...ports,
  telemetry: {
    ...ports.telemetry,
    warn: (message, fields) => ports.telemetry.warn(`${message} ${secretToken}`, fields),
  },
});

/** Never recognises what it wrote: every pass writes it again. */
const forgetWhatItWrote: Sabotage = (ports) => {
  let writes = 0;
  return spoil(ports, {
    apply: (port, write, signal) => {
      writes += 1;
      return port.apply(
        { ...write, body: withAnnotation(write.body, "router.io/write", `${ports.clock.nowMs()}-${writes}`) },
        signal,
      );
    },
    list: async (port, kind, signal) => {
      const list = await listOf(port, kind, signal);
      return kind === "DNSEndpoint"
        ? mapObjects(list, ({ meta, ...rest }) => ({
            ...rest,
            meta: {
              ...meta,
              labels: {
                ...meta.labels,
                app: "forgotten",
              },
            },
          }))
        : list;
    },
  });
};

/** Leaves the name of the process in what it writes: who dies in between shows for ever. */
const signWithItsName =
  (process: string): ((ports: FleetPorts) => FleetPorts) =>
  (ports) =>
    spoil(ports, {
      apply: (port, write, signal) =>
        port.apply({ ...write, body: withAnnotation(write.body, "router.io/by", process.replace(/\W.*/, "")) }, signal),
    });

const tossCoins: Sabotage = (ports) =>
  spoil(ports, {
    list: (port, kind, signal) =>
      Math.random() < 0.05
        ? Promise.reject(new IncompleteListError(port.name, kind, "an unlucky moment"))
        : listOf(port, kind, signal),
  });

function withAnnotation(body: JsonObject, name: string, value: string): JsonObject {
  const metadata = body["metadata"] as Readonly<Record<string, Json>>;
  const annotations = metadata["annotations"] as JsonObject | undefined;
  return { ...body, metadata: { ...metadata, annotations: { ...annotations, [name]: value } } };
}

/** Rules broken by any of some seeds. Seeds are few: a fault that hardly ever shows would not be a test. */
async function brokenBy(
  sabotage: Sabotage,
  options: SeedOptions & { readonly seeds?: number } = {},
): Promise<ReadonlySet<string>> {
  const { seeds = 12, ...rest } = options;
  const rules = new Set<string>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { violations } = await runSeed(seed, { twice: false, sabotage, ...rest });
    for (const { rule } of violations) rules.add(rule);
  }
  return rules;
}

describe("runSeed", () => {
  it.each<readonly [string, Sabotage, string]>([
    ["takes what it could not read for empty", ignoreCompleteness, "3 incomplete reads"],
    ["takes everything for its own", ownEverything, "6 foreign objects"],
    ["publishes without withdrawing elsewhere", publishWithoutWithdrawing, "4 one publisher"],
    ["loses a route from its lists", loseRoutes, "5 last record"],
    ["gives up a list because of one object", stopAtBadObjects, "7 bad resource isolation"],
    ["decides by chance", tossCoins, "1 determinism"],
    ["spends without a budget", withoutBudgets, "9 budgets"],
    ["writes where it should only look", writeEverywhere, "9 places that are not written"],
    ["goes on without its lease", ignoreLeases, "11 stale run"],
    ["logs a credential", logSecrets, "13 no secrets"],
    ["writes again what it wrote", forgetWhatItWrote, "2 settles"],
  ])("finds a product that %s", async (_fault, sabotage, rule) => {
    // Two runs have to meet within one lease for a stale run to show: that takes more worlds.
    const options = rule.startsWith("1 ") ? { twice: true } : rule.startsWith("11 ") ? { seeds: 60 } : {};
    expect([...(await brokenBy(sabotage, options))]).toContain(rule);
  });

  it("finds a product whose end depends on who died", async () => {
    const sabotage: Sabotage = (ports, process) => signWithItsName(process)(ports);
    expect([...(await brokenBy(sabotage))]).toContain("10 kill and resume");
  });
});
