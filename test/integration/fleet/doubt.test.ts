/**
 * Bad input and doubt, provoked on real API servers. For each fault the same three questions: is it named, does the rest of
 * the fleet go on, and is nothing lost in the cluster that is in doubt. And then: does the fleet recover by itself.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { presentReport } from "../../../shared/presentation/report.ts";
import { createAuthority } from "../../support/certificates.ts";
import { EXTERNAL_DNS_CRDS, installCrds, ISTIO_CRDS } from "../../support/components/crds.ts";
import { applyObject, get, remove } from "../../support/components/test-cluster.ts";
import { giveBackRights, withoutRights } from "../../support/fleet/access-rights.ts";
import {
  dnsEndpoint,
  endStateOf,
  eventsIn,
  istioGateway,
  istioHostsIn,
  messageIn,
  ours,
  recordsIn,
  statusIn,
} from "../../support/fleet/cluster-picture.ts";
import { removeAll } from "../../support/fleet/empty-cluster.ts";
import {
  applyAll,
  hostOf,
  identity,
  policy,
  route,
  setAddresses,
  setUpPlatform,
} from "../../support/fleet/fleet-objects.ts";
import { manyRoutes, refuseDnsEndpoint } from "../../support/fleet/many-routes.ts";
import { changesIn, failuresOf, outcomesOf, reasonOf, standingsOf } from "../../support/fleet/pass-outcomes.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";
import { statusBody } from "../../support/fault-proxy.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1", proxied: true }, { name: "w2" }, { name: "n1" });
});
afterAll(() => fleet.close());

const server = (name: string) => fleet.cluster(name).server;
const proxy = () => fleet.cluster("w1").proxy;
const textOf = (report: PassReport): string => presentReport(report, { format: "text" });

/** WEU: w1 publishes shop/cart and shop/web, w2 stands by for cart and has billing/invoices. NEU: n1 has its own cart. */
async function converge(): Promise<void> {
  await fleet.reset();
  const regions = ["weu", "neu"];
  await Promise.all([
    (async () => {
      await setUpPlatform(server("w1"), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions });
      await applyAll(server("w1"), policy("shop"), route("shop", "cart"), route("shop", "web"));
    })(),
    (async () => {
      await setUpPlatform(server("w2"), { region: "weu", cluster: "aks02", address: "10.2.0.10", regions });
      await applyAll(server("w2"), policy("shop"), route("shop", "cart"));
      await applyAll(server("w2"), policy("billing"), route("billing", "invoices"));
    })(),
    (async () => {
      await setUpPlatform(server("n1"), { region: "neu", cluster: "aks01", address: "10.3.0.10", regions });
      await applyAll(server("n1"), policy("shop"), route("shop", "cart"));
    })(),
  ]);
  expect(failuresOf(await fleet.pass())).toEqual([]);
  for (const name of ["w1", "w2", "n1"]) fleet.cluster(name).writes();
}

/** Leads the kubeconfig to the API server itself instead of the proxy. */
function directly(): void {
  const { url, caPem } = server("w1");
  const authority = Buffer.from(caPem).toString("base64");
  fleet.connect({ clusters: { w1: { server: url, "certificate-authority-data": authority } } });
}

const isListOf =
  (resource: string) =>
  ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
    method === "GET" && path.endsWith(`/${resource}`);

type Fault = {
  readonly begins: () => Promise<unknown>;
  readonly ends: () => Promise<unknown>;
  readonly says: RegExp;
  /** Its ClusterIdentity can still be written, and says so. */
  readonly marked: boolean;
};

const nothing = (): Promise<void> => Promise.resolve();
const clearProxy = (): Promise<void> => Promise.resolve(proxy().clear());

