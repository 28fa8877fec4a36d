import { describe, expect, it } from "vitest";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import { AzureUnavailableError, LeaseHeldError, StoreUnavailableError } from "../../../shared/errors.ts";
import { configuredCluster, documentsOf, errorOf, givenFleet, keysIn, putRoute, resultLines } from "./given-fleet.ts";

const discovery = [
  { subscription: "s", tag: "fleet", value: "prod", writes: "apply", gatewayNamespace: "istio-system" },
] as const;

describe("reconcileFleet", () => {
  it("publishes a fleet in one pass and has nothing left to do in the next", async () => {
    const given = givenFleet();
    const first = await reconcileFleet(given.ports, { mode: "apply" });
    expect([first.ended.kind, new Set(first.results.map(({ outcome }) => outcome.kind))]).toEqual([
      "complete",
      new Set(["done"]),
    ]);
    expect(keysIn(given.server("w1"), "DNSEndpoint")).toContain("shop/cart-external-dns-weu");
    await given.clock.advance(75_000);
    const second = await reconcileFleet(given.ports, { mode: "apply" });
    expect([second.plan.changes, second.plan.held, second.statuses]).toEqual([[], [], []]);
  });

  it("says how many Events it recorded, not how many it tried", async () => {
    const given = givenFleet();
    expect((await reconcileFleet(given.ports, { mode: "preview" })).events).toBe(0);
    let tried = 0;
    given.faults.write = (_cluster, what) => {
      if (what === "event" && (tried += 1) === 1) throw new TypeError("no");
    };
    const { events } = await reconcileFleet(given.ports, { mode: "apply" });
    const recorded = given.journal.filter((line) => line.includes(" event "));
    expect([events, tried]).toEqual([recorded.length, recorded.length + 1]);
    expect(events).toBeGreaterThan(0);
  });

  it("of a preview writes nothing, anywhere, and takes no lease", async () => {
    const given = givenFleet();
    const report = await reconcileFleet(given.ports, { mode: "preview" });
    expect(report.plan.changes.length).toBeGreaterThan(0);
    expect([report.results, report.statuses]).toEqual([[], []]);
    expect(report.statusesDue).toBeGreaterThan(0);
    expect([given.journal, [...given.store.files.keys()]]).toEqual([[], []]);
  });

  it("of a preview leaves the memory of an earlier pass as it is, also while another pass runs", async () => {
    const given = givenFleet();
    await reconcileFleet(given.ports, { mode: "apply" });
    const before = new Map(given.store.files);
    const lease = await given.store.reopen().acquireLease("reconcile", "another pass", 60_000);
    const held = new Map(given.store.files);
    given.server("w1").delete("ServiceRoute", "shop/cart", { writer: { manager: "kubectl" } });
    const report = await reconcileFleet(given.ports, { mode: "preview" });
    expect(report.plan.changes.length + report.plan.waiting.length).toBeGreaterThan(0);
    expect(new Map(given.store.files)).toEqual(held);
    expect(documentsOf(given.store)).toEqual(
      Object.fromEntries(
        [...before]
          .filter(([path]) => !path.startsWith("leases/"))
          .map(([path, bytes]) => [path, Buffer.from(bytes).toString("base64")]),
      ),
    );
    await lease.release();
  });

  it("names routes and gateways one by one in a preview only", async () => {
    const given = givenFleet();
    const preview = await reconcileFleet(given.ports, { mode: "preview" });
    const applied = await reconcileFleet(given.ports, { mode: "apply" });
    expect([preview.routes.length, preview.gateways.length]).toEqual([2, 2]);
    expect([applied.routes, applied.gateways]).toEqual([[], []]);
  });

  it("gives way to another holder and changes nothing", async () => {
    const given = givenFleet();
    await given.store.reopen().acquireLease("reconcile", "another pass", 60_000);
    const error = await errorOf(reconcileFleet(given.ports, { mode: "apply" }));
    expect(error).toBeInstanceOf(LeaseHeldError);
    expect(given.journal).toEqual([]);
  });

  it("waits for another holder as long as it is told to", async () => {
    const given = givenFleet();
    await given.store.reopen().acquireLease("reconcile", "another pass", 60_000);
    const report = await reconcileFleet(given.ports, { mode: "apply", waitForLeaseMs: 70_000 });
    expect(report.ended.kind).toBe("complete");
  });

  it("gives the lease back, also when the pass fails", async () => {
    const given = givenFleet({ storeFaults: { read: (nth) => (nth === 1 ? "fail" : undefined) } });
    expect(await errorOf(reconcileFleet(given.ports, { mode: "apply" }))).toBeInstanceOf(StoreUnavailableError);
    const report = await reconcileFleet(given.ports, { mode: "apply" });
    expect(report.ended.kind).toBe("complete");
  });

  it("answers its report also when the lease cannot be given back", async () => {
    const given = givenFleet();
    const { store } = given.ports;
    const ports = {
      ...given.ports,
      store: {
        ...store,
        acquireLease: async (...args: Parameters<typeof store.acquireLease>) => {
          const lease = await store.acquireLease(...args);
          const release = () => Promise.reject(new StoreUnavailableError("no answer"));
          return {
            name: lease.name,
            fencingToken: lease.fencingToken,
            expiresAtMonotonicMs: lease.expiresAtMonotonicMs,
            renew: () => lease.renew(),
            release,
          };
        },
      },
    };
    const report = await reconcileFleet(ports, { mode: "apply" });
    expect(report.ended.kind).toBe("complete");
    expect(given.warnings).toContain("the lease was not given back; it ends by itself");
  });

  it("notes a discovery that failed and goes on with the rest", async () => {
    const given = givenFleet({ configuration: { discovery } });
    given.faults.discover = () => Promise.reject(new AzureUnavailableError("503"));
    const report = await reconcileFleet(given.ports, { mode: "apply" });
    expect(report.notes).toEqual([expect.stringMatching(/^discovery by tag fleet=prod failed .*unreachable$/)]);
    expect(report.clusters.map(({ cluster, standing }) => `${cluster} ${standing.kind}`)).toEqual([
      "n1 complete",
      "w1 complete",
    ]);
  });

  it("notes that no region can be checked where the configuration names none", async () => {
    const { ports } = givenFleet({ configuration: { regions: [] } });
    const { notes, plan } = await reconcileFleet(ports, { mode: "preview" });
    expect(notes).toEqual([expect.stringMatching(/^regions of the fleet configuration is empty: /)]);
    expect(plan.changes.length).toBeGreaterThan(0);
  });

  it("counts a cluster that discovery no longer finds as unreachable, and keeps what the fleet believes of it", async () => {
    const given = givenFleet({ configuration: { clusters: [configuredCluster("w1")], discovery } });
    given.faults.discover = () => Promise.resolve([configuredCluster("n1")]);
    await reconcileFleet(given.ports, { mode: "apply" });
    given.faults.discover = () => Promise.reject(new AzureUnavailableError("503"));
    const report = await reconcileFleet(given.ports, { mode: "apply" });
    const missing = report.clusters.find(({ cluster }) => cluster === "n1");
    expect(missing?.standing).toMatchObject({ kind: "frozen", code: "NotRead" });
    expect(missing?.notRead[0]).toMatchObject({ code: "CLUSTER_NOT_CONFIGURED" });
    expect([report.plan.changes, report.zones.map(({ zone, publishers }) => [zone, publishers.length])]).toEqual([
      [],
      [
        ["neu", 1],
        ["weu", 1],
      ],
    ]);
  });

  it("still writes when discovery and one cluster take all the time they may", async () => {
    const given = givenFleet({ configuration: { discovery: [...discovery, { ...discovery[0], value: "test" }] } });
    await reconcileFleet(given.ports, { mode: "apply" });
    putRoute(given.server("w1"), "pay");
    let hung = false;
    given.faults.discover = async () => {
      // Both at once: the second waits no longer than the first.
      if (!hung) {
        hung = true;
        await given.clock.advance(30_000);
      }
      throw new AzureUnavailableError("no answer");
    };
    given.faults.list = async (cluster, kind) => {
      if (cluster === "n1" && kind === "Gateway") {
        await given.clock.advance(given.ports.configuration.readSeconds * 1000);
        throw new AzureUnavailableError("no answer");
      }
    };
    const report = await reconcileFleet(given.ports, { mode: "apply" });
    expect(report.ended).toEqual({ kind: "complete" });
    expect(keysIn(given.server("w1"), "DNSEndpoint")).toContain("shop/pay-external-dns-weu");
    expect([...new Set(report.statuses.map(({ outcome }) => outcome))]).toEqual(["written"]);
    expect(given.journal.filter((line) => line === "w1 event Created")).not.toEqual([]);
  });

  it("defers statuses once its time is over, however quickly it read", async () => {
    const given = givenFleet();
    given.faults.write = async (_cluster, what) => {
      if (what === "apply") await given.clock.advance(13_000);
    };
    const report = await reconcileFleet(given.ports, { mode: "apply" });
    expect([...new Set(report.statuses.map(({ outcome }) => outcome))]).toEqual(["deferred"]);
  });

  it("writes only what is in scope", async () => {
    const given = givenFleet();
    const report = await reconcileFleet(given.ports, { mode: "apply", scope: { cluster: "w1" } });
    expect(resultLines(report).every((line) => line.startsWith("w1 "))).toBe(true);
    expect(keysIn(given.server("n1"), "DNSEndpoint")).toEqual([]);
    expect(keysIn(given.server("w1"), "DNSEndpoint").length).toBeGreaterThan(0);
  });
});
