/**
 * A fleet of two regions and three clusters, reconciled on real API servers by the product as it is composed in production,
 * with no more rights than crds/rbac grants. No garbage collector runs: what goes, the product itself took away.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { applyObject, remove, setStatus } from "../../support/components/test-cluster.ts";
import {
  dnsEndpoint,
  endStateOf,
  eventsIn,
  istioGateway,
  istioHostsIn,
  messageIn,
  ours,
  present,
  recordsIn,
  statusIn,
  versionsIn,
} from "../../support/fleet/cluster-picture.ts";
import {
  applyAll,
  dnsConfiguration,
  gateway,
  hostOf,
  identity,
  policy,
  route,
  setAddresses,
  setUpPlatform,
} from "../../support/fleet/fleet-objects.ts";
import { edit } from "../../support/fleet/edits.ts";
import { changesIn, failuresOf, outcomesOf } from "../../support/fleet/pass-outcomes.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1" }, { name: "w2" }, { name: "n1" });
});
afterAll(() => fleet.close());

const server = (name: string) => fleet.cluster(name).server;
const regions = ["weu", "neu"];

/** w1 and w2 are in WEU, n1 is in NEU; `shop/cart` runs in all three, `archive` is published by n1 in both regions. */
async function populate(): Promise<void> {
  await Promise.all([
    (async () => {
      await setUpPlatform(server("w1"), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions });
      await applyAll(server("w1"), policy("shop"), route("shop", "cart"), route("shop", "web", { ttlSeconds: 60 }));
    })(),
    (async () => {
      await setUpPlatform(server("w2"), { region: "weu", cluster: "aks02", address: "10.2.0.10", regions });
      await applyAll(server("w2"), policy("shop"), route("shop", "cart"));
    })(),
    (async () => {
      await setUpPlatform(server("n1"), { region: "neu", cluster: "aks01", address: "10.3.0.10", regions });
      await setAddresses(server("n1"), ["10.3.0.10", "fd00::10"]);
      await applyAll(server("n1"), policy("shop"), route("shop", "cart"));
      await applyAll(
        server("n1"),
        policy("reports", { mode: "RegionBound", sourceRegion: "neu" }),
        route("reports", "archive"),
        route("reports", "lost", { gatewayName: "missing" }),
      );
    })(),
  ]);
}

const names = ["w1", "w2", "n1"] as const;

const perCluster = async <T>(read: (name: string) => Promise<T>): Promise<Readonly<Record<string, T>>> =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));

const records = (): Promise<Readonly<Record<string, readonly string[]>>> =>
  perCluster((name) => recordsIn(server(name)));
const writes = (): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(names.map((name) => [name, fleet.cluster(name).writes()]));
const noWrites = { w1: [], w2: [], n1: [] };

/** Both records of a gateway: it is published in every region. */
const gatewayRecords = (host: string, ...contents: readonly string[]): readonly string[] =>
  ["neu", "weu"].flatMap((region) =>
    contents.map(
      (content) =>
        `${region} ${host} ${content} 30 (aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-${region})`,
    ),
  );

const publishedAtFirst = {
  w1: [
    ...gatewayRecords("aks01-weu-external.example.com", "A 10.1.0.10"),
    "weu cart-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com 300 (shop/cart-external-dns-weu)",
    "weu web-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com 60 (shop/web-external-dns-weu)",
  ],
  w2: [...gatewayRecords("aks02-weu-external.example.com", "A 10.2.0.10")],
  n1: [
    ...gatewayRecords("aks01-neu-external.example.com", "A 10.3.0.10", "AAAA fd00::10"),
    "neu archive-ns-p-prod-reports.example.com CNAME aks01-neu-external.example.com 300 (reports/archive-external-dns-neu)",
    "neu cart-ns-p-prod-shop.example.com CNAME aks01-neu-external.example.com 300 (shop/cart-external-dns-neu)",
    "weu archive-ns-p-prod-reports.example.com CNAME aks01-neu-external.example.com 300 (reports/archive-external-dns-weu)",
  ].sort(),
};