const faults: readonly (readonly [string, Fault])[] = [
  [
    "an API server that was killed",
    {
      begins: async () => {
        directly();
        await fleet.restart();
        await server("w1").kill();
      },
      ends: () => server("w1").restart(),
      says: /cluster w1 cannot be reached: .*ECONNREFUSED/,
      marked: false,
    },
  ],
  [
    "a certificate that the configured CA did not sign",
    {
      begins: async () => {
        const other = Buffer.from(createAuthority("Another").caPem).toString("base64");
        fleet.connect({ clusters: { w1: { "certificate-authority-data": other } } });
        await fleet.restart();
      },
      ends: async () => {
        fleet.connect({});
        await fleet.restart();
      },
      says: /cluster w1: the API server's certificate is not trusted .*; check the CA in its source/,
      marked: false,
    },
  ],
  [
    "a token that has expired",
    {
      begins: async () => {
        fleet.connect({ tokens: { w1: "expired" } });
        await fleet.restart();
      },
      // The app goes on running: it reads the file again once it was refused.
      ends: () => Promise.resolve(fleet.connect({})),
      says: /cluster w1 refused the credential: 401 Unauthorized; renew the token or certificate/,
      marked: false,
    },
  ],
  [
    "a kubeconfig without the context",
    {
      begins: async () => {
        fleet.configure({ clusters: { w1: { source: { kubeconfig: { path: "kubeconfig.yaml", context: "w7" } } } } });
        await fleet.restart();
      },
      ends: async () => {
        fleet.configure({});
        await fleet.restart();
      },
      says: /contexts\.w7: no such context; available: n1, w1, w2/,
      marked: false,
    },
  ],
  [
    "one kind that may not be listed",
    {
      begins: () => withoutRights(server("w1"), "read", "dnspolicies.routing.router.io"),
      ends: () => giveBackRights(server("w1"), "read", "dnspolicies.routing.router.io"),
      says: /DNSPolicy not read: cluster\/w1: not allowed to list dnspolicies\.routing\.router\.io; grant it \(crds\/rbac\/\)/,
      marked: true,
    },
  ],
  [
    "an answer that breaks off in its middle",
    {
      begins: () => Promise.resolve(proxy().inject({ when: isListOf("serviceroutes"), effect: { kind: "cut-body" } })),
      ends: clearProxy,
      says: /ServiceRoute not read: cluster w1 cannot be reached/,
      marked: true,
    },
  ],
  [
    "a list that expires each time (410 Gone)",
    {
      begins: () => {
        const body = statusBody(410, "Expired", "The provided continue parameter is too old");
        proxy().inject({ when: isListOf("serviceroutes"), effect: { kind: "answer", status: 410, body } });
        return nothing();
      },
      ends: clearProxy,
      says: /ServiceRoute not read: cluster w1: the list of ServiceRoute was not read to its end: 410 Gone twice/,
      marked: true,
    },
  ],
  [
    "an API server that asks for a longer wait than a pass has",
    {
      begins: () => {
        const answer = { status: 429, headers: { "retry-after": "60" }, body: statusBody(429, "TooManyRequests", "") };
        proxy().inject({ when: isListOf("services"), effect: { kind: "answer", ...answer } });
        return nothing();
      },
      ends: clearProxy,
      says: /Service not read: cluster\/w1 is throttling; it asks for 60000 ms/,
      marked: true,
    },
  ],
];

describe("a cluster that cannot be read", () => {
  it.each(faults)("is frozen and named, the rest goes on, and it recovers: %s", async (_title, fault) => {
    await converge();
    const before = await endStateOf(server("w1"));
    await fault.begins();
    try {
      await applyObject(server("w2"), route("billing", "refunds"));
      const report = await fleet.pass();
      expect(standingsOf(report)).toEqual({ w1: "frozen NotRead", w2: "complete allowed", n1: "complete allowed" });
      expect(reasonOf(report, "w1")).toMatch(fault.says);
      expect(textOf(report)).toMatch(fault.says);
      expect(outcomesOf(report)).toEqual([
        "w2 update IstioGateway istio-system/public: done",
        "w2 create DNSEndpoint billing/refunds-external-dns-weu: done",
      ]);
      expect(fleet.cluster("w1").writes()).toEqual(
        fault.marked ? ["patch clusteridentities/status cluster-identity"] : [],
      );
      // A second look changes nothing: what is unknown stays unknown.
      expect((await fleet.pass()).plan.changes).toEqual([]);
      expect(fleet.cluster("w1").writes()).toEqual([]);
    } finally {
      await fault.ends();
    }
    const { [identityStatus]: mark, ...left } = await endStateOf(server("w1"));
    const { [identityStatus]: unmarked, ...all } = before;
    expect(left).toEqual(all);
    const frozen = { type: "Frozen", status: "True", reason: "Frozen" };
    expect(mark).toEqual(fault.marked ? { phase: "Active", conditions: withCondition(unmarked, frozen) } : unmarked);
    await applyObject(server("w1"), route("shop", "new"));
    const after = await fleet.pass();
    expect(standingsOf(after)).toEqual({ w1: "complete allowed", w2: "complete allowed", n1: "complete allowed" });
    expect(outcomesOf(after)).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      "w1 create DNSEndpoint shop/new-external-dns-weu: done",
    ]);
    expect((await endStateOf(server("w1")))[identityStatus]).toEqual(unmarked);
  });

  it("delays no more than its own deadline when it accepts connections and never answers, also beside a dead one", async () => {
    await converge();
    directly();
    await fleet.restart();
    const before = await endStateOf(server("w1"));
    server("w1").pause();
    await server("n1").kill();
    try {
      await applyObject(server("w2"), route("billing", "refunds"));
      const report = await fleet.pass();
      expect(standingsOf(report)).toEqual({ w1: "frozen NotRead", w2: "complete allowed", n1: "frozen NotRead" });
      expect(reasonOf(report, "w1")).toMatch(/cluster w1 cannot be reached: /);
      expect(reasonOf(report, "n1")).toMatch(/cluster n1 cannot be reached: .*ECONNREFUSED/);
      expect(outcomesOf(report)).toEqual([
        "w2 update IstioGateway istio-system/public: done",
        "w2 create DNSEndpoint billing/refunds-external-dns-weu: done",
      ]);
      expect(report.ended).toEqual({ kind: "complete" });
      expect(await statusIn(server("w2"), "ServiceRoute", "billing/refunds")).toMatchObject({ phase: "Active" });
      expect(report.endedAtMs - report.startedAtMs).toBeLessThan(60_000);
    } finally {
      server("w1").resume();
      await server("n1").restart();
    }
    const after = await fleet.pass();
    expect(standingsOf(after)).toEqual({ w1: "complete allowed", w2: "complete allowed", n1: "complete allowed" });
    expect(after.plan.changes).toEqual([]);
    expect(await endStateOf(server("w1"))).toEqual(before);
  });
});

