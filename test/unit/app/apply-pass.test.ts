/** The writing half of a pass, through the whole pass: what stands in clusters and store when it ends, or is cut off. */
import { describe, expect, it } from "vitest";
import { seal } from "../../../shared/adapters/storage/envelope.ts";
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import {
  ClusterUnreachableError,
  ObjectRefusedError,
  StoreConflictError,
  StoreUnavailableError,
} from "../../../shared/errors.ts";
import type { Listings } from "../../../shared/model/kinds.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { Since } from "../../../shared/model/state.ts";
import { foreignEndpoint } from "../../sim/world/bodies.ts";
import {
  configuredCluster,
  documentsOf,
  givenFleet,
  hostOf,
  keysIn,
  putRoute,
  resultLines,
  type Given,
} from "./given-fleet.ts";

const routes = Array.from({ length: 20 }, (_, index) => `r${String(index).padStart(2, "0")}`);

function apply(given: Given, ports: Partial<FleetPorts> = {}): Promise<PassReport> {
  return reconcileFleet({ ...given.ports, ...ports }, { mode: "apply" });
}

/** A fleet that is converged and remembered; one cluster of 20 routes. */
async function converged(options: Parameters<typeof givenFleet>[0] = {}): Promise<Given> {
  const given = givenFleet({ regions: { w1: "weu" }, routes, ...options });
  await apply(given);
  await given.clock.advance(75_000);
  await apply(given);
  given.journal.length = 0;
  return given;
}

/** Other hosts for these routes: the old ones stop resolving, which counts. */
function rename(given: Given, ...names: readonly string[]): void {
  for (const name of names) putRoute(given.server("w1"), name, { serviceName: `${name}-new` });
}

/** The fleet of w1 and n1 in which n1 retires. */
function retiringN1({ ports }: Given): FleetPorts["configuration"] {
  const clusters = [configuredCluster("w1"), configuredCluster("n1", { writes: "retiring" })];
  return { ...ports.configuration, clusters };
}

async function rememberedOf({ store }: Given, cluster: string): Promise<Listings | undefined> {
  const found = await store.read("last-good", cluster);
  return found.found === "value" ? found.value.listings : undefined;
}

async function sinceOf({ store }: Given): Promise<Since | undefined> {
  const found = await store.read("since");
  return found.found === "value" ? found.value : undefined;
}

async function spentIn(given: Given, scope: string): Promise<number> {
  const use = (await sinceOf(given))?.budgets[scope];
  return use?.spent.reduce((sum, { names }) => sum + names, 0) ?? 0;
}

/** Hosts that ExternalDNS would publish from w1 now. */
function published(given: Given): readonly string[] {
  return given
    .server("w1")
    .list("DNSEndpoint")
    .objects.flatMap(({ spec }) => spec.endpoints.map(({ dnsName }) => dnsName));
}

const foreign = foreignEndpoint("shop", "theirs", { region: "neu", dnsName: "x.example.com", target: "y.example.com" });

/** Six passes with n1 retiring. @param between what a person does after each. */
async function retire(given: Given, between: (given: Given, report: PassReport) => Promise<void>) {
  const clusters = [configuredCluster("w1"), configuredCluster("n1", { writes: "retiring" })];
  const configuration = { ...given.ports.configuration, clusters };
  for (let pass = 0; pass < 6; pass += 1) {
    await between(given, await apply(given, { configuration }));
    await given.clock.advance(75_000);
  }
  return configuration;
}

async function approveAll({ store, clock }: Given, { plan }: PassReport): Promise<void> {
  const approvals = plan.held.map(({ digest, scope }) => ({
    digest,
    scope,
    by: "sre",
    verified: true,
    reason: "",
    atMs: clock.nowMs(),
  }));
  const found = await store.read("approvals");
  await store.write("approvals", { approvals }, found.found === "value" ? found.version : "absent");
}

