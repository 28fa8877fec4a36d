/** Builders of reports as presentation and the command line get them: small, with overrides. */
import { heldForPerson } from "../../shared/core/planning/held-for-person.ts";
import type { Change, ChangeOutcome, Plan } from "../../shared/model/change.ts";
import type { PublishedName } from "../../shared/model/desired.ts";
import type { FleetConfiguration } from "../../shared/model/fleet-configuration.ts";
import type { ClusterReport, GatewayReport, PassReport, RouteReport } from "../../shared/model/report.ts";

/** 2026-11-21T14:00:00Z */
export const PASS_AT_MS = Date.UTC(2026, 10, 21, 14);

export function emptyPlan(overrides: Partial<Plan> = {}): Plan {
  return { digest: "0a1b2c3d4e5f", changes: [], held: [], observed: [], waiting: [], refusals: [], ...overrides };
}

export function clusterReport(overrides: Partial<ClusterReport> = {}): ClusterReport {
  return {
    cluster: "w1",
    region: "weu",
    mode: "apply",
    standing: { kind: "complete" },
    writes: { kind: "allowed" },
    counts: { ServiceRoute: 1, Gateway: 1 },
    notRead: [],
    rejected: [],
    ...overrides,
  };
}

/** A preview of one complete cluster that took 1.2 s; nothing is due unless `plan` says so. */
export function passReport(overrides: Partial<PassReport> = {}): PassReport {
  const { plan = emptyPlan() } = overrides;
  return {
    mode: "preview",
    startedAtMs: PASS_AT_MS,
    endedAtMs: PASS_AT_MS + 1_200,
    clusters: [clusterReport()],
    zones: [],
    routes: [],
    gateways: [],
    adoptions: [],
    plan,
    heldForPerson: heldForPerson(plan.held),
    results: [],
    statuses: [],
    statusesDue: 0,
    events: 0,
    notes: [],
    ended: { kind: "complete" },
    ...overrides,
  };
}

export function published(name: string, content: string, zone = "weu"): PublishedName {
  return { zone, name, content };
}

export const CART_HOST = "cart-ns-p-prod-shop.example.com";
const CART_RECORD = published(CART_HOST, "CNAME aks-weu-public.example.com 300");

/** Creating the DNSEndpoint of route shop/cart in w1. */
export function change(overrides: Partial<Change> = {}): Change {
  const {
    place = { kind: "cluster", name: "w1" },
    kind = "DNSEndpoint",
    key = "shop/cart-external-dns-weu",
  } = overrides;
  const item = `${place.kind}/${place.name}|${kind}|${key}`;
  return {
    id: item,
    item,
    place,
    kind,
    key,
    operation: "create",
    phase: "publish",
    leaves: [],
    joins: [CART_RECORD],
    dependsOn: [],
    because: { kind: "ServiceRoute", namespace: "shop", name: "cart", uid: "u-cart", reason: "its policy is active" },
    ...overrides,
  };
}

/** A host leaves the Istio Gateway of w1, another joins. */
export function hostChange(overrides: Partial<Change> = {}): Change {
  return change({
    kind: "IstioGateway",
    key: "istio-system/public",
    operation: "update",
    phase: "open",
    joins: [published(CART_HOST, "host", "istio/w1/internal")],
    leaves: [published("old-ns-p-prod-shop.example.com", "host", "istio/w1/internal")],
    because: {
      kind: "Gateway",
      namespace: "istio-system",
      name: "public",
      uid: "u-gw",
      reason: "the hosts of its routes",
    },
    ...overrides,
  });
}

/** `count` changes that differ in their names only. */
export function manyChanges(count: number): readonly Change[] {
  return Array.from({ length: count }, (_none, index) => {
    const name = `route-${String(index).padStart(4, "0")}`;
    return change({
      key: `shop/${name}-external-dns-weu`,
      joins: [published(`${name}-ns-p-prod-shop.example.com`, "CNAME aks-weu-public.example.com 300")],
      because: { kind: "ServiceRoute", namespace: "shop", name, uid: `u-${name}`, reason: "its policy is active" },
    });
  });
}