type Conditioned = { readonly conditions: readonly object[] };

function withCondition(status: unknown, added: object): readonly unknown[] {
  return [...(status as Conditioned).conditions, expect.objectContaining(added)];
}

const identityStatus = "cluster.router.io/v1alpha1 ClusterIdentity cluster-identity status";

describe("a cluster that stops answering while it is written to", () => {
  it("is left alone after a few writes, so that the others need not wait for each of its timeouts", async () => {
    await converge();
    await applyAll(server("w1"), policy("crowd"));
    await manyRoutes(server("w1"), "crowd", 100);
    await fleet.pass();
    await removeAll(server("w1"), "/apis/externaldns.k8s.io/v1alpha1", "dnsendpoints", "crowd");
    await applyObject(server("w2"), route("billing", "refunds"));
    const seen = proxy().requests().length;
    proxy().inject({ when: ({ method }) => method !== "GET", effect: { kind: "cut" } });
    const report = await fleet.pass();
    expect(outcomesOf(report).filter((line) => line.startsWith("w2 "))).toEqual([
      "w2 update IstioGateway istio-system/public: done",
      "w2 create DNSEndpoint billing/refunds-external-dns-weu: done",
    ]);
    const tried = proxy()
      .requests()
      .slice(seen)
      .filter(({ method }) => method !== "GET");
    // 16 writes at a time with four attempts each, and hardly more than the first of them.
    expect(tried.length).toBeLessThan(20 * 4);
    expect(failuresOf(report)).toHaveLength(100);
    expect(failuresOf(report)).toContainEqual(
      "w1 create DNSEndpoint crowd/r0099-external-dns-weu: not-started " +
        "not tried: cluster w1 gave no answer to 3 writes in a row",
    );
    proxy().clear();
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await recordsIn(server("w1"))).toHaveLength(2 + 2 + 100);
  });
});

describe("a cluster that was never read", () => {
  it("holds names that are new to its zones until it is read, and keeps everything else going", async () => {
    await converge();
    const { w1 } = { w1: await endStateOf(server("w1")) };
    // The memory is gone, and with it what w1 publishes.
    await forgetEverything();
    fleet.connect({ tokens: { w1: "expired" } });
    await fleet.restart();
    await applyObject(server("w2"), route("billing", "refunds"));
    const report = await fleet.pass();
    expect(standingsOf(report)).toMatchObject({ w1: "frozen NotRead", w2: "complete allowed" });
    expect(report.plan.held).toMatchObject([{ scope: "read/w1", code: "NeverRead" }]);
    expect(report.plan.held.flatMap(({ changes }) => changesIn(changes))).toContain(
      "w2 create DNSEndpoint billing/refunds-external-dns-weu",
    );
    expect(await recordsIn(server("w2"))).not.toContainEqual(expect.stringContaining("refunds"));
    expect(await recordsIn(server("w2"))).toContainEqual(expect.stringContaining("billing/invoices-external-dns-weu"));
    expect(textOf(report)).toContain("cluster w1 was never read");
    fleet.connect({});
    const after = await fleet.pass();
    expect(after.plan.held).toEqual([]);
    expect(outcomesOf(after)).toEqual(["w2 create DNSEndpoint billing/refunds-external-dns-weu: done"]);
    expect(await endStateOf(server("w1"))).toEqual(w1);
  });

  it("no longer holds them once a person approved going on without it", async () => {
    await converge();
    await forgetEverything();
    fleet.connect({ tokens: { w1: "expired" } });
    await fleet.restart();
    await applyObject(server("w2"), route("billing", "refunds"));
    const [held] = (await fleet.pass()).plan.held;
    const approved = await fleet.ask("approve", held?.digest ?? "", "--reason", "w1 is rebuilt elsewhere");
    expect(approved).toMatchObject({ code: 0 });
    expect(outcomesOf(await fleet.pass())).toContain("w2 create DNSEndpoint billing/refunds-external-dns-weu: done");
  });
});

async function forgetEverything(): Promise<void> {
  await fleet.restart();
  fleet.forget();
}

