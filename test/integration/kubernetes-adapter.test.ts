/** Reading a real API server through the adapter, with everything going wrong that can. */
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openKubernetesCluster } from "../../shared/adapters/kubernetes/kubernetes-cluster.ts";
import type { ClusterPort } from "../../shared/ports.ts";
import { startApiServer } from "../support/components/api-server.ts";
import { installCrds, istioGatewayCrd } from "../support/components/crds.ts";
import { createNamespace } from "../support/components/test-cluster.ts";
import { freePort } from "../support/components/ports.ts";
import { createAuthority } from "../support/certificates.ts";
import { type FaultEffect, type SeenRequest, statusBody } from "../support/fault-proxy.ts";
import { type AdapterCluster, fixedToken, startAdapterCluster } from "../support/kubernetes-access.ts";

/** Three pages of 500. */
const ENDPOINTS = 1_100;
const NAMESPACE = "many";

let cluster: AdapterCluster;
let port: ClusterPort;

beforeAll(async () => {
  // Later pages come from etcd, as on every version before 1.34: then a compaction really ends a list that is under way.
  const extraArgs = ["--feature-gates=ListFromCacheSnapshot=false"];
  cluster = await startAdapterCluster({ name: "reading", users: ["reader"], extraArgs });
  port = await cluster.open();
  await createNamespace(cluster.server, NAMESPACE);
  await grantReader();
  await fill(ENDPOINTS);
});
afterAll(() => cluster.close());
afterEach(() => cluster.proxy.clear());

const deadline = (ms = 60_000): AbortSignal => AbortSignal.timeout(ms);
const endpointName = (index: number): string => `e-${String(index).padStart(5, "0")}`;
const collection = `/apis/externaldns.k8s.io/v1alpha1/namespaces/${NAMESPACE}/dnsendpoints`;

function endpoint(name: string): object {
  const endpoints = [{ dnsName: `${name}.example.com`, recordType: "CNAME", targets: ["t.example.com"] }];
  return { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint", metadata: { name }, spec: { endpoints } };
}

async function fill(count: number): Promise<void> {
  const queue = Array.from({ length: count }, (_, index) => endpointName(index));
  const workers = Array.from({ length: 16 }, async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      await cluster.server.request("POST", collection, endpoint(name));
    }
  });
  await Promise.all(workers);
}

/** `reader` may list DNSEndpoints and nothing else. */
async function grantReader(): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const rules = [{ apiGroups: ["externaldns.k8s.io"], resources: ["dnsendpoints"], verbs: ["list"] }];
  await cluster.server.request("POST", `${rbac}/clusterroles`, { metadata: { name: "reader" }, rules });
  await cluster.server.request("POST", `${rbac}/clusterrolebindings`, {
    metadata: { name: "reader" },
    subjects: [{ kind: "User", name: "reader", apiGroup: "rbac.authorization.k8s.io" }],
    roleRef: { kind: "ClusterRole", name: "reader", apiGroup: "rbac.authorization.k8s.io" },
  });
}

const isList = ({ method, path }: SeenRequest): boolean => method === "GET" && path.endsWith("/dnsendpoints");
const isLaterPage = (request: SeenRequest): boolean => isList(request) && request.query.has("continue");
const gone: FaultEffect = { kind: "answer", status: 410, body: statusBody(410, "Expired", "the list expired") };

async function listNames(): Promise<readonly string[]> {
  const { objects } = await port.list("DNSEndpoint", deadline());
  return objects.map((object) => object.meta.name);
}