/** The process dies in the first write to a cluster that comes to the key; nothing after it happens. */
async function dieAt(given: Given, key: string): Promise<void> {
  const died = Promise.withResolvers<void>();
  const never = new Promise<void>(() => {});
  given.faults.write = (_cluster, _what, written) => {
    if (written !== key) return undefined;
    died.resolve();
    return never;
  };
  void apply(given);
  await died.promise;
  delete given.faults.write;
  // Its lease runs out; another process comes.
  await given.clock.advance(61_000);
}

describe("applyPass and budgets", () => {
  it("pays before the first change, so that a crash cannot spend the same budget twice", async () => {
    const given = await converged({ configuration: { budgets: { share: 1, fromNames: 10, names: 4 } } });
    rename(given, "r00", "r01", "r02");
    await dieAt(given, "shop/r00-external-dns-weu");
    expect(await spentIn(given, "cluster/w1")).toBe(3);
    // Three more would be six in an hour: more than four.
    rename(given, "r03", "r04", "r05");
    const report = await apply(given, { store: given.store.reopen() });
    expect(report.plan.held.map(({ code, scope }) => `${code} ${scope}`)).toContain("BudgetExceeded cluster/w1");
    expect(published(given)).toContain(hostOf("w1", "r03"));
  });

  it("records nothing twice when the pass ends as planned", async () => {
    const given = await converged();
    rename(given, "r00", "r01");
    await apply(given);
    expect([await spentIn(given, "cluster/w1"), await spentIn(given, "zone/weu")]).toEqual([2, 2]);
  });

  it("gives back what was paid for changes that failed", async () => {
    const given = await converged();
    rename(given, "r00", "r01");
    given.faults.write = (_cluster, what, key) => {
      if (what === "apply" && key === "shop/r00-external-dns-weu") throw new TypeError("no");
    };
    await apply(given);
    expect(await spentIn(given, "zone/weu")).toBe(1);
  });

  it.each([
    ["somebody else was faster", new StoreConflictError("since"), "STORE_CONFLICT"],
    ["the store cannot be used", new StoreUnavailableError("503"), "STORE_UNAVAILABLE"],
  ])(
    "takes no name away when it cannot be paid for because %s, and goes on with the rest",
    async (_why, error, code) => {
      const given = await converged();
      rename(given, "r00");
      putRoute(given.server("w1"), "added");
      const { store } = given.ports;
      const broken: FleetPorts["store"] = {
        ...store,
        write: (name, ...rest) => (name === "since" ? Promise.reject(error) : store.write(name, ...rest)),
      };
      const report = await apply(given, { store: broken });
      expect(resultLines(report)).toContain(`w1 update DNSEndpoint shop/r00-external-dns-weu: failed ${code}`);
      expect([
        published(given).includes(hostOf("w1", "r00")),
        published(given).includes(hostOf("w1", "added")),
      ]).toEqual([true, true]);
    },
  );

  it("takes no name away while since belongs to a newer version: its budget use is not known", async () => {
    const given = await converged();
    const path = "since.json";
    const newer = Buffer.from(JSON.stringify({ schema: 99, document: {} }));
    given.store.files.set(path, newer);
    rename(given, "r00");
    putRoute(given.server("w1"), "added");
    const report = await apply(given, { store: given.store.reopen() });
    expect(resultLines(report)).toContain("w1 update DNSEndpoint shop/r00-external-dns-weu: failed STORE_NEWER_SCHEMA");
    expect(published(given)).toContain(hostOf("w1", "added"));
    expect(given.store.files.get(path)).toBe(newer);
  });
});