describe("a missing CRD", () => {
  it("of ExternalDNS freezes the cluster, and everything is published again once it is there", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    await removeCrd("dnsendpoints.externaldns.k8s.io", "/apis/externaldns.k8s.io/v1alpha1/dnsendpoints");
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({ w1: "frozen NotRead", w2: "complete allowed", n1: "complete allowed" });
    expect(textOf(report)).toMatch(/cluster w1 does not serve DNSEndpoint; install its CRD/);
    expect(report.plan.changes).toEqual([]);
    await installCrds(server("w1"), EXTERNAL_DNS_CRDS);
    const after = await fleet.pass();
    expect(outcomesOf(after)).toEqual([
      "w1 create DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu: done",
      "w1 create DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-weu: done",
      "w1 create DNSEndpoint shop/cart-external-dns-weu: done",
      "w1 create DNSEndpoint shop/web-external-dns-weu: done",
    ]);
    expect(await endStateOf(server("w1"))).toEqual(before);
  });

  it("of Istio costs only the Istio Gateways: names go on being published", async () => {
    await converge();
    const before = await endStateOf(server("w1"));
    await removeCrd("gateways.networking.istio.io", "/apis/networking.istio.io/v1/gateways");
    await applyObject(server("w1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({ w1: "complete allowed", w2: "complete allowed", n1: "complete allowed" });
    expect(report.clusters.find(({ cluster }) => cluster === "w1")?.notRead).toEqual([
      expect.objectContaining({ kind: "IstioGateway", code: "KIND_NOT_SERVED" }),
    ]);
    expect(textOf(report)).toContain("this cluster does not serve Istio Gateways; install Istio's CRDs");
    expect(outcomesOf(report)).toEqual(["w1 create DNSEndpoint shop/new-external-dns-weu: done"]);
    expect(await statusIn(server("w1"), "Gateway", "istio-system/public")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False IstioGatewayGenerationFailed", DNSReady: "True DNSEndpointsCreated" },
    });
    await installCrds(server("w1"), ISTIO_CRDS);
    await remove(server("w1"), ours("ServiceRoute", "shop/new"));
    expect(outcomesOf(await fleet.pass())).toContain("w1 create IstioGateway istio-system/public: done");
    await fleet.pass();
    expect(await endStateOf(server("w1"))).toEqual(before);
  });
});

async function removeCrd(name: string, path: string): Promise<void> {
  await remove(server("w1"), {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name,
  });
  await expect.poll(async () => (await server("w1").request("GET", path)).status, { timeout: 30_000 }).toBe(404);
}

describe("rights that are missing", () => {
  it("to list Istio Gateways: none is written or deleted, the rest of the cluster goes on", async () => {
    await converge();
    const before = await istioHostsIn(server("w1"));
    await withoutRights(server("w1"), "read", "gateways.networking.istio.io");
    await applyObject(server("w1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(standingsOf(report)).toMatchObject({ w1: "complete allowed" });
    expect(textOf(report)).toContain("Istio Gateways of this cluster may not be listed; grant it");
    expect(outcomesOf(report)).toEqual(["w1 create DNSEndpoint shop/new-external-dns-weu: done"]);
    expect(await istioHostsIn(server("w1"))).toEqual(before);
    await giveBackRights(server("w1"), "read", "gateways.networking.istio.io");
    await fleet.pass();
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "new"), hostOf("shop", "web")],
    });
  });

  it("to write DNSEndpoints: each change says so, nothing else is blocked, and the next pass makes up for it", async () => {
    await converge();
    await withoutRights(server("w1"), "write", "dnsendpoints.externaldns.k8s.io");
    await applyObject(server("w1"), route("shop", "new"));
    await applyObject(server("w2"), route("billing", "refunds"));
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([
      "w1 create DNSEndpoint shop/new-external-dns-weu: failed " +
        "cluster/w1: not allowed to patch dnsendpoints.externaldns.k8s.io; grant it (crds/rbac/)",
    ]);
    expect(outcomesOf(report)).toContain("w2 create DNSEndpoint billing/refunds-external-dns-weu: done");
    expect(textOf(report)).toContain("not allowed to patch dnsendpoints.externaldns.k8s.io");
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False DNSEndpointGenerationFailed" },
    });
    await giveBackRights(server("w1"), "write", "dnsendpoints.externaldns.k8s.io");
    expect(outcomesOf(await fleet.pass())).toEqual(["w1 create DNSEndpoint shop/new-external-dns-weu: done"]);
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({ phase: "Active" });
  });

  it("to write statuses: names are published all the same, and the report says what was not written", async () => {
    await converge();
    await withoutRights(server("w1"), "write", "serviceroutes/status.routing.router.io");
    await applyObject(server("w1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([]);
    expect(report.statuses.filter(({ outcome }) => outcome !== "written")).toMatchObject([
      {
        kind: "ServiceRoute",
        key: "shop/new",
        outcome: "failed",
        reason: expect.stringContaining("serviceroutes.routing.router.io/status"),
      },
    ]);
    expect(await recordsIn(server("w1"))).toContainEqual(expect.stringContaining("shop/new-external-dns-weu"));
    await giveBackRights(server("w1"), "write", "serviceroutes/status.routing.router.io");
    await fleet.pass();
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({ phase: "Active" });
  });
});