async function converge(): Promise<void> {
  await fleet.reset();
  await populate();
  expect(failuresOf(await fleet.pass())).toEqual([]);
  expect(await records()).toEqual(publishedAtFirst);
  writes();
}

describe("a first pass", () => {
  let report: PassReport;

  beforeAll(async () => {
    await fleet.reset();
    await populate();
    report = await fleet.pass();
  });

  it("publishes every name once per zone, and puts every host on one Istio Gateway", async () => {
    expect(failuresOf(report)).toEqual([]);
    expect(report.ended).toEqual({ kind: "complete" });
    expect(await records()).toEqual(publishedAtFirst);
    expect(await perCluster((name) => istioHostsIn(server(name)))).toEqual({
      w1: { "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "web")] },
      w2: { "istio-system/public": [hostOf("shop", "cart")] },
      n1: { "istio-system/public": [hostOf("reports", "archive"), hostOf("shop", "cart")] },
    });
  });

  it("writes objects with the labels, annotations and owners that ExternalDNS, Istio and people rely on", async () => {
    const cart = await present(server("w1"), ours("ServiceRoute", "shop/cart"));
    expect(await present(server("w1"), dnsEndpoint("shop/cart-external-dns-weu"))).toMatchObject({
      metadata: {
        labels: {
          app: "external-dns-weu",
          "app.kubernetes.io/managed-by": "service-router-operator",
          "router.io/region": "weu",
          "router.io/controller": "external-dns-weu",
          "router.io/serviceroute": "cart",
          "router.io/source-namespace": "shop",
        },
        annotations: { "external-dns.alpha.kubernetes.io/controller": "external-dns-weu" },
        ownerReferences: [
          {
            apiVersion: "routing.router.io/v1alpha1",
            kind: "ServiceRoute",
            name: "cart",
            uid: cart.metadata["uid"],
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        endpoints: [
          {
            dnsName: "cart-ns-p-prod-shop.example.com",
            recordType: "CNAME",
            targets: ["aks01-weu-external.example.com"],
            recordTTL: 300,
          },
        ],
      },
    });
    expect(
      await present(
        server("w1"),
        dnsEndpoint("aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu"),
      ),
    ).toMatchObject({
      metadata: {
        labels: {
          app: "external-dns-neu",
          "app.kubernetes.io/managed-by": "service-router-operator",
          "router.io/region": "neu",
          "router.io/istio-controller": "ingress-external",
          "router.io/target-postfix": "external",
          "router.io/resource-type": "gateway-service",
        },
        ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "ingress-external", controller: true }],
      },
    });
    expect(await present(server("w1"), istioGateway("istio-system/public"))).toMatchObject({
      metadata: {
        labels: { "app.kubernetes.io/managed-by": "service-router-operator", "router.io/gateway": "public" },
        ownerReferences: [{ apiVersion: "routing.router.io/v1alpha1", kind: "Gateway", name: "public" }],
      },
      spec: {
        selector: { istio: "ingress-external" },
        servers: [
          {
            port: { number: 443, name: "https", protocol: "HTTPS" },
            hosts: ["cart-ns-p-prod-shop.example.com", "web-ns-p-prod-shop.example.com"],
            tls: { mode: "SIMPLE", credentialName: "wildcard-tls" },
          },
        ],
      },
    });
  });

  it("says in every status what became of the resource", async () => {
    const good = "True ReconciliationSucceeded";
    const observed = { DNSVerified: "Unknown ZoneNotRead", BackendBound: "Unknown BackendNotRead" };
    const w1 = server("w1");
    expect(await statusIn(w1, "ClusterIdentity", "cluster-identity")).toEqual({
      phase: "Active",
      conditions: { Ready: good, AdoptedRegionsValid: "True NoAdoptedRegions" },
    });
    expect(await statusIn(w1, "DNSConfiguration", "dns-configuration")).toEqual({ conditions: { Ready: good } });
    expect(await statusIn(w1, "DNSPolicy", "shop/default")).toEqual({
      phase: "Active",
      active: true,
      activeControllers: ["external-dns-weu"],
      conditions: { Ready: good },
    });
    expect(await statusIn(w1, "Gateway", "istio-system/public")).toEqual({
      phase: "Active",
      loadBalancerIP: "10.1.0.10",
      conditions: { Ready: good, DNSReady: "True DNSEndpointsCreated" },
    });
    expect(await statusIn(w1, "ServiceRoute", "shop/cart")).toEqual({
      phase: "Active",
      dnsEndpoint: "cart-external-dns-weu",
      dnsNames: ["cart-ns-p-prod-shop.example.com"],
      conditions: { Ready: good, Published: good, ...observed },
    });
    expect(await statusIn(server("w2"), "ServiceRoute", "shop/cart")).toEqual({
      phase: "Active",
      dnsEndpoint: "",
      dnsNames: ["cart-ns-p-prod-shop.example.com"],
      conditions: { Ready: good, Published: "False Standby", ...observed },
    });
    expect(await messageIn(server("w2"), "ServiceRoute", "shop/cart", "Published")).toBe(
      "in zone weu the host is published by ServiceRoute shop/cart of cluster w1",
    );
    expect(await statusIn(server("n1"), "DNSPolicy", "reports/default")).toEqual({
      phase: "Active",
      active: true,
      activeControllers: ["external-dns-weu", "external-dns-neu"],
      conditions: { Ready: good },
    });
    expect(await statusIn(server("n1"), "ServiceRoute", "reports/lost")).toEqual({
      phase: "Pending",
      dnsEndpoint: "",
      dnsNames: ["lost-ns-p-prod-reports.example.com"],
      conditions: { Ready: "False GatewayNotFound", Published: "False GatewayNotFound", ...observed },
    });
    expect(await messageIn(server("n1"), "ServiceRoute", "reports/lost")).toBe(
      "Gateway missing not found in namespace istio-system",
    );
  });

  it("records one Event per resource and outcome", async () => {
    expect(await eventsIn(server("n1"))).toEqual([
      "Normal Created Gateway istio-system/public: " +
        "DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu; " +
        "DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-weu; " +
        "Istio Gateway istio-system/public",
      "Normal Created ServiceRoute reports/archive: " +
        "DNSEndpoint reports/archive-external-dns-neu; DNSEndpoint reports/archive-external-dns-weu",
      "Normal Created ServiceRoute shop/cart: DNSEndpoint shop/cart-external-dns-neu",
    ]);
  });
});

describe("a pass over an unchanged fleet", () => {
  it("sends no write to any cluster, and every object and status keeps its version", async () => {
    await converge();
    const before = await perCluster((name) => versionsIn(server(name)));
    for (let pass = 0; pass < 2; pass += 1) {
      const report = await fleet.pass();
      expect(report.plan.changes).toEqual([]);
      expect(report.plan.waiting).toEqual([]);
      expect(report.statusesDue).toBe(0);
    }
    expect(writes()).toEqual(noWrites);
    expect(await perCluster((name) => versionsIn(server(name)))).toEqual(before);
  });

  it("sends none from another process either", async () => {
    await converge();
    const apply = await fleet.command("apply");
    expect(apply.code).toBe(0);
    expect(writes()).toEqual(noWrites);
  });
});

describe("a preview", () => {
  it("shows what the next pass does, and writes nothing to clusters or store", async () => {
    await fleet.reset();
    await populate();
    const before = await perCluster((name) => versionsIn(server(name)));
    const preview = await fleet.preview();
    const text = await fleet.command("plan");
    expect(text.code).toBe(2);
    expect(text.stdout).toContain("shop/cart-external-dns-weu");
    expect(await perCluster((name) => versionsIn(server(name)))).toEqual(before);
    expect(writes()).toEqual(noWrites);
    expect(existsSync(path.join(fleet.directory, "state"))).toBe(false);
    const report = await fleet.pass();
    expect(report.plan.digest).toBe(preview.plan.digest);
    expect(outcomesOf(report)).toEqual(changesIn(preview.plan.changes).map((change) => `${change}: done`));
    expect(report.statuses.length).toBe(preview.statusesDue);
  });
});

describe("drift", () => {
  it("of a field that somebody else took is reported, never forced, until that one gives it up", async () => {
    await converge();
    const cart = dnsEndpoint("shop/cart-external-dns-weu");
    const theirs = { dnsName: "cart-ns-p-prod-shop.example.com", recordType: "CNAME", targets: ["theirs.example.com"] };
    await edit(server("w1"), cart, { spec: { endpoints: [theirs] } });
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([
      "w1 update DNSEndpoint shop/cart-external-dns-weu: failed " +
        "cluster/w1: DNSEndpoint shop/cart-external-dns-weu has fields owned by kubectl-edit (.spec.endpoints); " +
        "remove them there, or delete the object so that it is made again",
    ]);
    expect((await recordsIn(server("w1")))[2]).toBe(
      "weu cart-ns-p-prod-shop.example.com CNAME theirs.example.com (no TTL) (shop/cart-external-dns-weu)",
    );
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False DNSEndpointGenerationFailed", Published: "False DNSEndpointGenerationFailed" },
    });
    expect(await eventsIn(server("w1"))).toContainEqual(
      expect.stringMatching(/^Warning FailedUpdate ServiceRoute shop\/cart: .*owned by kubectl-edit/),
    );
    const shown = await fleet.command("apply");
    expect(shown.code).toBe(1);
    expect(shown.stdout).toContain("kubectl-edit");
    await remove(server("w1"), cart);
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await records()).toEqual(publishedAtFirst);
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Active",
      conditions: { Ready: "True ReconciliationSucceeded", Published: "True ReconciliationSucceeded" },
    });
  });

  it("of labels, annotations and owners is put right; labels of others stay and cost no write", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    const cart = dnsEndpoint("shop/cart-external-dns-weu");
    await edit(server("w1"), cart, {
      metadata: {
        labels: { "router.io/region": null, "router.io/gateway": "stray", team: "shop" },
        annotations: { "external-dns.alpha.kubernetes.io/controller": null },
        ownerReferences: null,
      },
    });
    const report = await fleet.pass();
    expect(outcomesOf(report)).toEqual(["w1 update DNSEndpoint shop/cart-external-dns-weu: done"]);
    expect(await present(server("w1"), cart)).toMatchObject({
      metadata: { labels: { team: "shop", "router.io/gateway": "stray" } },
    });
    writes();
    expect((await fleet.pass()).plan.changes).toEqual([]);
    expect(writes()).toEqual(noWrites);
    await edit(server("w1"), cart, { metadata: { labels: { team: null, "router.io/gateway": null } } });
    const after = await endStateOf(server("w1"));
    expect(after).toEqual(before);
  });

  it("of the mark that says whose an object is leaves the object alone and says so", async () => {
    await converge();
    const cart = dnsEndpoint("shop/cart-external-dns-weu");
    await edit(server("w1"), cart, { metadata: { labels: { "app.kubernetes.io/managed-by": null } } });
    const report = await fleet.pass();
    expect(report.plan.changes).toEqual([]);
    expect(report.plan.refusals).toMatchObject([
      { place: { name: "n1" }, kind: "ServiceRoute", key: "reports/lost", code: "GatewayNotFound" },
      { place: { name: "w1" }, kind: "DNSEndpoint", key: "shop/cart-external-dns-weu", code: "ForeignObject" },
    ]);
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/cart")).toMatchObject({
      conditions: { Ready: "False DNSEndpointGenerationFailed" },
    });
  });

  it("by deleting what was made is made good: DNSEndpoints and Istio Gateways come again", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    await remove(server("w1"), dnsEndpoint("shop/cart-external-dns-weu"));
    await remove(
      server("w1"),
      dnsEndpoint("aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu"),
    );
    await remove(server("w1"), istioGateway("istio-system/public"));
    const report = await fleet.pass();
    expect(outcomesOf(report)).toEqual([
      "w1 create IstioGateway istio-system/public: done",
      "w1 create DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu: done",
      "w1 create DNSEndpoint shop/cart-external-dns-weu: done",
    ]);
    expect(await endStateOf(server("w1"))).toEqual(before);
  });

  it("of hosts that somebody took off an Istio Gateway is reported as theirs; written under our own name it is put right", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    const reference = istioGateway("istio-system/public");
    const { spec } = (await present(server("w1"), reference)) as unknown as {
      readonly spec: { readonly servers: readonly object[] };
    };
    const servers = [{ ...spec.servers[0], hosts: ["web-ns-p-prod-shop.example.com"] }];
    await edit(server("w1"), reference, { spec: { servers } });
    expect(failuresOf(await fleet.pass())).toEqual([
      expect.stringMatching(
        /^w1 update IstioGateway istio-system\/public: failed .* owned by kubectl-edit \(\.spec\.servers\)/,
      ),
    ]);
    expect(await statusIn(server("w1"), "Gateway", "istio-system/public")).toMatchObject({
      conditions: { Ready: "False IstioGatewayGenerationFailed" },
    });
    await remove(server("w1"), reference);
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await endStateOf(server("w1"))).toEqual(before);
  });

  it("by a field that somebody added is reported, too: a second selector label, and the Istio Gateway selects nothing", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    const reference = istioGateway("istio-system/public");
    await edit(server("w1"), reference, { spec: { selector: { extra: "x" } } });
    expect(failuresOf(await fleet.pass())).toEqual([
      expect.stringMatching(/^w1 update IstioGateway .* owned by kubectl-edit \(\.spec\.selector\.extra\)/),
    ]);
    expect(await statusIn(server("w1"), "Gateway", "istio-system/public")).toMatchObject({
      conditions: { Ready: "False IstioGatewayGenerationFailed" },
    });
    await edit(server("w1"), reference, { spec: { selector: { extra: null } } });
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await endStateOf(server("w1"))).toEqual(before);
  });

  it("of a status is put right", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    await setStatus(server("w1"), ours("ServiceRoute", "shop/cart"), { phase: "Failed", dnsNames: [], conditions: [] });
    const report = await fleet.pass();
    expect(report.plan.changes).toEqual([]);
    expect(report.statuses).toMatchObject([{ kind: "ServiceRoute", key: "shop/cart", outcome: "written" }]);
    expect(await endStateOf(server("w1"))).toEqual(before);
  });
});