describe("applyPass and memory", () => {
  it("writes the order, then changes, statuses, since, last-good, and events last", async () => {
    const given = givenFleet({ regions: { w1: "weu" } });
    await apply(given);
    const parts = given.journal.map((line) => {
      if (line.startsWith("store")) return line;
      return line.startsWith("w1 event") ? "event" : line.startsWith("w1 status") ? "status" : "change";
    });
    expect(parts.filter((part, index) => part !== parts[index - 1])).toEqual([
      "store order",
      "change",
      "status",
      "store last-good/w1",
      "event",
    ]);
  });

  it("remembers a handover before the read that would make it look finished", async () => {
    const given = givenFleet({ regions: { w1: "weu", w2: "weu" }, routes: [] });
    for (const name of ["w1", "w2"]) putRoute(given.server(name), "api", { environment: "prod" });
    await apply(given);
    putRoute(given.server("w1"), "api", { environment: "test" });
    await apply(given);
    given.journal.length = 0;
    // This read is the first without the name in w1.
    await apply(given);
    const order = given.journal.filter((line) => line.startsWith("store"));
    expect(order.indexOf("store since")).toBeLessThan(order.indexOf("store last-good/w1"));
    expect(Object.keys((await sinceOf(given))?.handovers ?? {})).toHaveLength(1);
  });

  it("does not make today's read the last good one when since could not be written", async () => {
    const given = givenFleet({ regions: { w1: "weu", w2: "weu" }, routes: [] });
    for (const name of ["w1", "w2"]) putRoute(given.server(name), "api", { environment: "prod" });
    await apply(given);
    putRoute(given.server("w1"), "api", { environment: "test" });
    await apply(given);
    const before = documentsOf(given.store);
    const { store } = given.ports;
    const broken: FleetPorts["store"] = {
      ...store,
      write: (name, ...rest) =>
        name === "since" ? Promise.reject(new StoreConflictError("since")) : store.write(name, ...rest),
    };
    await apply(given, { store: broken });
    expect(documentsOf(given.store)).toEqual(before);
    expect(given.warnings).toContain("the state store was not written");
  });

  it("writes last-good only when the read differs", async () => {
    const given = await converged();
    await apply(given);
    expect(given.journal.filter((line) => line.startsWith("store"))).toEqual([]);
  });

  it("keeps the last good read of a cluster that is not read now", async () => {
    const given = await converged();
    const before = documentsOf(given.store);
    given.faults.list = () => {
      throw new TypeError("no");
    };
    const report = await apply(given);
    expect([report.clusters[0]?.standing.kind, report.plan.changes]).toEqual(["frozen", []]);
    expect(documentsOf(given.store)).toEqual(before);
  });

  it("leaves memory and statuses untouched when placement moved during the pass", async () => {
    const given = await converged();
    putRoute(given.server("w1"), "added");
    // Placement was moved after this pass had read it.
    const { store } = given.ports;
    let reads = 0;
    const moved: FleetPorts["store"] = {
      ...store,
      read: async (name, id) => {
        if (name === "placement" && (reads += 1) === 2)
          await store.write("placement", { revision: 1, entries: [] }, "absent");
        return store.read(name, id);
      },
    };
    const before = documentsOf(given.store);
    const report = await apply(given, { store: moved });
    expect(report.ended).toMatchObject({ kind: "stopped", code: "PLACEMENT_MOVED" });
    const { "placement.json": _placement, ...after } = documentsOf(given.store);
    expect([after, report.statuses, given.journal]).toEqual([before, [], ["store placement"]]);
  });

  it("leaves memory to the next holder when the lease is lost while statuses are written", async () => {
    const given = await converged();
    putRoute(given.server("w1"), "added");
    const before = documentsOf(given.store);
    given.faults.write = async (_cluster, what) => {
      if (what !== "status") return;
      given.store.loseLease("reconcile");
      await given.clock.advance(61_000);
    };
    const report = await apply(given);
    expect(report.ended).toEqual({
      kind: "stopped",
      code: "LEASE_LOST",
      reason: "the lease was lost; another pass goes on",
    });
    expect(documentsOf(given.store)).toEqual(before);
  });

  it("keeps what was done when it was interrupted, and says so", async () => {
    const given = await converged();
    putRoute(given.server("w1"), "added");
    const caller = new AbortController();
    given.faults.write = () => caller.abort();
    const report = await reconcileFleet(given.ports, { mode: "apply", signal: caller.signal });
    expect(report.ended).toMatchObject({ kind: "stopped", code: "INTERRUPTED" });
    const again = await apply(given);
    expect(again.ended.kind).toBe("complete");
    expect(published(given)).toContain(hostOf("w1", "added"));
  });

  it.each<[string, (given: Given) => void]>([
    ["", () => {}],
    [" whatever others publish there", (given) => given.server("n1").put("DNSEndpoint", foreign, "somebody")],
  ])("empties what it remembers of a retired cluster%s, so that its entry may go", async (_what, furnish) => {
    const given = givenFleet();
    furnish(given);
    await apply(given);
    const retiring = await retire(given, approveAll);
    expect(await given.store.read("last-good", "n1")).toMatchObject({ found: "value", value: { listings: {} } });
    const report = await apply(given, { configuration: { ...retiring, clusters: [configuredCluster("w1")] } });
    expect(report.clusters.map(({ cluster }) => cluster)).toEqual(["w1"]);
  });

  it("empties what it remembers of a retiring cluster that cannot be read: it is gone by a person's word", async () => {
    const given = givenFleet();
    await apply(given);
    given.faults.list = (cluster) => {
      if (cluster === "n1") throw new ClusterUnreachableError("n1", "timeout");
    };
    await apply(given, { configuration: retiringN1(given) });
    expect(await rememberedOf(given, "n1")).toEqual({});
  });

  it("goes on remembering what a retiring cluster publishes until that is withdrawn", async () => {
    const given = givenFleet();
    await apply(given);
    given.faults.write = (cluster, what) => {
      if (cluster === "n1" && what === "remove") throw new ObjectRefusedError("cluster/n1", "", "a policy");
    };
    await apply(given, { configuration: retiringN1(given) });
    const listing = (await rememberedOf(given, "n1"))?.DNSEndpoint;
    const keys = listing?.read === "complete" ? listing.objects.map(({ meta }) => meta.name) : [];
    expect(keys).toContain("cart-external-dns-neu");
  });

  it("goes on remembering a retiring cluster while its withdrawals are held", async () => {
    const given = givenFleet({ routes });
    await apply(given);
    await retire(given, async () => {});
    expect(keysIn(given.server("n1"), "DNSEndpoint")).not.toEqual([]);
    expect(await given.store.read("last-good", "n1")).toMatchObject({
      found: "value",
      value: { listings: { DNSEndpoint: { read: "complete" } } },
    });
  });

  it("is left as it is by a pass with every family switched off, which changes and doubts nothing", async () => {
    const given = await converged({ regions: { w1: "weu", w2: "weu" } });
    const before = documentsOf(given.store);
    const objects = published(given);
    const off = { ...given.ports.configuration, families: { serviceRouting: false } };
    const report = await apply(given, { configuration: off });
    expect([documentsOf(given.store), published(given), given.journal]).toEqual([before, objects, []]);
    expect([report.ended.kind, report.plan.held, report.plan.changes]).toEqual(["complete", [], []]);
    expect(report.clusters.map(({ standing, writes }) => [standing.kind, writes.kind])).toEqual([
      ["complete", "observed"],
      ["complete", "observed"],
    ]);
    expect(report.notes).toEqual([expect.stringMatching(/^families.serviceRouting is false: nothing is read/)]);
    const on = await apply(given);
    expect([on.plan.changes, on.plan.held, documentsOf(given.store)]).toEqual([[], [], before]);
  });

  it.each([
    ["since", "since.json"],
    ["order", "order.json"],
    ["approvals", "approvals.json"],
    ["last-good/w1", "last-good/w1.json.gz"],
  ])("writes %s again when it is damaged, so that only one pass notes it", async (document, path) => {
    for (const text of ["x", "", "{ half a docu"]) {
      const given = await converged();
      if (document === "approvals") await given.store.write("approvals", { approvals: [] }, "absent");
      const before = documentsOf(given.store);
      given.store.files.set(path, Buffer.from(text));
      const first = await apply(given, { store: given.store.reopen() });
      expect([first.plan.changes, first.notes]).toEqual([
        [],
        [expect.stringMatching(new RegExp(`^${document} cannot be read .* counts as lost and is written again`))],
      ]);
      if (document !== "since") expect(documentsOf(given.store)).toEqual(before);
      const second = await apply(given, { store: given.store.reopen() });
      expect([second.notes, second.plan.held, second.plan.changes]).toEqual([[], [], []]);
    }
  });

  it("keeps a last good read of a newer schema, and still writes those of the other clusters", async () => {
    const given = givenFleet({ regions: { w1: "weu", w2: "weu" } });
    await apply(given);
    const newer = Buffer.from(seal(99, {}, true));
    given.store.files.set("last-good/w1.json.gz", newer);
    putRoute(given.server("w2"), "added");
    const before = given.store.files.get("last-good/w2.json.gz");
    await apply(given, { store: given.store.reopen() });
    expect(given.store.files.get("last-good/w1.json.gz")).toBe(newer);
    expect(given.store.files.get("last-good/w2.json.gz") === before).toBe(false);
  });

  it.each([
    ["order", "order.json"],
    ["since", "since.json"],
    ["the last good read of one cluster", "last-good/w1.json.gz"],
  ])("says that it is not complete when %s cannot be written, and stores what can be", async (_what, path) => {
    const given = givenFleet({
      regions: { w1: "weu", w2: "weu" },
      routes: [],
      storeFaults: { write: (_nth, written) => (full && written === path ? "fail" : undefined) },
    });
    let full = false;
    for (const name of ["w1", "w2"]) putRoute(given.server(name), "api", { environment: "prod" });
    if (path === "since.json") {
      await apply(given);
      putRoute(given.server("w1"), "api", { environment: "test" });
      await apply(given);
    }
    full = true;
    const report = await apply(given);
    expect(report.ended).toMatchObject({ kind: "stopped", code: "STORE_UNAVAILABLE" });
    expect(report.notes).toEqual([expect.stringMatching(/^the state store was not written \(STORE_UNAVAILABLE\): /)]);
    if (path !== "since.json") expect(documentsOf(given.store)).toHaveProperty(["last-good/w2.json.gz"]);
    full = false;
    const again = await apply(given);
    expect([again.ended.kind, again.notes]).toEqual(["complete", []]);
    expect(documentsOf(given.store)).toHaveProperty([path]);
  });

  it("lost altogether is noted once, where something of ours is published already", async () => {
    const given = await converged();
    expect((await apply(given)).notes).toEqual([]);
    given.store.files.clear();
    const first = await apply(given, { store: given.store.reopen() });
    expect(first.notes).toEqual([
      expect.stringMatching(/^the state store holds nothing: .* have 21 DNSEndpoints of ours/),
    ]);
    expect([first.plan.changes, first.plan.held]).toEqual([[], []]);
    expect((await apply(given, { store: given.store.reopen() })).notes).toEqual([]);
  });

  it("lost while a cluster was emptied takes no name away: the cluster may be rebuilt, not retired", async () => {
    const given = await converged();
    const names = published(given);
    given.store.files.clear();
    for (const name of routes) {
      given.server("w1").delete("ServiceRoute", `shop/${name}`, { writer: { manager: "kubectl" } });
    }
    for (let pass = 0; pass < 4; pass += 1) {
      const report = await apply(given, { store: given.store.reopen() });
      expect([report.plan.changes, report.plan.held.map(({ code, scope }) => `${code} ${scope}`)]).toEqual([
        [],
        ["ShrunkRead read/w1"],
      ]);
      await given.clock.advance(300_000);
    }
    expect(published(given)).toEqual(names);
  });
});