describe("a list of several pages", () => {
  it("that fails or expires on its way is not read at all; one that expires once is read again", async () => {
    await converge();
    await manyRoutes(server("w1"), "aaa", 501);
    expect(failuresOf(await fleet.pass())).toEqual([]);
    const before = await recordsIn(server("w1"));
    const isSecondPage = ({ path, query }: { readonly path: string; readonly query: URLSearchParams }): boolean =>
      path.endsWith("/serviceroutes") && query.has("continue");
    proxy().inject({ when: isSecondPage, effect: { kind: "answer", status: 503, body: "overloaded" } });
    const failed = await fleet.pass();
    expect(standingsOf(failed)).toMatchObject({ w1: "frozen NotRead", w2: "complete allowed" });
    expect(reasonOf(failed, "w1")).toMatch(/the list of ServiceRoute was not read to its end: page 2 failed/);
    expect(failed.plan.changes).toEqual([]);
    proxy().clear();
    const gone = { kind: "answer", status: 410, body: statusBody(410, "Expired", "too old") } as const;
    proxy().inject({ when: isSecondPage, effect: gone });
    const expired = await fleet.pass();
    expect(reasonOf(expired, "w1")).toMatch(/410 Gone twice/);
    expect(expired.plan.changes).toEqual([]);
    proxy().clear();
    proxy().inject({ when: isSecondPage, effect: gone, times: 1 });
    const readAgain = await fleet.pass();
    expect(standingsOf(readAgain)).toMatchObject({ w1: "complete allowed" });
    expect(readAgain.plan.changes).toEqual([]);
    expect(await recordsIn(server("w1"))).toEqual(before);
  });
});

describe("one object that is refused", () => {
  it("by an admission policy is named with its reason, and costs nobody else anything", async () => {
    await converge();
    await refuseDnsEndpoint(server("w1"), "new-external-dns-weu");
    await applyAll(server("w1"), route("shop", "new"), route("shop", "other"));
    let report = await fleet.pass();
    // The API server takes in a new policy within moments.
    for (let attempt = 0; attempt < 50 && failuresOf(report).length === 0; attempt += 1) {
      await remove(server("w1"), dnsEndpoint("shop/new-external-dns-weu"));
      report = await fleet.pass();
    }
    expect(failuresOf(report)).toEqual([
      expect.stringMatching(
        /^w1 create DNSEndpoint shop\/new-external-dns-weu: failed cluster\/w1 refused DNSEndpoint shop\/new-external-dns-weu: .*not this one/,
      ),
    ]);
    expect(textOf(report)).toContain("not this one");
    expect(await recordsIn(server("w1"))).toContainEqual(expect.stringContaining("shop/other-external-dns-weu"));
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({
      phase: "Pending",
      conditions: { Ready: "False DNSEndpointGenerationFailed" },
    });
    expect(await messageIn(server("w1"), "ServiceRoute", "shop/new")).toContain("not this one");
    expect(await eventsIn(server("w1"))).toContainEqual(
      expect.stringMatching(/^Warning FailedCreate ServiceRoute shop\/new: .*not this one/),
    );
    for (const kind of ["ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"]) {
      await remove(server("w1"), { apiVersion: "admissionregistration.k8s.io/v1", kind, name: "refuse-one" });
    }
    await expect.poll(async () => failuresOf(await fleet.pass()), { timeout: 30_000 }).toEqual([]);
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({ phase: "Active" });
  });

  it("because somebody else has an object of that name is left to them", async () => {
    await converge();
    await applyObject(server("w1"), {
      apiVersion: "externaldns.k8s.io/v1alpha1",
      kind: "DNSEndpoint",
      metadata: { namespace: "shop", name: "new-external-dns-weu" },
      spec: { endpoints: [{ dnsName: "theirs.example.com", recordType: "A", targets: ["192.0.2.1"] }] },
    });
    await applyObject(server("w1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(report.plan.refusals).toMatchObject([
      { place: { name: "w1" }, kind: "DNSEndpoint", key: "shop/new-external-dns-weu", code: "ForeignObject" },
    ]);
    expect(textOf(report)).toContain("shop/new-external-dns-weu exists and does not carry");
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({
      conditions: { Ready: "False DNSEndpointGenerationFailed" },
    });
    await remove(server("w1"), dnsEndpoint("shop/new-external-dns-weu"));
    expect(outcomesOf(await fleet.pass())).toEqual(["w1 create DNSEndpoint shop/new-external-dns-weu: done"]);
  });

  it("because its host stands on an Istio Gateway of somebody else gets no host and no name", async () => {
    await converge();
    await applyObject(server("w1"), {
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: { namespace: "shop", name: "handmade" },
      spec: {
        selector: { istio: "ingress-external" },
        servers: [
          {
            port: { number: 443, name: "https", protocol: "HTTPS" },
            hosts: [hostOf("shop", "new")],
            tls: { mode: "SIMPLE", credentialName: "x" },
          },
        ],
      },
    });
    await applyObject(server("w1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(report.plan.changes).toEqual([]);
    expect(await statusIn(server("w1"), "ServiceRoute", "shop/new")).toMatchObject({
      phase: "Failed",
      conditions: { Ready: "False HostConflict" },
    });
    await remove(server("w1"), istioGateway("shop/handmade"));
    expect(outcomesOf(await fleet.pass())).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      "w1 create DNSEndpoint shop/new-external-dns-weu: done",
    ]);
  });
});