describe("a deleted route", () => {
  it("is withdrawn at once, leaves its Istio Gateway with the next read, and its name goes to the standby when that is safe", async () => {
    await converge();
    await remove(server("w1"), ours("ServiceRoute", "shop/cart"));
    const first = await fleet.pass();
    expect(outcomesOf(first)).toEqual(["w1 delete DNSEndpoint shop/cart-external-dns-weu: done"]);
    expect(first.plan.waiting).toMatchObject([
      { change: { place: { name: "w2" }, key: "shop/cart-external-dns-weu", operation: "create" } },
    ]);
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "web")],
    });
    const second = await fleet.pass();
    expect(outcomesOf(second)).toEqual(["w1 update IstioGateway istio-system/public: done"]);
    expect(await istioHostsIn(server("w1"))).toEqual({ "istio-system/public": [hostOf("shop", "web")] });
    expect(second.plan.waiting).toMatchObject([{ code: "Handover", change: { place: { name: "w2" } } }]);
    expect(await statusIn(server("w2"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False AwaitingPublication", Published: "False AwaitingPublication" },
    });
    fleet.letTimePass(11_000);
    const third = await fleet.pass();
    expect(outcomesOf(third)).toEqual(["w2 create DNSEndpoint shop/cart-external-dns-weu: done"]);
    expect(await statusIn(server("w2"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Active",
      dnsEndpoint: "cart-external-dns-weu",
      conditions: { Ready: "True ReconciliationSucceeded", Published: "True ReconciliationSucceeded" },
    });
    expect((await fleet.pass()).plan).toMatchObject({ changes: [], waiting: [], held: [] });
  });

  it("that comes back in the cluster that has the first right gets its name back the same way", async () => {
    await converge();
    await remove(server("w1"), ours("ServiceRoute", "shop/cart"));
    await fleet.pass();
    await fleet.pass();
    fleet.letTimePass(11_000);
    await fleet.pass();
    await applyObject(server("w1"), route("shop", "cart"));
    const back = await fleet.pass();
    expect(outcomesOf(back)).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      "w2 delete DNSEndpoint shop/cart-external-dns-weu: done",
    ]);
    expect(back.plan.waiting).toMatchObject([{ code: "Handover", change: { place: { name: "w1" } } }]);
    await fleet.pass();
    fleet.letTimePass(11_000);
    expect(outcomesOf(await fleet.pass())).toEqual(["w1 create DNSEndpoint shop/cart-external-dns-weu: done"]);
    expect(await records()).toEqual(publishedAtFirst);
    writes();
    expect((await fleet.pass()).plan.changes).toEqual([]);
    expect(writes()).toEqual(noWrites);
  });
});

