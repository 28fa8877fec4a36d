/**
 * Taking a cluster over from the in-cluster operator: its objects are adopted once and stay the same objects, nothing is
 * written while it runs, and `observe` shows what a takeover would do.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { presentReport } from "../../../shared/presentation/report.ts";
import { applyObject, createNamespace, remove } from "../../support/components/test-cluster.ts";
import { withoutRights } from "../../support/fleet/access-rights.ts";
import {
  dnsEndpoint,
  endStateOf,
  istioGateway,
  ours,
  present,
  recordsIn,
  statusIn,
  versionsIn,
} from "../../support/fleet/cluster-picture.ts";
import { applyAll, hostOf, policy, route, setAddresses, setUpPlatform } from "../../support/fleet/fleet-objects.ts";
import { changesIn, failuresOf, outcomesOf, reasonOf, standingsOf } from "../../support/fleet/pass-outcomes.ts";
import {
  leaveGatewayRecord,
  leaveIstioGateway,
  leaveRouteRecord,
  OPERATOR_NAMESPACE,
  operatorDeployment,
  operatorLease,
  setReadyReplicas,
} from "../../support/fleet/predecessor.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1" }, { name: "w2" });
});
afterAll(() => fleet.close());

const server = (name: string) => fleet.cluster(name).server;
const regions = ["weu", "neu"];
const GATEWAY_RECORD = "aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-weu";

/** The operator worked in both clusters; each publishes one route. */
async function asTheOperatorLeftIt(routes = { w1: "cart", w2: "web" }): Promise<void> {
  await fleet.reset();
  for (const [name, cluster, address] of [
    ["w1", "aks01", "10.1.0.10"],
    ["w2", "aks02", "10.2.0.10"],
  ] as const) {
    const host = `${cluster}-weu-external`;
    const own = routes[name];
    await setUpPlatform(server(name), { region: "weu", cluster, address, regions });
    await applyAll(server(name), policy("shop"), route("shop", own));
    await leaveRouteRecord(server(name), {
      namespace: "shop",
      route: own,
      region: "weu",
      target: `${host}.example.com`,
    });
    for (const region of regions) await leaveGatewayRecord(server(name), { region, host, address });
    await leaveIstioGateway(server(name), [hostOf("shop", own)]);
  }
}

const adoption = [
  "w1 adopt IstioGateway istio-system/public",
  "w1 adopt DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu",
  "w1 adopt DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-weu",
  "w1 adopt DNSEndpoint shop/cart-external-dns-weu",
];

/** Who owns the fields of the main resource, and by which operation. */
async function managersOf(name: string, reference: Parameters<typeof present>[1]): Promise<readonly string[]> {
  const { managedFields = [] } = (await present(server(name), reference)).metadata as unknown as {
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
  return managedFields.map(({ manager, operation }) => `${manager} ${operation}`).sort();
}

describe("writes: observe", () => {
  it("shows what a takeover would change, and writes nothing, no status and no Event either", async () => {
    await asTheOperatorLeftIt();
    fleet.configure({ clusters: { w1: { writes: "observe" }, w2: { writes: "observe" } } });
    const before = await versionsIn(server("w1"));
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({ w1: "complete observed", w2: "complete observed" });
    expect(report.plan.changes).toEqual([]);
    expect(changesIn(report.plan.observed)).toEqual(expect.arrayContaining(adoption));
    expect(fleet.cluster("w1").writes()).toEqual([]);
    expect(fleet.cluster("w2").writes()).toEqual([]);
    expect(await versionsIn(server("w1"))).toEqual(before);
    const shown = await fleet.ask("plan");
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain("adopt DNSEndpoint shop/cart-external-dns-weu");
  });
});

describe("writes: apply", () => {
  it("adopts every object once: the same objects, TTLs as documented, and the fields ours alone", async () => {
    await asTheOperatorLeftIt();
    fleet.configure({ clusters: { w2: { writes: "observe" } } });
    const references = [
      dnsEndpoint("shop/cart-external-dns-weu"),
      dnsEndpoint(GATEWAY_RECORD),
      istioGateway("istio-system/public"),
    ];
    const uids = (): Promise<readonly unknown[]> =>
      Promise.all(references.map(async (reference) => (await present(server("w1"), reference)).metadata["uid"]));
    const before = await uids();
    const report = await fleet.pass();
    expect(changesIn(report.plan.changes)).toEqual(adoption);
    expect(failuresOf(report)).toEqual([]);
    expect(await uids()).toEqual(before);
    for (const reference of references) expect(await managersOf("w1", reference)).toEqual(["service-router Apply"]);
    expect(await recordsIn(server("w1"))).toContain(
      "weu cart-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com 300 (shop/cart-external-dns-weu)",
    );
    expect(await recordsIn(server("w1"))).toContain(
      `weu aks01-weu-external.example.com A 10.1.0.10 30 (${GATEWAY_RECORD})`,
    );
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Active",
      dnsNames: ["cart-ns-p-prod-shop.example.com"],
      conditions: { Ready: "True ReconciliationSucceeded", Published: "True ReconciliationSucceeded" },
    });
    expect(fleet.cluster("w2").writes()).toEqual([]);
  });

  it("finishes an adoption that was cut short between its two steps", async () => {
    await asTheOperatorLeftIt();
    fleet.configure({ clusters: { w2: { writes: "observe" } } });
    const key = "shop/cart-external-dns-weu";
    const planned = (await fleet.preview()).plan.changes.find((change) => change.key === key);
    const path = "/apis/externaldns.k8s.io/v1alpha1/namespaces/shop/dnsendpoints/cart-external-dns-weu";
    const query = "?fieldManager=service-router&force=true";
    const type = "application/apply-patch+yaml";
    expect((await server("w1").request("PATCH", path + query, planned?.after, type)).status).toBe(200);
    expect(await managersOf("w1", dnsEndpoint(key))).toHaveLength(2);

    expect(outcomesOf(await fleet.pass())).toContain(`w1 adopt DNSEndpoint ${key}: done`);
    expect(await managersOf("w1", dnsEndpoint(key))).toEqual(["service-router Apply"]);
    expect((await fleet.pass()).plan.changes).toEqual([]);
  });

  it("has nothing left to do after that, and needs no force for later changes", async () => {
    await asTheOperatorLeftIt();
    fleet.configure({ clusters: { w2: { writes: "observe" } } });
    await fleet.pass();
    fleet.cluster("w1").writes();
    const second = await fleet.pass();
    expect(second.plan.changes).toEqual([]);
    expect(second.statusesDue).toBe(0);
    expect(fleet.cluster("w1").writes()).toEqual([]);
    await setAddresses(server("w1"), ["10.1.0.99"]);
    await applyObject(server("w1"), route("shop", "search"));
    const third = await fleet.pass();
    expect(outcomesOf(third)).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      "w1 update DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu: done",
      "w1 update DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-weu: done",
      "w1 create DNSEndpoint shop/search-external-dns-weu: done",
    ]);
  });

  it("makes one publisher of two: the second cluster's record is withdrawn, and the first one's adopted when that is safe", async () => {
    await asTheOperatorLeftIt({ w1: "cart", w2: "cart" });
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([]);
    expect(outcomesOf(report)).toContain("w2 delete DNSEndpoint shop/cart-external-dns-weu: done");
    expect(report.plan.waiting).toMatchObject([
      { code: "Handover", change: { place: { name: "w1" }, operation: "adopt" } },
    ]);
    expect(await recordsIn(server("w1"))).toContain(
      "weu cart-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com (no TTL) (shop/cart-external-dns-weu)",
    );
    expect(await recordsIn(server("w2"))).not.toContainEqual(expect.stringContaining("cart"));
    expect(await statusIn(server("w2"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Active",
      dnsEndpoint: "",
      conditions: { Published: "False Standby" },
    });
    await fleet.pass();
    fleet.letTimePass(11_000);
    expect(outcomesOf(await fleet.pass())).toEqual(["w1 adopt DNSEndpoint shop/cart-external-dns-weu: done"]);
  });

  it("takes away what the operator left of routes and gateways that are gone", async () => {
    await asTheOperatorLeftIt();
    fleet.configure({ clusters: { w2: { writes: "observe" } } });
    await applyAll(server("w1"), route("shop", "old"));
    await leaveRouteRecord(server("w1"), {
      namespace: "shop",
      route: "old",
      region: "weu",
      target: "aks01-weu-external.example.com",
    });
    await remove(server("w1"), ours("ServiceRoute", "shop/old"));
    expect(outcomesOf(await fleet.pass())).toContain("w1 delete DNSEndpoint shop/old-external-dns-weu: done");
  });
});