export function outcome(of: Change, result: ChangeOutcome = { kind: "done" }): PassReport["results"][number] {
  return { change: of, outcome: result };
}

export function condition(
  type: string,
  status: "True" | "False" | "Unknown",
  reason: string,
  message = "",
): RouteReport["conditions"][number] {
  return { type, status, reason, message };
}

export function routeReport(overrides: Partial<RouteReport> = {}): RouteReport {
  return {
    cluster: "w1",
    key: "shop/cart",
    host: CART_HOST,
    target: "aks-weu-public.example.com",
    phase: "Active",
    zones: ["weu"],
    conditions: [
      condition("Ready", "True", "ReconciliationSucceeded", "Published in weu"),
      condition("Published", "True", "ReconciliationSucceeded"),
    ],
    ...overrides,
  };
}

export function gatewayReport(overrides: Partial<GatewayReport> = {}): GatewayReport {
  return {
    cluster: "w1",
    key: "istio-system/public",
    host: "aks-weu-public.example.com",
    addresses: ["10.0.0.4"],
    hosts: 12,
    phase: "Active",
    conditions: [condition("Ready", "True", "ReconciliationSucceeded")],
    ...overrides,
  };
}

/** Something of everything: what a bad day looks like. */
export function troubledPlan(): PassReport {
  return passReport({
    clusters: [
      clusterReport(),
      clusterReport({
        cluster: "n1",
        region: "neu",
        standing: {
          kind: "frozen",
          code: "NotRead",
          reason: "cluster n1 cannot be reached: connect ECONNREFUSED 10.1.0.1:443",
        },
      }),
      clusterReport({
        cluster: "f1",
        region: "frc",
        writes: { kind: "observed", reason: "writes: observe" },
        rejected: [{ kind: "ServiceRoute", key: "shop/bad", issues: ["spec.environment: Required"] }],
      }),
    ],
    plan: emptyPlan({
      changes: [hostChange(), change()],
      held: [
        {
          scope: "cluster/w1",
          code: "BudgetExceeded",
          reason: "40 of 90 names would stop resolving; the limit is 30 % in an hour",
          digest: "1a2b3c4d5e6f",
          changes: [
            change({
              key: "shop/old-external-dns-weu",
              operation: "delete",
              phase: "withdraw",
              joins: [],
              leaves: [CART_RECORD],
            }),
          ],
        },
      ],
      waiting: [
        {
          change: change({ key: "shop/moving-external-dns-weu" }),
          code: "Handover",
          reason: "w2 published the name until now",
          dueAtMs: PASS_AT_MS + 191_000,
        },
      ],
      observed: [change({ place: { kind: "cluster", name: "f1" } })],
      refusals: [
        {
          place: { kind: "cluster", name: "w1" },
          kind: "ServiceRoute",
          key: "shop/double",
          code: "HostConflict",
          reason: "ServiceRoute shop/cart is older and has the host",
        },
      ],
    }),
    statusesDue: 7,
    notes: ["waits are not shown: there is no state store"],
  });
}

/** One cluster read from manifests, one region. */
export function fleetConfiguration(overrides: Partial<FleetConfiguration> = {}): FleetConfiguration {
  return {
    clusters: [
      {
        name: "w1",
        identity: { region: "weu", cluster: "aks" },
        source: { kind: "manifests", directory: "clusters/w1" },
        writes: "apply",
        gatewayNamespace: "istio-system",
        operatorStopped: false,
      },
    ],
    discovery: [],
    regions: [
      {
        name: "weu",
        zones: [{ kind: "azure", subscription: "s", resourceGroup: "dns-weu", zone: "example.com" }],
        zoneWrites: "observe",
        externalDns: { ownerId: "external-dns-weu", txtPrefix: "_weu.", intervalSeconds: 300 },
      },
    ],
    readSeconds: 25,
    families: { serviceRouting: true },
    takeover: { operatorDeployment: "service-router-operator", operatorNamespace: "service-router-system" },
    budgets: { share: 0.3, fromNames: 10, names: 200 },
    vantage: "laptop",
    store: { kind: "file", directory: ".service-router" },
    ...overrides,
  };
}