describe("list", () => {
  it("reads every page, sorted, each object once", async () => {
    const names = await listNames();
    expect(names).toEqual(Array.from({ length: ENDPOINTS }, (_, index) => endpointName(index)));
    const pages = cluster.proxy.requests().filter(isList);
    expect(pages.map(({ query }) => query.get("limit"))).toEqual(["500", "500", "500"]);
  });

  it("reads core kinds with their selectors as well", async () => {
    await cluster.server.request("POST", "/api/v1/namespaces/many/services", {
      metadata: { name: "ingress", labels: { istio: "internal" } },
      spec: { type: "LoadBalancer", ports: [{ port: 443 }] },
    });
    await cluster.server.request("POST", "/api/v1/namespaces/many/services", {
      metadata: { name: "other" },
      spec: { ports: [{ port: 80 }] },
    });
    const services = await port.list("Service", deadline());
    expect(services.objects.map(({ meta, type }) => [meta.name, type])).toEqual([["ingress", "LoadBalancer"]]);
    const namespaces = await port.list("Namespace", deadline());
    expect(namespaces.objects.map(({ meta }) => meta.name)).toContain(NAMESPACE);
  });

  it.each<[string, FaultEffect, number]>([
    ["a connection cut in the middle of the list", { kind: "cut" }, 2],
    ["a page that ends half way", { kind: "cut-body" }, 2],
    ["500 on a page", { kind: "answer", status: 500, body: statusBody(500, "InternalError", "etcd is away") }, 2],
    ["503 from a proxy", { kind: "answer", status: 503, body: "<html>no backend</html>" }, 2],
    ["429 with Retry-After", { kind: "answer", status: 429, headers: { "retry-after": "1" }, body: "" }, 1],
    ["410 Gone once", gone, 1],
    ["a slow page", { kind: "delay", ms: 200 }, 1],
  ])("is complete in spite of %s", async (_given, effect, times) => {
    cluster.proxy.inject({ when: isLaterPage, effect, times });
    await expect(listNames()).resolves.toHaveLength(ENDPOINTS);
  });

  it.each<[string, FaultEffect]>([
    ["every connection is cut", { kind: "cut" }],
    ["pages end half way", { kind: "cut-body" }],
    ["pages fail with 500", { kind: "answer", status: 500, body: statusBody(500, "InternalError", "etcd is away") }],
    [
      "the API server asks for a long wait",
      { kind: "answer", status: 429, headers: { "retry-after": "600" }, body: "" },
    ],
    ["the list expires again and again", gone],
    ["a page is no list", { kind: "answer", status: 200, body: { kind: "Status", status: "Success" } }],
    ["a page is no JSON", { kind: "answer", status: 200, body: "<html>log in</html>" }],
  ])("throws away what it has when after the first page %s", async (_given, effect) => {
    cluster.proxy.inject({ when: isLaterPage, effect });
    await expect(listNames()).rejects.toMatchObject({ code: "LIST_INCOMPLETE", retryable: true });
  });

  it("reads nothing of a list whose deadline passes half way", async () => {
    cluster.proxy.inject({ when: isLaterPage, effect: { kind: "hang" } });
    await expect(port.list("DNSEndpoint", deadline(1_000))).rejects.toMatchObject({
      code: "LIST_INCOMPLETE",
      message: expect.stringContaining("deadline"),
    });
  });

  it("starts again when etcd was compacted under it", async () => {
    cluster.proxy.inject({ when: isLaterPage, effect: { kind: "first", run: compactEtcd }, times: 1 });
    const before = cluster.proxy.requests().length;
    await expect(listNames()).resolves.toHaveLength(ENDPOINTS);
    const pages = cluster.proxy.requests().slice(before).filter(isList);
    expect(pages.map((page) => (isLaterPage(page) ? "next" : "first"))).toEqual([
      "first",
      "next",
      "first",
      "next",
      "next",
    ]);
  });
});

/** What the API server does every five minutes: everything before the newest write is forgotten. */
async function compactEtcd(): Promise<void> {
  await cluster.server.request("POST", collection, endpoint("compacted"));
  await cluster.server.request("DELETE", `${collection}/compacted`);
  const status = await fetch(`${cluster.etcd.endpoint}/v3/maintenance/status`, { method: "POST", body: "{}" });
  const { header } = (await status.json()) as { readonly header: { readonly revision: string } };
  const body = JSON.stringify({ revision: header.revision, physical: true });
  await fetch(`${cluster.etcd.endpoint}/v3/kv/compaction`, { method: "POST", body });
}