describe("an identity in doubt", () => {
  it("that two clusters share freezes both, and neither loses anything", async () => {
    await converge();
    const before = { w1: await recordsIn(server("w1")), w2: await recordsIn(server("w2")) };
    await applyObject(server("w2"), identity("weu", "aks01"));
    await applyObject(server("n1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(standingsOf(report)).toEqual({
      w1: "frozen DuplicateClusterName",
      w2: "frozen DuplicateClusterName",
      n1: "complete allowed",
    });
    expect(textOf(report)).toContain("clusters w1 and w2 both say region weu, cluster aks01; one of them must change");
    expect(outcomesOf(report)).toEqual([
      "n1 update IstioGateway istio-system/public: done",
      "n1 create DNSEndpoint shop/new-external-dns-neu: done",
    ]);
    expect({ w1: await recordsIn(server("w1")), w2: await recordsIn(server("w2")) }).toEqual(before);
    for (const name of ["w1", "w2"]) {
      expect((await statusIn(server(name), "ClusterIdentity", "cluster-identity")).conditions["Frozen"]).toBe(
        "True DuplicateClusterName",
      );
    }
    await applyObject(server("w2"), identity("weu", "aks02"));
    const after = await fleet.pass();
    expect(after.plan.changes).toEqual([]);
    expect(standingsOf(after)).toEqual({ w1: "complete allowed", w2: "complete allowed", n1: "complete allowed" });
    expect((await statusIn(server("w2"), "ClusterIdentity", "cluster-identity")).conditions["Frozen"]).toBe(undefined);
  });

  it("that is not the one pinned in the fleet configuration is refused, and nothing is taken back", async () => {
    await converge();
    const before = await recordsIn(server("w1"));
    fleet.configure({ clusters: { w1: { identity: { region: "weu", cluster: "aks01" } } } });
    await fleet.restart();
    expect((await fleet.pass()).plan.changes).toEqual([]);
    await applyObject(server("w1"), identity("neu", "aks09"));
    const report = await fleet.pass();
    expect(textOf(report)).toContain("the fleet configuration pins region weu, cluster aks01");
    expect(report.plan.changes).toEqual([]);
    expect(await recordsIn(server("w1"))).toEqual(before);
    await applyObject(server("w1"), identity("weu", "aks01"));
    expect((await fleet.pass()).plan.changes).toEqual([]);
  });

  it("beside an older one changes nothing that is published", async () => {
    await converge();
    await applyObject(server("w1"), identity("neu", "aks05", {}, "later"));
    const report = await fleet.pass();
    expect(report.plan.changes).toEqual([]);
    expect(await statusIn(server("w1"), "ClusterIdentity", "later")).toMatchObject({
      phase: "Failed",
      conditions: { Ready: "False SingletonViolation" },
    });
    expect(textOf(report)).toContain("ClusterIdentity cluster-identity is older and is the one honoured");
  });

  it("that adopts a region nobody knows, or one with clusters of its own, publishes nothing there", async () => {
    await converge();
    await applyObject(server("w1"), identity("weu", "aks01", { adoptsRegions: ["xyz"] }));
    const unknown = await fleet.pass();
    expect(unknown.plan.changes).toEqual([]);
    expect(await statusIn(server("w1"), "ClusterIdentity", "cluster-identity")).toMatchObject({
      phase: "Active",
      conditions: { Ready: "True ReconciliationSucceeded", AdoptedRegionsValid: "False AdoptedRegionNotFound" },
    });
    expect(textOf(unknown)).toContain("xyz");
    await applyObject(server("w1"), identity("weu", "aks01", { adoptsRegions: ["neu"] }));
    const requested = await fleet.pass();
    expect(requested.plan.changes).toEqual([]);
    expect(
      (await statusIn(server("w1"), "ClusterIdentity", "cluster-identity")).conditions["AdoptedRegionsValid"],
    ).toBe("Unknown AdoptionRequested");
  });
});

