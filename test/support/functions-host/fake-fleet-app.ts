/**
 * A FleetApp of which a test says only what it needs; the rest is an empty fleet of two clusters. It keeps marks and
 * approvals as the real one would, so that tests look at what came of a call and not at which calls were made.
 */
import type { FleetApp } from "../../../shared/compose.ts";
import type { FleetConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { Person } from "../../../shared/model/pass.ts";
import type { ClusterReport, PassReport } from "../../../shared/model/report.ts";
import { zonePlan, zoneRun } from "../zone-plans.ts";

export type FakeFleetApp = FleetApp & {
  /** Who asked for passes, in order. */
  readonly marks: readonly string[];
  readonly approvals: readonly { readonly digest: string; readonly person: Person; readonly reason: string }[];
};

export function fakeFleetApp(overrides: Partial<FleetApp> = {}): FakeFleetApp {
  const marks: string[] = [];
  const approvals: { digest: string; person: Person; reason: string }[] = [];
  return {
    configuration: fleetConfiguration(),
    preview: () => Promise.resolve(passReport()),
    reconcile: () => Promise.resolve({ kind: "ran", report: passReport({ mode: "apply" }) }),
    tick: () => Promise.resolve({ kind: "not-due", nextDueAtMs: 0 }),
    requestPass: (by) => Promise.resolve(`mark-${marks.push(by)}`),
    approve: (approval) => {
      approvals.push(approval);
      return Promise.resolve({ kind: "approved", scope: "cluster/w1", changes: 3 });
    },
    planZones: ({ task }) => Promise.resolve(zonePlan({ task })),
    carryOutZones: ({ task, digest }) => Promise.resolve(zoneRun({ task, digest })),
    close: () => Promise.resolve(),
    ...overrides,
    marks,
    approvals,
  };
}

export function fleetConfiguration(overrides: Partial<FleetConfiguration> = {}): FleetConfiguration {
  return {
    clusters: ["w1", "n1"].map((name) => ({
      name,
      source: { kind: "manifests", directory: name },
      writes: "apply",
      gatewayNamespace: "istio-system",
      operatorStopped: false,
    })),
    discovery: [],
    regions: [],
    readSeconds: 25,
    families: { serviceRouting: true },
    takeover: { operatorDeployment: "operator", operatorNamespace: "operators" },
    budgets: { share: 0.3, fromNames: 10, names: 200 },
    vantage: "test",
    store: { kind: "file", directory: ".service-router" },
    ...overrides,
  };
}

export function passReport(overrides: Partial<PassReport> = {}): PassReport {
  return {
    mode: "preview",
    startedAtMs: Date.UTC(2026, 0, 1),
    endedAtMs: Date.UTC(2026, 0, 1, 0, 0, 2),
    clusters: [clusterReport("n1", "neu"), clusterReport("w1", "weu")],
    zones: [],
    routes: [{ cluster: "w1", key: "shop/web", phase: "Active", zones: ["weu"], conditions: [] }],
    gateways: [],
    adoptions: [],
    plan: { digest: "0123456789ab", changes: [], held: [], observed: [], waiting: [], refusals: [] },
    heldForPerson: 0,
    results: [],
    statuses: [],
    statusesDue: 0,
    events: 0,
    notes: [],
    ended: { kind: "complete" },
    ...overrides,
  };
}

function clusterReport(cluster: string, region: string): ClusterReport {
  const [standing, writes] = [{ kind: "complete" }, { kind: "allowed" }] as const;
  return { cluster, region, mode: "apply", standing, writes, counts: {}, notRead: [], rejected: [] };
}

/** Resolves never; rejects with the signal's reason. What a call does that only a deadline ends. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
