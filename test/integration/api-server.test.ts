/**
 * The ground that the other integration tests stand on: real API servers that share an etcd, enforce RBAC, serve the CRDs
 * of ExternalDNS and Istio, and keep their data over a crash.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiClient } from "../support/components/api-client.ts";
import { startApiServer, startEtcd, type ApiServer, type Etcd } from "../support/components/api-server.ts";
import { EXTERNAL_DNS_CRDS, ISTIO_CRDS, installCrds, istioGatewayCrd } from "../support/components/crds.ts";
import {
  applyObject,
  createNamespace,
  fullName,
  get,
  list,
  remove,
  setLoadBalancerIp,
} from "../support/components/test-cluster.ts";

const USER = "service-router-test";

let etcd: Etcd;
let weu: ApiServer;
let neu: ApiServer;

beforeAll(async () => {
  etcd = await startEtcd();
  [weu, neu] = await Promise.all([
    startApiServer({ etcd, name: "weu", users: [USER] }),
    startApiServer({ etcd, name: "neu", users: [USER] }),
  ]);
  await Promise.all([
    installCrds(weu, EXTERNAL_DNS_CRDS, ISTIO_CRDS),
    installCrds(neu, EXTERNAL_DNS_CRDS, istioGatewayCrd(["v1beta1"])),
  ]);
});

afterAll(async () => {
  await Promise.all([weu?.stop(), neu?.stop()]);
  await etcd?.stop();
});

const dnsEndpoint = (namespace: string, name: string) => ({
  apiVersion: "externaldns.k8s.io/v1alpha1",
  kind: "DNSEndpoint",
  metadata: { namespace, name },
  spec: { endpoints: [{ dnsName: `${name}.example.test`, recordType: "A", targets: ["10.0.0.1"], recordTTL: 60 }] },
});

describe("two API servers on one etcd", () => {
  it("hold their objects apart", async () => {
    const namespace = await createNamespace(weu);
    await applyObject(weu, dnsEndpoint(namespace, "only-weu"));
    const listing = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" };
    expect((await list(weu, listing)).map(fullName)).toContain(`${namespace}/only-weu`);
    expect((await list(neu, listing)).map(fullName)).not.toContain(`${namespace}/only-weu`);
    expect(await get(neu, { apiVersion: "v1", kind: "Namespace", name: namespace })).toBeUndefined();
  });

  it("serve Istio Gateways in the versions that were installed", async () => {
    const gateway = { kind: "Gateway", metadata: { namespace: "default", name: "public" } };
    const spec = {
      selector: { istio: "gateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["a.example.test"] }],
    };
    await applyObject(weu, { apiVersion: "networking.istio.io/v1", ...gateway, spec });
    await applyObject(neu, { apiVersion: "networking.istio.io/v1beta1", ...gateway, spec });
    const asBeta = await get(weu, {
      apiVersion: "networking.istio.io/v1beta1",
      kind: "Gateway",
      ...gateway.metadata,
    });
    expect(asBeta?.["spec"]).toEqual(spec);
    await expect(applyObject(neu, { apiVersion: "networking.istio.io/v1", ...gateway, spec })).rejects.toThrow(
      "neu does not serve Gateway of networking.istio.io/v1",
    );
  });
});

describe("authorisation", () => {
  it("refuses a user without a binding, and lets it do what a ClusterRole grants, no more", async () => {
    const namespaces = { method: "GET", path: "/api/v1/namespaces" };
    expect((await weu.requestAs(USER, namespaces)).status).toBe(403);
    const metadata = { name: "namespace-reader" };
    const rules = [{ apiGroups: [""], resources: ["namespaces"], verbs: ["list"] }];
    const apiVersion = "rbac.authorization.k8s.io/v1";
    await applyObject(weu, { apiVersion, kind: "ClusterRole", metadata, rules });
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name };
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: USER }];
    await applyObject(weu, { apiVersion, kind: "ClusterRoleBinding", metadata, roleRef, subjects });
    // The authoriser reads bindings from a watch, so they count a moment after they are stored.
    await expect.poll(async () => (await weu.requestAs(USER, namespaces)).status, { timeout: 5_000 }).toBe(200);
    expect((await weu.requestAs(USER, { method: "GET", path: "/api/v1/secrets" })).status).toBe(403);
    expect((await neu.requestAs(USER, namespaces)).status).toBe(403);
  });

  it("refuses a token that it does not know, and has none for a user that was not named", async () => {
    const client = createApiClient(weu.url, weu.caPem);
    expect((await client.call("wrong", { method: "GET", path: "/version" })).status).toBe(401);
    client.close();
    expect(() => weu.token("nobody")).toThrow('name it in the option "users"');
  });

  it("is reached with its own certificate only", async () => {
    const client = createApiClient(weu.url, neu.caPem);
    await expect(client.call(weu.adminToken, { method: "GET", path: "/version" })).rejects.toThrow("certificate");
    client.close();
  });
});

describe("objects", () => {
  it("refuses a field that the schema does not know", async () => {
    const namespace = await createNamespace(weu);
    const misspelt = { ...dnsEndpoint(namespace, "typo"), spec: { endpoints: [{ dnsNam: "x" }] } };
    await expect(applyObject(weu, misspelt)).rejects.toThrow("dnsNam");
  });

  it("takes a load-balancer address, and gives it up", async () => {
    const namespace = await createNamespace(weu);
    const service = { apiVersion: "v1", kind: "Service", namespace, name: "ingress" };
    const spec = { type: "LoadBalancer", ports: [{ port: 443 }] };
    await applyObject(weu, { apiVersion: "v1", kind: "Service", metadata: { namespace, name: "ingress" }, spec });
    await setLoadBalancerIp(weu, service, "203.0.113.7");
    expect(await get(weu, service)).toMatchObject({ status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } } });
    await setLoadBalancerIp(weu, service, undefined);
    expect((await get(weu, service))?.["status"]).toEqual({ loadBalancer: {} });
    expect(await remove(weu, service)).toBe(true);
    expect(await remove(weu, service)).toBe(false);
  });
});

describe("an API server that hangs", () => {
  it("accepts requests and answers them when it goes on", async () => {
    neu.pause();
    const outcome = neu.request("GET", "/readyz");
    const first = await Promise.race([outcome, weu.request("GET", "/api/v1/namespaces/default").then(() => "weu")]);
    expect(first).toBe("weu");
    neu.resume();
    expect((await outcome).status).toBe(200);
  });
});

describe("a crash of an API server", () => {
  it("breaks its requests, leaves the other one alone, and loses nothing", async () => {
    const namespace = await createNamespace(neu);
    await applyObject(neu, dnsEndpoint(namespace, "kept"));
    const before = { url: neu.url, caPem: neu.caPem, kubeconfig: neu.kubeconfig(USER) };
    await neu.kill();
    await expect(neu.request("GET", "/readyz")).rejects.toThrow("ECONNREFUSED");
    expect((await weu.request("GET", "/readyz")).status).toBe(200);
    await neu.restart();
    expect({ url: neu.url, caPem: neu.caPem, kubeconfig: neu.kubeconfig(USER) }).toEqual(before);
    const kept = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint", namespace, name: "kept" };
    expect(await get(neu, kept)).toMatchObject({ spec: dnsEndpoint(namespace, "kept").spec });
  });
});