describe("names that do not fit", () => {
  it("fail that route with the label named; object names and label values are shortened instead", async () => {
    await converge();
    const long = "r".repeat(200);
    await applyAll(
      server("w1"),
      route("shop", "too-long", { serviceName: "s".repeat(50) }),
      route("shop", "upper", { serviceName: "Upper" }),
      route("shop", long, { serviceName: "fits" }),
    );
    const report = await fleet.pass();
    expect(outcomesOf(report)).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      `w1 create DNSEndpoint shop/${long}-external-dns-weu: done`,
    ]);
    expect(report.plan.refusals).toMatchObject([
      { key: "shop/too-long", code: "ValidationFailed" },
      { key: "shop/upper", code: "ValidationFailed" },
    ]);
    expect(await messageIn(server("w1"), "ServiceRoute", "shop/too-long")).toMatch(
      /label s{50}-ns-p-prod-shop has 65 characters; DNS allows 63/,
    );
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "fits"), hostOf("shop", "web")],
    });
    expect(await eventsIn(server("w1"))).toContainEqual(
      expect.stringMatching(/^Warning ValidationFailed ServiceRoute shop\/too-long: /),
    );
  });

  it("of a route that was valid before keep what it published, and say so", async () => {
    await converge();
    const before = { records: await recordsIn(server("w1")), hosts: await istioHostsIn(server("w1")) };
    await applyObject(server("w1"), route("shop", "cart", { serviceName: "s".repeat(60) }));
    expect((await fleet.pass()).plan.changes).toEqual([]);
    expect({ records: await recordsIn(server("w1")), hosts: await istioHostsIn(server("w1")) }).toEqual(before);
    expect(await messageIn(server("w1"), "ServiceRoute", "shop/cart")).toContain("what it published before stays");
    expect(await recordsIn(server("w2"))).not.toContainEqual(expect.stringContaining("cart-ns-p-prod-shop"));
  });
});

describe("objects that vanish during the pass", () => {
  it("are not brought back, their statuses are not missed, and the next pass sees the fleet as it is", async () => {
    await converge();
    await applyAll(server("w1"), route("shop", "short-lived"));
    await setAddresses(server("w1"), ["10.1.0.99"]);
    const gone = dnsEndpoint("aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu");
    const before = (path: string, run: () => Promise<unknown>): void =>
      proxy().inject({
        when: (request) => request.method === "PATCH" && request.path.endsWith(path),
        effect: { kind: "first", run },
        times: 1,
      });
    before(`/dnsendpoints/${gone.name}`, () => remove(server("w1"), gone));
    before("/serviceroutes/short-lived/status", () => remove(server("w1"), ours("ServiceRoute", "shop/short-lived")));
    const report = await fleet.pass();
    expect(failuresOf(report)).toEqual([
      expect.stringMatching(
        /^w1 update DNSEndpoint aks-istio-ingress\/gateway-controller-.*-neu: failed .* is not as it was read/,
      ),
    ]);
    expect(report.statuses.filter(({ outcome }) => outcome !== "written")).toMatchObject([
      { key: "shop/short-lived", outcome: "deferred" },
    ]);
    expect(await get(server("w1"), gone)).toBe(undefined);
    const next = await fleet.pass();
    expect(outcomesOf(next)).toEqual([
      "w1 delete DNSEndpoint shop/short-lived-external-dns-weu: done",
      "w1 create DNSEndpoint aks-istio-ingress/gateway-controller-ingress-external-external-external-dns-neu: done",
    ]);
    await fleet.pass();
    expect((await fleet.pass()).plan).toMatchObject({ changes: [], waiting: [], held: [] });
    expect(await istioHostsIn(server("w1"))).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "web")],
    });
  });
});

