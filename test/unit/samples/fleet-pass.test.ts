/** What a pass makes of the sample fleet: the trouble of its README, told by name, and nothing else in trouble. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import type { PassReport, RouteReport } from "../../../shared/model/report.ts";
import { createTestClock } from "../../support/clock.ts";
import { createMemoryStateStore } from "../../support/state-store.ts";
import { memoryZoneSource } from "../../support/zone-port.ts";
import { copySampleFleet } from "./sample-fleet.ts";
import type { SampleFleet } from "./sample-fleet.ts";

const nothing = (): void => undefined;

let sample: SampleFleet;
let first: PassReport;
let second: PassReport;
let shown: PassReport;

beforeAll(async () => {
  sample = await copySampleFleet();
  const clock = createTestClock({ autoAdvance: true });
  const ports: FleetPorts = {
    configuration: sample.configuration,
    clusters: {
      open: async (cluster) => Promise.resolve(sample.open(cluster)),
      discover: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    },
    zones: memoryZoneSource(() => undefined),
    store: createMemoryStateStore({ clock }),
    clock,
    telemetry: { info: nothing, warn: nothing, error: nothing, metric: nothing },
    progress: { stage: nothing, step: nothing },
    holder: "test",
  };
  first = await reconcileFleet(ports, { mode: "apply", allStatuses: true });
  await clock.advance(75_000);
  second = await reconcileFleet(ports, { mode: "apply", allStatuses: true });
  shown = await reconcileFleet(ports, { mode: "preview" });
}, 60_000);

afterAll(() => sample.remove());

function reasonOf(route: RouteReport, type: string): string {
  return route.conditions.find((condition) => condition.type === type)?.reason ?? "";
}

describe("a pass over the sample fleet", () => {
  it("reads every cluster whole and carries out every change", () => {
    expect(first.clusters.map(({ standing, writes }) => [standing.kind, writes.kind])).toEqual(
      sample.configuration.clusters.map(() => ["complete", "allowed"]),
    );
    expect(first.plan.changes.length).toBeGreaterThan(0);
    expect([first.plan.held, first.plan.waiting, first.ended.kind]).toEqual([[], [], "complete"]);
    expect(first.results.filter(({ outcome }) => outcome.kind !== "done")).toEqual([]);
  });

  it("has nothing left to do the second time, statuses included", () => {
    expect([second.plan.changes, second.plan.held, second.plan.waiting, second.statuses]).toEqual([[], [], [], []]);
  });

  it("leaves exactly the planted routes without publication, each with its reason", () => {
    const troubled = shown.routes.filter((route) => route.zones.length === 0);
    const lines = troubled.map((route) => {
      const ready = reasonOf(route, "Ready");
      return `${route.cluster} ${route.key} ${ready === "ReconciliationSucceeded" ? reasonOf(route, "Published") : ready}`;
    });
    expect(lines.sort()).toEqual([
      "n2 partners/batch ValidationFailed",
      "n2 partners/feeds ValidationFailed",
      "w1 marketing/newsletter ValidationFailed",
      "w1 marketing/web HostConflict",
      "w1 reporting/exports DNSPolicyInactive",
      "w1 reporting/reports-api DNSPolicyInactive",
      "w1 sandbox/playground DNSPolicyNotFound",
      "w2 logistics/returns GatewayNotFound",
      "w2 logistics/tracking-public NotAllowedByGateway",
      "w2 storefront/cart Standby",
      "w2 storefront/search Standby",
      "w3 analytics/preferences ValidationFailed",
    ]);
  });

  it.each([
    ["n1 storefront/cart", ["frc", "neu"], "of an adopter, also in the region without clusters"],
    ["n2 reporting/archive", ["frc", "neu", "weu"], "RegionBound, in every region"],
    ["w1 payments/ledger", ["frc", "neu", "weu"], "RegionBound, in every region"],
    ["w2 storefront/recommendations", ["weu"], "Active, in its own region"],
  ])("publishes %s in %s: %s", (id, zones) => {
    const route = shown.routes.find(({ cluster, key }) => `${cluster} ${key}` === id);
    expect([...(route?.zones ?? [])].sort()).toEqual(zones);
  });

  it("says that one Gateway waits for its address", () => {
    const waiting = shown.gateways.filter(({ conditions }) =>
      conditions.some(({ reason }) => reason === "LoadBalancerIPPending"),
    );
    expect(waiting.map(({ cluster, key }) => `${cluster} ${key}`)).toEqual(["n2 istio-system/partners"]);
  });
});