describe("what a cluster that cannot be read is called", () => {
  it("403 on one kind: FORBIDDEN with verb and resource, and other kinds go on", async () => {
    const reader = await cluster.open({ user: "reader" });
    await expect(reader.list("ServiceRoute", deadline())).rejects.toMatchObject({
      code: "FORBIDDEN",
      what: "list serviceroutes.routing.router.io",
    });
    await expect(reader.list("DNSEndpoint", deadline())).resolves.toMatchObject({ rejected: [] });
  });

  it("401: CLUSTER_UNAUTHORIZED, and no token in the error", async () => {
    const token = "secret-token-of-nobody";
    const access = { server: cluster.server.url, caPem: cluster.server.caPem, credentials: fixedToken(token) };
    const stranger = await openKubernetesCluster({ name: "w1", access });
    const failure = await stranger.list("ServiceRoute", deadline()).catch((caught: unknown) => caught);
    await stranger.close();
    expect(failure).toMatchObject({ code: "CLUSTER_UNAUTHORIZED" });
    expect(inspect(failure, { depth: 20 })).not.toContain(token);
  });

  it.each([
    ["another CA", { caPem: createAuthority().caPem }],
    ["no CA", {}],
    ["another host name", { tlsServerName: "api.example.com" }],
  ])("a certificate that does not fit (%s): CLUSTER_CERTIFICATE at once", async (_given, overrides) => {
    const { url, caPem, adminToken } = cluster.server;
    const trust = "tlsServerName" in overrides ? { caPem, ...overrides } : overrides;
    const access = { server: url, ...trust, credentials: fixedToken(adminToken) };
    const distrusting = await openKubernetesCluster({ name: "w1", access });
    await expect(distrusting.list("ServiceRoute", deadline())).rejects.toMatchObject({ code: "CLUSTER_CERTIFICATE" });
    await distrusting.close();
  });

  it("nobody listens: CLUSTER_UNREACHABLE", async () => {
    const access = { server: `https://127.0.0.1:${await freePort()}`, credentials: fixedToken("t") };
    const nowhere = await openKubernetesCluster({ name: "w1", access });
    await expect(nowhere.list("ServiceRoute", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    await nowhere.close();
  });

  it("no answer before the deadline: CLUSTER_UNREACHABLE, not AbortError", async () => {
    cluster.server.pause();
    const hanging = port.list("ServiceRoute", deadline(500));
    await expect(hanging.finally(() => cluster.server.resume())).rejects.toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: expect.stringContaining("deadline"),
    });
  });

  it("no answer to one request within its own time: CLUSTER_UNREACHABLE after the retries", async () => {
    const impatient = await cluster.open({ limits: { requestTimeoutMs: 100 } });
    cluster.proxy.inject({ when: () => true, effect: { kind: "hang" } });
    await expect(impatient.list("ServiceRoute", deadline())).rejects.toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: expect.stringContaining("100 ms"),
    });
  });

  it("the caller stopped: its own reason, at once", async () => {
    const stop = new AbortController();
    const reason = new Error("the lease is lost");
    cluster.proxy.inject({
      when: () => true,
      effect: {
        kind: "first",
        run: () => {
          stop.abort(reason);
          return Promise.resolve();
        },
      },
    });
    await expect(port.list("ServiceRoute", stop.signal)).rejects.toBe(reason);
  });

  it("a server that throttles for longer than may be waited: THROTTLED with the time it asks for", async () => {
    const effect: FaultEffect = { kind: "answer", status: 429, headers: { "retry-after": "120" }, body: "" };
    cluster.proxy.inject({ when: () => true, effect });
    await expect(port.list("ServiceRoute", deadline())).rejects.toMatchObject({
      code: "THROTTLED",
      retryAfterMs: 120_000,
    });
  });

  it("a crashed server that comes back is read again over the same port", async () => {
    const direct = await cluster.open({ through: "server" });
    await direct.list("ServiceRoute", deadline());
    await cluster.server.kill();
    await expect(direct.list("ServiceRoute", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    await cluster.server.restart();
    await expect(direct.list("ServiceRoute", deadline())).resolves.toMatchObject({ rejected: [] });
  });
});

describe("kinds that are not served", () => {
  it("names the kind without a CRD, and finds the only version of an older Istio", async () => {
    const bare = await startApiServer({ etcd: cluster.etcd, name: "bare" });
    const { url, caPem, adminToken } = bare;
    const old = await openKubernetesCluster({
      name: "w2",
      access: { server: url, caPem, credentials: fixedToken(adminToken) },
    });
    await expect(old.list("ServiceRoute", deadline())).rejects.toMatchObject({
      code: "KIND_NOT_SERVED",
      kind: "ServiceRoute",
    });
    await expect(old.istioVersion(deadline())).resolves.toBeUndefined();
    await expect(old.list("IstioGateway", deadline())).rejects.toMatchObject({ code: "KIND_NOT_SERVED" });
    await installCrds(bare, istioGatewayCrd(["v1beta1"]));
    await expect(old.istioVersion(deadline())).resolves.toBe("v1beta1");
    await expect(old.list("IstioGateway", deadline())).resolves.toEqual({ objects: [], rejected: [] });
    await old.close();
    await bare.stop();
  });
});