describe("a deleted Gateway", () => {
  it("keeps its address in the zones where routes still point to it: taking that away needs a person", async () => {
    await converge();
    await remove(server("w1"), ours("Gateway", "istio-system/public"));
    const report = await fleet.pass();
    expect(report.plan.held).toMatchObject([{ scope: "cluster/w1", code: "LastAddress" }]);
    expect(outcomesOf(report)).toEqual([
      "w1 delete DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu: done",
    ]);
    expect(await recordsIn(server("w1"))).toEqual(publishedAtFirst.w1.slice(1));
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/cart")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False GatewayNotFound", Published: "True ReconciliationSucceeded" },
    });
    await applyObject(server("w1"), gateway());
    await fleet.pass();
    await fleet.pass();
    expect(await records()).toEqual(publishedAtFirst);
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "web")],
    });
  });
});

describe("a changed resource", () => {
  it("moves the gateway's records when the load balancer gets another address, and nothing else", async () => {
    await converge();
    await setAddresses(server("w1"), ["10.1.0.99"]);
    const report = await fleet.pass();
    expect(outcomesOf(report)).toEqual([
      "w1 update DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu: done",
      "w1 update DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-weu: done",
    ]);
    expect(await records()).toEqual({
      ...publishedAtFirst,
      w1: [...gatewayRecords("aks01-weu-external.example.com", "A 10.1.0.99"), ...publishedAtFirst.w1.slice(2)],
    });
    expect(await statusIn(server("w1"), "Gateway", "istio-system/public")).toMatchObject({
      loadBalancerIP: "10.1.0.99",
    });
  });

  it("keeps the records of a load balancer that lost its address, and says that it waits", async () => {
    await converge();
    await setAddresses(server("w1"), []);
    const report = await fleet.pass();
    expect(report.plan.changes).toEqual([]);
    expect(await records()).toEqual(publishedAtFirst);
    expect(await statusIn(server("w1"), "Gateway", "istio-system/public")).toMatchObject({
      loadBalancerIP: "",
      conditions: { DNSReady: "False LoadBalancerIPPending" },
    });
  });

  it("takes every name of the cluster along to another domain, and hands the old one to the standby", async () => {
    await converge();
    await applyObject(server("w1"), identity("weu", "aks01", { domain: "example.org" }));
    await settle();
    const inOrg = (line: string): string => line.replaceAll("example.com", "example.org");
    expect(await records()).toEqual({
      ...publishedAtFirst,
      w1: publishedAtFirst.w1.map(inOrg),
      w2: [
        ...publishedAtFirst.w2,
        "weu cart-ns-p-prod-shop.example.com CNAME aks02-weu-external.example.com 300 (shop/cart-external-dns-weu)",
      ],
    });
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [inOrg(hostOf("shop", "cart")), inOrg(hostOf("shop", "web"))],
    });
  });

  it("re-points every route when the cluster is renamed", async () => {
    await converge();
    await applyObject(server("w1"), identity("weu", "aks07"));
    await settle();
    const renamed = (line: string): string => line.replaceAll("aks01-weu", "aks07-weu");
    expect(await records()).toEqual({ ...publishedAtFirst, w1: publishedAtFirst.w1.map(renamed) });
  });

  it("follows a policy: away with its home elsewhere, back again, and into every region when it is bound to this one", async () => {
    await converge();
    await applyObject(server("w1"), policy("shop", { mode: "Active", sourceRegion: "neu" }));
    await fleet.pass();
    expect(await recordsIn(server("w1"))).toEqual(publishedAtFirst.w1.slice(0, 2));
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "web")],
    });
    expect(await statusIn(server("w1"), "DNSPolicy", "shop/default")).toEqual({
      phase: "Inactive",
      active: false,
      activeControllers: [],
      conditions: { Ready: "False PolicyInactive" },
    });
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/web")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False DNSPolicyInactive", Published: "False DNSPolicyInactive" },
    });
    await applyObject(server("w1"), policy("shop"));
    await settle();
    expect(await records()).toEqual(publishedAtFirst);
    await applyObject(server("w1"), policy("shop", { mode: "RegionBound", sourceRegion: "weu" }));
    await settle();
    expect(await recordsIn(server("w1"))).toEqual(
      [
        ...publishedAtFirst.w1,
        "neu web-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com 60 (shop/web-external-dns-neu)",
      ].sort(),
    );
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/cart")).toMatchObject({
      conditions: { Ready: "False HostConflict", Published: "False HostConflict" },
    });
    expect(await messageIn(server("w1"), "ServiceRoute", "shop/cart")).toBe(
      "in zone neu the host is published by ServiceRoute shop/cart of cluster n1",
    );
  });

  it("publishes all names of the adopter in a region without clusters, and takes them back with the adoption", async () => {
    await converge();
    fleet.configure({ regions: ["weu", "neu", "frc"] });
    await fleet.restart();
    await applyAll(
      server("n1"),
      identity("neu", "aks01", { adoptsRegions: ["frc"] }),
      dnsConfiguration("weu", "neu", "frc"),
    );
    await settle();
    const inFrance = (await recordsIn(server("n1"))).filter((line) => line.startsWith("frc "));
    expect(inFrance).toEqual([
      "frc aks01-neu-external.example.com A 10.3.0.10 30 (aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-frc)",
      "frc aks01-neu-external.example.com AAAA fd00::10 30 (aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-frc)",
      "frc archive-ns-p-prod-reports.example.com CNAME aks01-neu-external.example.com 300 (reports/archive-external-dns-frc)",
      "frc cart-ns-p-prod-shop.example.com CNAME aks01-neu-external.example.com 300 (shop/cart-external-dns-frc)",
    ]);
    expect(await statusIn(server("n1"), "ClusterIdentity", "cluster-identity")).toMatchObject({
      conditions: { AdoptedRegionsValid: "True AllAdoptedRegionsValid" },
    });
    await applyAll(server("n1"), identity("neu", "aks01", { adoptsRegions: [] }), dnsConfiguration("weu", "neu"));
    await settle();
    expect(await records()).toEqual(publishedAtFirst);
  });
});

describe("a pass of one cluster", () => {
  it("writes nothing elsewhere, not even statuses", async () => {
    await fleet.reset();
    await populate();
    const applied = await fleet.command("apply", "--cluster", "n1");
    expect(applied.code).toBe(0);
    expect(await records()).toEqual({ w1: [], w2: [], n1: publishedAtFirst.n1 });
    expect({ ...writes(), n1: [] }).toEqual(noWrites);
    expect((await fleet.ask("apply")).code).toBe(0);
    expect(await records()).toEqual(publishedAtFirst);
  });
});

/** Passes until nothing is due and nothing waits, with the time between them that waits need. */
async function settle(): Promise<void> {
  for (let pass = 0; pass < 8; pass += 1) {
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([]);
    expect(report.plan.held).toEqual([]);
    if (report.plan.changes.length === 0 && report.plan.waiting.length === 0) return;
    fleet.letTimePass(11_000);
  }
  throw new Error("the fleet did not settle within 8 passes");
}
