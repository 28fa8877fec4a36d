/**
 * The checkers bite: deliberate faults between the product and its ports must each break the rule they are about. Every
 * fault stands for a way in which the product could be wrong; some seeds show it, and some must.
 */
import { describe, expect, it } from "vitest";
import { IncompleteListError } from "../../shared/errors.ts";
import type { FleetPorts } from "../../shared/app/fleet-ports.ts";
import type { Json, JsonObject } from "../../shared/model/json.ts";
import type { Kind, KindObjects } from "../../shared/model/kinds.ts";
import type { Since } from "../../shared/model/state.ts";
import type { RecordSet } from "../../shared/model/zone-records.ts";
import type { ClusterPort, Lease, ReadList, ZonePort } from "../../shared/ports.ts";
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
  readonly spec: object;
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

type Records = readonly RecordSet[];

type ZoneList = {
  readonly port: ZonePort;
  /** In the order of zones, a label of its own for each. */
  readonly zone: string;
  readonly region: string;
  /** The list as it is, or its failure. */
  readonly read: () => Promise<Records>;
};

/** Zones that answer otherwise. */
function spoilZones(ports: FleetPorts, list: (asked: ZoneList) => Promise<Records>): FleetPorts {
  return {
    ...ports,
    zones: {
      ...ports.zones,
      open: async (zone) => {
        const port = await ports.zones.open(zone);
        const region = ports.configuration.regions.find(({ zones }) => zones.includes(zone))?.name ?? "";
        const read = (signal: AbortSignal) => () => port.list(signal);
        return {
          ...port,
          list: (signal) => list({ port, region, zone: `${region} ${zone.zone}`, read: read(signal) }),
        };
      },
    },
  };
}

/** What a product remembers of zones that should not: it lives as long as the world of one seed. */
const remembered = new WeakMap<object, Map<string, Records>>();

function memoryOf({ configuration }: FleetPorts): Map<string, Records> {
  const known = remembered.get(configuration.regions) ?? new Map<string, Records>();
  remembered.set(configuration.regions, known);
  return known;
}

/** Takes a zone that cannot be read for empty. */
const believeNoZone: Sabotage = (ports) => spoilZones(ports, ({ read }) => read().catch(() => []));

/** Believes the pages that came before one failed. */
const readHalfAZone: Sabotage = (ports) =>
  spoilZones(ports, async ({ read }) => {
    const records = await read();
    return records.slice(0, Math.ceil(records.length / 2));
  });

/** Does not look at the ownership TXTs of others. */
const ownEveryRecord: Sabotage = (ports) =>
  spoilZones(ports, async ({ region, read }) =>
    (await read()).map((set) => ({
      ...set,
      values: set.values.map((value) =>
        value.replace(/owner=(?:external-dns-old|external-dns-test)/, `owner=external-dns-${region}`),
      ),
    })),
  );

const seeNoOwnership: Sabotage = (ports) =>
  spoilZones(ports, async ({ read }) => (await read()).filter(({ type }) => type !== "TXT"));

/** Goes on with the first list that it got of a zone. */
const readZonesOnce: Sabotage = (ports) => {
  const memory = memoryOf(ports);
  return spoilZones(ports, async ({ zone, read }) => {
    const records = memory.get(zone) ?? (await read());
    memory.set(zone, records);
    return records;
  });
};

/** Sees records come and go, but not that one leads elsewhere by now. */
const overlookTargets: Sabotage = (ports) => {
  const memory = memoryOf(ports);
  return spoilZones(ports, async ({ zone, read }) => {
    const before = new Map((memory.get(zone) ?? []).map((set) => [`${set.type} ${set.name}`, set]));
    const records = (await read()).map((set) =>
      set.type === "TXT" ? set : (before.get(`${set.type} ${set.name}`) ?? set),
    );
    memory.set(zone, records);
    return records;
  });
};

/** Repairs what it finds in the middle of a pass. */
const repairZones: Sabotage = (ports) =>
  spoilZones(ports, async ({ port, read }) => {
    const records = await read();
    const address = records.find(({ type }) => type === "A");
    if (address === undefined) return records;
    const { name, ttlSeconds, values, etag } = address;
    const write = { name, type: "A" as const, ttlSeconds, values, metadata: { repaired: "yes" }, expected: { etag } };
    await port.put(write, AbortSignal.timeout(1_000)).catch(() => {});
    return records;
  });

/** Takes records away where it could not read the zone: what is not verified is not wanted. */
const withdrawInTheDark: Sabotage = (ports) => {
  let isDark = false;
  const watched = spoilZones(ports, ({ read }) =>
    read().catch((failure: unknown) => {
      isDark = true;
      throw failure;
    }),
  );
  return spoil(watched, {
    list: async (port, kind, signal) => {
      const list = await listOf(port, kind, signal);
      // Zones are read beside the clusters: whoever is asked last knows.
      return kind === "ServiceRoute" && isDark ? mapObjects(list, (route) => routeElsewhere(route)) : list;
    },
  });
};

function routeElsewhere(route: Listed): Listed {
  return { ...route, spec: { ...route.spec, ttlSeconds: 77 } };
}

/** Never forgets what was once wrong with a name. */
const neverForget: Sabotage = (ports) => ({
  ...ports,
  store: {
    ...ports.store,
    write: async (name, value, expected, id) => {
      if (name !== "since") return ports.store.write(name, value, expected, id);
      const before = await ports.store.read("since");
      const records = before.found === "value" ? before.value.records : {};
      const kept = { ...value, records: { ...records, ...(value as Since).records } };
      return ports.store.write(name, kept, expected, id);
    },
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
    ["takes a zone that it could not read for empty", believeNoZone, "3 unread zones"],
    ["believes half a zone", readHalfAZone, "14 zones as they are"],
    ["takes the records of others for its own", ownEveryRecord, "14 zones as they are"],
    ["looks at no ownership", seeNoOwnership, "14 zones as they are"],
    ["reads a zone once and for all", readZonesOnce, "14 zones as they are"],
    ["overlooks where a record leads", overlookTargets, "14 zones as they are"],
    ["never forgets what was wrong with a name", neverForget, "14 zones as they are"],
    ["writes a zone in a pass", repairZones, "9 places that are not written"],
    ["changes what it publishes where it reads no zone", withdrawInTheDark, "8 unknown moves nothing"],
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
