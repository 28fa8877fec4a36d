import { describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { presentFleetStatus } from "../../../shared/presentation/status-fleet.ts";
import { presentGatewaysStatus } from "../../../shared/presentation/status-gateways.ts";
import { presentRegionStatus } from "../../../shared/presentation/status-region.ts";
import { presentRouteStatus } from "../../../shared/presentation/status-route.ts";
import {
  clusterNames,
  namespaceNames,
  narrowed,
  regionNames,
  routeKeys,
} from "../../../shared/presentation/status-scope.ts";
import { clusterReport, condition, gatewayReport, routeReport, troubledPlan } from "../../support/reports.ts";

const conflict = "ServiceRoute shop/cart of cluster w1 publishes it in zone weu";

function troubledFleet(): PassReport {
  return {
    ...troubledPlan(),
    zones: [
      {
        zone: "frc",
        adopter: "w1",
        publishers: [{ cluster: "w1", names: 12 }],
        standby: 0,
        conflicts: 0,
        reading: { read: "not-configured" },
      },
      {
        zone: "weu",
        publishers: [
          { cluster: "w1", names: 12 },
          { cluster: "w2", names: 3 },
        ],
        standby: 3,
        conflicts: 1,
        reading: { read: "not-configured" },
      },
    ],
    gateways: [
      gatewayReport(),
      gatewayReport({
        cluster: "n1",
        addresses: [],
        phase: "Pending",
        conditions: [
          condition("Ready", "False", "LoadBalancerIPPending", "the Service istio-system/ingress has no IP"),
        ],
      }),
    ],
    routes: [
      routeReport(),
      routeReport({
        cluster: "n1",
        phase: "Pending",
        zones: [],
        conditions: [
          condition("Ready", "False", "HostConflict", conflict),
          condition("Published", "False", "HostConflict", conflict),
          condition("DNSVerified", "Unknown", "ZoneNotRead", "no zone is configured for weu"),
        ],
      }),
      routeReport({
        cluster: "f1",
        key: "billing/pay",
        zones: [],
        conditions: [
          condition("Ready", "True", "ReconciliationSucceeded"),
          condition("Published", "False", "Standby", "w1 publishes it"),
        ],
      }),
    ],
    adoptions: [{ cluster: "w1", region: "frc", outcome: { kind: "standing" } }],
  };
}

const frozen = { kind: "frozen", code: "NotRead", reason: "no answer" } as const;
const stopped = { kind: "stopped", code: "Frozen", reason: "no answer" } as const;
const operatorRuns = { kind: "stopped", code: "OperatorRunning", reason: "its Lease was renewed" } as const;

describe("presentFleetStatus", () => {
  it("shows clusters, zones and what needs a person", () => {
    expect(presentFleetStatus(troubledFleet(), {}, { format: "text" })).toMatchInlineSnapshot(`
      "Fleet: 3 clusters in 3 regions; 2 changes due, 1 held, 1 waiting, 1 only observed, 1 refused, 1 cluster frozen
      3 routes (2 active, 1 pending), 2 gateways (1 active, 1 pending); read at 2026-11-21T14:00:00Z

      FROZEN n1 (neu)  NotRead
        cluster n1 cannot be reached: connect ECONNREFUSED 10.1.0.1:443
        Nothing is written there; what it published last still counts as published.
        → make the cluster readable again (the reason says what failed), then run again

      Clusters
        CLUSTER  REGION  READ            WRITES   ROUTES  GATEWAYS  NAMES  STANDBY  CONFLICTS
        w1       weu     complete        apply         1         1     24        0          0
        n1       neu     frozen NotRead  -             1         1      0        0          1
        f1       frc     complete        observe       1         1      0        1          0

      Zones
        ZONE  ADOPTED BY  NAMES  STANDBY  CONFLICTS  PUBLISHED BY
        frc   w1             12        0          0  w1 12
        weu   -              15        3          1  w1 12, w2 3

      Adopted regions
        CLUSTER  REGION  OUTCOME  WHY
        w1       frc     adopted  has no fleet clusters; this cluster publishes for it

      Needs attention  2 resources
        HostConflict  → rename one of the two, or delete the one that should not have the host
          n1  ServiceRoute shop/cart  Pending  ServiceRoute shop/cart of cluster w1 publishes it in zone weu
        LoadBalancerIPPending  → look at the LoadBalancer Service with the label istio=<controller>: it has no IP yet
          n1  Gateway istio-system/public  Pending  the Service istio-system/ingress has no IP

      Held until a person approves
        cluster/w1  BudgetExceeded  1 change  digest 1a2b3c4d5e6f
          40 of 90 names would stop resolving; the limit is 30 % in an hour
          ServiceRoute shop/cart: its policy is active
            - delete DNSEndpoint shop/old-external-dns-weu
              weu: cart-ns-p-prod-shop.example.com no longer CNAME aks-weu-public.example.com (300 s)
          service-router approve 1a2b3c4d5e6f --reason "…"

      Not valid  1 object; what any of them published before stays
        f1  ServiceRoute shop/bad
          spec.environment: Required

      Notes
        waits are not shown: there is no state store
      "
    `);
  });

  it("says what to do once per reason, and shows what needs a person where other lists are cut", () => {
    const conditions = [condition("Ready", "False", "DNSPolicyNotFound", "Waiting for a DNSPolicy in namespace shop")];
    const routes = Array.from({ length: 30 }, (_none, index) => routeReport({ key: `shop/r${index}`, conditions }));
    const written = presentFleetStatus({ ...troubledFleet(), gateways: [], routes }, {}, { format: "text" });
    expect(written).toContain("Needs attention  30 resources");
    expect(written.match(/DNSPolicyNotFound  → create a DNSPolicy in the namespace of the route/g)?.length).toBe(1);
    expect(written.match(/ServiceRoute shop\/r\d+ +Active +Waiting for a DNSPolicy/g)?.length).toBe(30);
  });

  it("fits a terminal of 80 columns, whatever the clusters publish", () => {
    const conditions = [condition("Ready", "False", "HostConflict", "a word ".repeat(40))];
    const report = { ...troubledFleet(), routes: [routeReport({ conditions })] };
    const views = [
      presentFleetStatus(report, {}, { format: "text", width: 80 }),
      presentFleetStatus({ ...report, clusters: [clusterReport()] }, {}, { format: "text", width: 80 }),
      presentRegionStatus(report, "weu", {}, { format: "text", width: 80 }),
      presentGatewaysStatus(report, {}, { format: "text", width: 80 }),
    ];
    for (const written of views) expect(written.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(views[1]).toContain("CLUSTER  REGION  READ      WRITES  ROUTES  GATEWAYS  NAMES  STANDBY  CONFLICTS\n");
  });

  it("shows kinds that were not read", () => {
    const notRead = [{ kind: "IstioGateway", code: "KIND_NOT_SERVED", reason: "no CRD" }] as const;
    const written = presentFleetStatus(
      { ...troubledFleet(), clusters: [clusterReport({ notRead })] },
      {},
      { format: "text" },
    );
    expect(written).toContain("IstioGateway KIND_NOT_SERVED");
  });

  it.each<readonly [string, string, Parameters<typeof clusterReport>[0]]>([
    ["apply", "is written to", {}],
    ["retiring", "is retiring", { mode: "retiring" }],
    ["retiring", "is retiring and cannot be read", { mode: "retiring", standing: frozen, writes: stopped }],
    ["OperatorRunning", "is retiring while the operator runs", { mode: "retiring", writes: operatorRuns }],
    ["observe", "is only observed", { mode: "observe", writes: { kind: "observed", reason: "writes: observe" } }],
    ["-", "cannot be read", { standing: frozen, writes: stopped }],
  ])("shows %s under WRITES for a cluster that %s", (word, _which, overrides) => {
    const report = { ...troubledFleet(), clusters: [clusterReport(overrides)] };
    const row = presentFleetStatus(report, {}, { format: "text" })
      .split("\n")
      .find((line) => /^ +w1 +weu/.test(line));
    expect(row?.split(/ {2,}/)[4]).toBe(word);
  });

  it("says in JSON which resources are not as wanted, and not those that are", () => {
    const written: unknown = JSON.parse(presentFleetStatus(troubledFleet(), {}, { format: "json" }));
    expect(written).toMatchObject({
      kind: "FleetStatus",
      clusters: [
        { cluster: "w1", published: 24, standby: 0, conflicts: 0 },
        { cluster: "n1", conflicts: 1 },
        { cluster: "f1", standby: 1 },
      ],
      routes: [{ cluster: "n1", key: "shop/cart" }],
      gateways: [{ cluster: "n1" }],
    });
  });

  it("shows only the cluster and namespace that were asked for", () => {
    const part = narrowed(troubledFleet(), { cluster: "f1", namespace: "billing" });
    expect(part.clusters.map(({ cluster }) => cluster)).toEqual(["f1"]);
    expect(part.routes.map(({ key }) => key)).toEqual(["billing/pay"]);
    expect(part.gateways).toEqual([]);
    expect(part.clusters[0]?.rejected).toEqual([]);
  });
});

describe("an adoption that is refused", () => {
  it.each([
    ["no-controller", "has no ExternalDNS controller in the DNSConfiguration of this cluster"],
    ["own-region", "is this cluster's own region"],
  ] as const)("says of %s what the cluster's condition says", (reason, why) => {
    const adoptions = [{ cluster: "w1", region: "frc", outcome: { kind: "refused", reason } }] as const;
    const shown = presentFleetStatus({ ...troubledFleet(), adoptions }, {}, { format: "text" });
    expect(shown).toContain(`w1       frc     refused  ${why}\n`);
  });
});

describe("presentRegionStatus", () => {
  it("shows who publishes which names in the region's zone, and what is not published there", () => {
    expect(presentRegionStatus(troubledFleet(), "weu", {}, { format: "text" })).toMatchInlineSnapshot(`
      "Region weu: 1 cluster; 1 service host published in its zone
      read at 2026-11-21T14:00:00Z

      Zones
        ZONE  ADOPTED BY  NAMES  STANDBY  CONFLICTS  PUBLISHED BY
        weu   -              15        3          1  w1 12, w2 3

      Adopted regions
        CLUSTER  REGION  OUTCOME  WHY
        w1       frc     adopted  has no fleet clusters; this cluster publishes for it

      Published  1
        HOST                             CLUSTER  ROUTE      PHASE   TARGET
        cart-ns-p-prod-shop.example.com  w1       shop/cart  Active  aks-weu-public.example.com
      "
    `);
  });

  it("counts what frozen clusters publish with the rest, and says so", () => {
    const frozenRoute = routeReport({ key: "shop/pay", phase: "Frozen", asLastRead: true });
    const report = { ...troubledFleet(), routes: [routeReport(), frozenRoute] };
    const written = presentRegionStatus(report, "weu", {}, { format: "text" });
    expect(written.split("\n")[0]).toBe(
      "Region weu: 1 cluster; 2 service hosts published in its zone, 1 of them as last read",
    );
    expect(written).toMatch(/shop\/pay +Frozen/);
  });

  it("says of which clusters it is not known whether they are in the region, and that an adoption waits for that", () => {
    const { region: _region, ...nowhere } = clusterReport({ cluster: "x1" });
    const report: PassReport = {
      ...troubledFleet(),
      clusters: [clusterReport(), nowhere],
      adoptions: [{ cluster: "w1", region: "frc", outcome: { kind: "requested", unknown: ["x1"] } }],
    };
    const written = presentRegionStatus(report, "frc", {}, { format: "text" });
    expect(written).toContain("Region frc: no fleet clusters (the region of x1 is not known)");
    expect(written).toContain("waits: the region of x1 is not known and may be this one; what is published stays");
  });

  it("does not call a region empty because the one cluster that was asked for is of another", () => {
    const report = { ...troubledFleet(), routes: [routeReport({ cluster: "n1" })] };
    expect(presentRegionStatus(report, "weu", { cluster: "n1" }, { format: "text" }).split("\n")[0]).toBe(
      "Region weu: cluster n1, which is of another region; 1 service host published in its zone",
    );
  });

  it("shows a region without clusters by its adopter", () => {
    const report = { ...troubledFleet(), clusters: [clusterReport()] };
    expect(presentRegionStatus(report, "frc", {}, { format: "text" })).toMatchInlineSnapshot(`
      "Region frc: no fleet clusters, adopted by w1; 0 service hosts published in its zone
      read at 2026-11-21T14:00:00Z

      Zones
        ZONE  ADOPTED BY  NAMES  STANDBY  CONFLICTS  PUBLISHED BY
        frc   w1             12        0          0  w1 12

      Adopted regions
        CLUSTER  REGION  OUTCOME  WHY
        w1       frc     adopted  has no fleet clusters; this cluster publishes for it
      "
    `);
  });
});

describe("presentRouteStatus", () => {
  it("shows for each cluster host, zones, conditions, and what is about to change", () => {
    expect(presentRouteStatus(troubledFleet(), "shop/cart", {}, { format: "text" })).toMatchInlineSnapshot(`
      "Route shop/cart: published in 1 zone (weu); in 2 clusters
      read at 2026-11-21T14:00:00Z

      FROZEN n1 (neu)  NotRead
        cluster n1 cannot be reached: connect ECONNREFUSED 10.1.0.1:443
        Nothing is written there; what it published last still counts as published.
        → make the cluster readable again (the reason says what failed), then run again

      w1 (weu)  Active
        host: cart-ns-p-prod-shop.example.com
        target: aks-weu-public.example.com
        published: weu
        ✓ Ready True ReconciliationSucceeded
          Published in weu
        ✓ Published True ReconciliationSucceeded
        in the present plan
          due + create DNSEndpoint shop/cart-external-dns-weu
            weu: cart-ns-p-prod-shop.example.com CNAME aks-weu-public.example.com (300 s)
            because ServiceRoute shop/cart: its policy is active
          waiting + create DNSEndpoint shop/moving-external-dns-weu
            Handover: w2 published the name until now; due in 3 min 10 s (2026-11-21T14:03:11Z)
            weu: cart-ns-p-prod-shop.example.com CNAME aks-weu-public.example.com (300 s)
            because ServiceRoute shop/cart: its policy is active
          held - delete DNSEndpoint shop/old-external-dns-weu
            40 of 90 names would stop resolving; the limit is 30 % in an hour
            service-router approve 1a2b3c4d5e6f --reason "…"
            weu: cart-ns-p-prod-shop.example.com no longer CNAME aks-weu-public.example.com (300 s)
            because ServiceRoute shop/cart: its policy is active

      n1 (neu)  Pending
        host: cart-ns-p-prod-shop.example.com
        target: aks-weu-public.example.com
        published: nowhere by this cluster
        ✗ Ready False HostConflict
          ServiceRoute shop/cart of cluster w1 publishes it in zone weu
          → rename one of the two, or delete the one that should not have the host
        ✗ Published False HostConflict
          ServiceRoute shop/cart of cluster w1 publishes it in zone weu
        ? DNSVerified Unknown ZoneNotRead
          no zone is configured for weu
      "
    `);
  });

  it("shows one cluster only where asked", () => {
    const written = presentRouteStatus(troubledFleet(), "shop/cart", { cluster: "n1" }, { format: "text" });
    expect(written).toContain("n1 (neu)  Pending");
    expect(written).not.toContain("w1 (weu)");
  });

  it("shows every fault of a route that does not parse", () => {
    expect(presentRouteStatus(troubledFleet(), "shop/bad", {}, { format: "text" })).toContain(
      "spec.environment: Required",
    );
  });

  it("holds in JSON what a terminal shows", () => {
    expect(JSON.parse(presentRouteStatus(troubledFleet(), "shop/cart", {}, { format: "json" }))).toMatchObject({
      kind: "RouteStatus",
      route: "shop/cart",
      clusters: [{ cluster: "w1" }, { cluster: "n1" }],
      changes: [{ place: "cluster/w1", key: "shop/cart-external-dns-weu" }],
      waiting: [{ code: "Handover", dueAt: "2026-11-21T14:03:11Z" }],
      held: [{ digest: "1a2b3c4d5e6f", approve: expect.stringContaining("approve") }],
    });
  });
});

describe("presentGatewaysStatus", () => {
  it("shows host, addresses and number of hosts of each gateway", () => {
    expect(presentGatewaysStatus(troubledFleet(), {}, { format: "text" })).toMatchInlineSnapshot(`
      "Gateways: 2 gateways, 1 active
      read at 2026-11-21T14:00:00Z

      FROZEN n1 (neu)  NotRead
        cluster n1 cannot be reached: connect ECONNREFUSED 10.1.0.1:443
        Nothing is written there; what it published last still counts as published.
        → make the cluster readable again (the reason says what failed), then run again

      Gateways
        CLUSTER  GATEWAY              PHASE    HOSTS  HOST                        ADDRESSES
        w1       istio-system/public  Active      12  aks-weu-public.example.com  10.0.0.4
        n1       istio-system/public  Pending     12  aks-weu-public.example.com  none; LoadBalancerIPPending: the Service istio-system/ingress has no IP
      "
    `);
  });
});

describe("names that a report knows", () => {
  it.each([
    ["clusters", clusterNames, ["f1", "n1", "w1"]],
    ["regions, those without clusters included", regionNames, ["frc", "neu", "weu"]],
    ["namespaces", namespaceNames, ["billing", "istio-system", "shop"]],
    ["routes, rejected ones included", routeKeys, ["billing/pay", "shop/bad", "shop/cart"]],
  ])("lists %s once, sorted", (_what, names, known) => expect(names(troubledFleet())).toEqual(known));
});