describe("a cluster that comes back empty", () => {
  const tenRoutes = Array.from({ length: 12 }, (_, index) => `r${String(index).padStart(2, "0")}`);

  async function rebuild(): Promise<void> {
    await converge();
    await applyAll(server("w1"), ...tenRoutes.map((name) => route("shop", name)));
    await applyAll(server("w2"), ...tenRoutes.map((name) => route("shop", name)));
    expect(failuresOf(await fleet.pass())).toEqual([]);
    await removeAll(server("w1"), "/apis/routing.router.io/v1alpha1", "serviceroutes");
    await removeAll(server("w1"), "/apis/externaldns.k8s.io/v1alpha1", "dnsendpoints");
    await removeAll(server("w1"), "/apis/networking.istio.io/v1", "gateways");
  }

  it("is taken for rebuilt, not retired: its names stay its own until it has them again", async () => {
    await rebuild();
    const report = await fleet.pass();
    expect(standingsOf(report)).toMatchObject({ w1: "frozen ShrunkRead", w2: "complete allowed" });
    expect(report.plan.held).toMatchObject([{ scope: "read/w1", code: "ShrunkRead", changes: [] }]);
    expect(report.plan.changes).toEqual([]);
    expect(await recordsIn(server("w2"))).toHaveLength(3);
    const shown = await fleet.ask("plan");
    expect(shown.code).toBe(2);
    expect(shown.stdout).toContain("0 ServiceRoutes where the last good read had 14");
    expect(shown.stdout).toContain(report.plan.held[0]?.digest);
    await applyAll(server("w1"), route("shop", "cart"), ...tenRoutes.map((name) => route("shop", name)));
    const after = await fleet.pass();
    expect(standingsOf(after)).toMatchObject({ w1: "complete allowed" });
    expect(after.plan.held).toEqual([]);
    expect(failuresOf(after)).toEqual([]);
    expect(await recordsIn(server("w1"))).toHaveLength(2 + 13);
    expect(await recordsIn(server("w2"))).toHaveLength(3);
  });

  it("is believed once it was approved and has stood for 3 passes and 10 min; then the standby takes over", async () => {
    await rebuild();
    const [held] = (await fleet.pass()).plan.held;
    const approved = await fleet.ask("approve", held?.digest ?? "", "--reason", "w1 was emptied on purpose");
    expect(approved).toMatchObject({ code: 0 });
    expect(standingsOf(await fleet.pass())).toMatchObject({ w1: "frozen ShrunkRead" });
    fleet.letTimePass(600_000);
    const believed = await fleet.pass();
    expect(standingsOf(believed)).toMatchObject({ w1: "complete allowed" });
    expect(believed.plan.held).toEqual([]);
    for (let pass = 0; pass < 4; pass += 1) {
      fleet.letTimePass(11_000);
      expect(failuresOf(await fleet.pass())).toEqual([]);
    }
    expect(await recordsIn(server("w2"))).toHaveLength(2 + 1 + 13);
    expect((await fleet.pass()).plan).toMatchObject({ changes: [], waiting: [], held: [] });
  });
});

describe("a change that would take too many names", () => {
  const routes = Array.from({ length: 15 }, (_, index) => `r${String(index).padStart(2, "0")}`);

  it("is held with its digest while the rest goes on, and done once that digest was approved", async () => {
    await converge();
    await applyAll(server("w1"), policy("crowd"), ...routes.map((name) => route("crowd", name)));
    await fleet.pass();
    const before = await recordsIn(server("w1"));
    expect(before).toHaveLength(2 + 2 + 15);
    await applyObject(server("w1"), policy("crowd", { mode: "Active", sourceRegion: "neu" }));
    await applyObject(server("w1"), route("shop", "new"));
    const report = await fleet.pass();
    expect(report.plan.held).toMatchObject([{ scope: "cluster/w1", code: "BudgetExceeded" }]);
    expect(report.plan.held[0]?.changes).toHaveLength(15);
    expect(outcomesOf(report)).toEqual([
      "w1 update IstioGateway istio-system/public: done",
      "w1 create DNSEndpoint shop/new-external-dns-weu: done",
    ]);
    expect(await recordsIn(server("w1"))).toEqual(expect.arrayContaining([...before]));
    const shown = await fleet.command("plan");
    expect(shown.code).toBe(2);
    const digest = /service-router approve ([0-9a-f]{12})/.exec(shown.stdout)?.[1] ?? "";
    expect(shown.stdout).toContain("15 names would stop resolving or lead elsewhere");
    const wrong = await fleet.ask("approve", "000000000000", "--reason", "a guess");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain(digest);
    expect(await fleet.command("approve", digest, "--reason", "crowd moves to NEU")).toMatchObject({ code: 0 });
    const applied = await fleet.command("apply");
    expect(applied.code).toBe(0);
    expect(await recordsIn(server("w1"))).toEqual(
      [...before.filter((line) => !line.includes("(crowd/")), newRecord].sort(),
    );
  });

  it("needs another approval when it is another change by then", async () => {
    await converge();
    await applyAll(server("w1"), policy("crowd"), ...routes.map((name) => route("crowd", name)));
    await fleet.pass();
    await applyObject(server("w1"), policy("crowd", { mode: "Active", sourceRegion: "neu" }));
    const [held] = (await fleet.pass()).plan.held;
    expect(await fleet.ask("approve", held?.digest ?? "", "--reason", "for those 15")).toMatchObject({ code: 0 });
    await applyObject(server("w1"), policy("shop", { mode: "Active", sourceRegion: "neu" }));
    const report = await fleet.pass();
    expect(report.plan.held).toMatchObject([{ code: "BudgetExceeded" }]);
    expect(report.plan.held[0]?.digest).not.toBe(held?.digest);
    expect(report.plan.changes).toEqual([]);
  });

  const newRecord =
    "weu new-ns-p-prod-shop.example.com CNAME aks01-weu-external.example.com 300 (shop/new-external-dns-weu)";
});

afterEach(() => {
  proxy().clear();
});