describe("while the operator runs", () => {
  it.each<[string, () => Promise<unknown>, () => Promise<unknown>, RegExp]>([
    [
      "its Lease is renewed",
      () => applyObject(server("w1"), operatorLease(5)),
      () => applyObject(server("w1"), operatorLease(120)),
      /its Lease service-router-system\/3afd9a04\.router\.io is being renewed; scale it to zero first/,
    ],
    [
      "a Deployment with its image has a ready replica",
      async () => {
        await applyObject(server("w1"), operatorDeployment());
        await setReadyReplicas(server("w1"), 1);
      },
      () => setReadyReplicas(server("w1"), 0),
      /its Deployment service-router-system\/renamed has a ready replica; scale it to zero first/,
    ],
  ])("nothing is written to its cluster: %s", async (_title, starts, ends, says) => {
    await asTheOperatorLeftIt();
    await createNamespace(server("w1"), OPERATOR_NAMESPACE);
    await starts();
    const before = await endStateOf(server("w1"));
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({ w1: "complete stopped", w2: "complete allowed" });
    expect(reasonOf(report, "w1")).toMatch(says);
    expect(presentReport(report, { format: "text" })).toMatch(says);
    expect(changesIn(report.plan.observed)).toEqual(adoption);
    expect(fleet.cluster("w1").writes()).toEqual([]);
    expect(await endStateOf(server("w1"))).toEqual(before);
    expect(outcomesOf(report)).toContain("w2 adopt IstioGateway istio-system/public: done");
    await ends();
    const after = await fleet.pass();
    expect(standingsOf(after)).toEqual({ w1: "complete allowed", w2: "complete allowed" });
    expect(changesIn(after.plan.changes)).toEqual(adoption);
    expect(failuresOf(after)).toEqual([]);
  });

  it("or nobody can tell: a cluster whose Leases and Deployments cannot be read needs a person's word", async () => {
    await asTheOperatorLeftIt();
    await withoutRights(server("w1"), "read", "leases.coordination.k8s.io", "deployments.apps");
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({ w1: "complete stopped", w2: "complete allowed" });
    expect(reasonOf(report, "w1")).toMatch(/takeover\.operatorStopped: true/);
    expect(fleet.cluster("w1").writes()).toEqual([]);
    fleet.configure({ clusters: { w1: { takeover: { operatorStopped: true } } } });
    await fleet.restart();
    const after = await fleet.pass();
    expect(standingsOf(after)).toEqual({ w1: "complete allowed", w2: "complete allowed" });
    expect(changesIn(after.plan.changes)).toEqual(adoption);
    expect(failuresOf(after)).toEqual([]);
  });
});
