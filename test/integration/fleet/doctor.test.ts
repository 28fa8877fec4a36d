/** Doctor on a fleet as it is run, with the rights of crds/rbac: coverage from real objects, and nothing written. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Coverage } from "../../../shared/model/coverage.ts";
import type { Finding } from "../../../shared/model/finding.ts";
import { profile } from "../../support/builders/external-dns.ts";
import { createNamespace, setStatus, type KubeObject } from "../../support/components/test-cluster.ts";
import { withoutRights } from "../../support/fleet/access-rights.ts";
import { DNS_NAMESPACE, externalDnsDeployment } from "../../support/fleet/external-dns-objects.ts";
import {
  applyAll,
  GATEWAY_NAMESPACE,
  hostOf,
  policy,
  route,
  setUpPlatform,
} from "../../support/fleet/fleet-objects.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1" }, { name: "n1" });
});
afterAll(() => fleet.close());
afterEach(() => fleet.reset());

const server = (name: string) => fleet.cluster(name).server;
const regions = ["weu", "neu"];

type Document = {
  readonly summary: { readonly critical: number; readonly warning: number };
  readonly findings: readonly Finding[];
  readonly coverage: readonly Coverage[];
};

async function doctor(): Promise<Document & { readonly code: number }> {
  const { code, stdout } = await fleet.ask("doctor", "--output", "json");
  return { code, ...(JSON.parse(stdout) as Document) };
}

/** VirtualService, Service and EndpointSlice of a route; the slice as its controller would write it. */
function backend(namespace: string, name: string, ready: boolean): readonly KubeObject[] {
  const metadata = { namespace, name };
  const to = { destination: { host: name, port: { number: 80 } } };
  return [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata,
      spec: { hosts: [hostOf(namespace, name)], gateways: [`${GATEWAY_NAMESPACE}/public`], http: [{ route: [to] }] },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: name }, ports: [{ port: 80 }] } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [{ port: 8080 }],
      endpoints: [{ addresses: ["10.244.0.7"], conditions: { ready } }],
    },
  ];
}

/** Two clusters that both run cart; only w1 has search, and what n1 has behind it is not ready. */
async function populate(): Promise<void> {
  await Promise.all(
    [
      { name: "w1", region: "weu", address: "10.1.0.10" },
      { name: "n1", region: "neu", address: "10.3.0.10" },
    ].map(async ({ name, region, address }) => {
      await setUpPlatform(server(name), { region, cluster: "aks01", address, regions });
      await createNamespace(server(name), DNS_NAMESPACE);
      await applyAll(server(name), ...regions.map((one) => externalDnsDeployment(`external-dns-${one}`, profile(one))));
      await applyAll(server(name), policy("shop"), route("shop", "cart"), ...backend("shop", "cart", true));
    }),
  );
  await applyAll(server("w1"), route("shop", "search"), ...backend("shop", "search", true));
  await applyAll(server("n1"), ...backend("shop", "search", false));
}

describe("doctor on a fleet", () => {
  it("finds nothing wrong, says what would be covered, and writes nothing", async () => {
    await populate();
    fleet.configure({ regions });
    const { code, findings, coverage } = await doctor();
    // The test's fleet says an interval of 1 s, so that handovers are quick.
    expect(new Set(findings.map((one) => `${one.code} ${one.severity}`))).toEqual(
      new Set(["IntervalUnlikeFleet warning"]),
    );
    expect(code).toBe(2);
    expect(coverage).toMatchObject([
      { scope: { name: "n1" }, total: 1, covered: 1, substitute: "w1", uncovered: [] },
      {
        scope: { name: "w1" },
        total: 2,
        covered: 1,
        substitute: "n1",
        uncovered: [{ host: hostOf("shop", "search"), code: "NoRoute" }],
      },
    ]);
    expect([fleet.cluster("w1").writes(), fleet.cluster("n1").writes()]).toEqual([[], []]);
  });

  it("sees an endpoint that is not ready, and a route that nothing answers", async () => {
    await populate();
    await applyAll(server("n1"), route("shop", "search"));
    const { coverage, findings } = await doctor();
    const w1 = coverage.find(({ scope }) => scope.name === "w1");
    expect(w1?.uncovered).toMatchObject([
      {
        host: hostOf("shop", "search"),
        code: "NoReadyEndpoint",
        reason: "in n1 Service shop/search has no ready endpoint",
      },
    ]);
    expect(findings.filter(({ code }) => code === "RouteWithoutBackend")).toMatchObject([{ cluster: "n1" }]);
    await applyAll(server("n1"), ...backend("shop", "search", true));
    const { coverage: after } = await doctor();
    expect(after.find(({ scope }) => scope.name === "w1")).toMatchObject({ total: 2, covered: 2, uncovered: [] });
  });

  it("names a right that was taken away, and judges no coverage from what it could not read", async () => {
    await populate();
    await withoutRights(server("n1"), "read", "virtualservices.networking.istio.io");
    const { findings, coverage } = await doctor();
    expect(findings.filter(({ code }) => code === "ReadRightsMissing")).toMatchObject([
      { cluster: "n1", names: ["list virtualservices.networking.istio.io"] },
    ]);
    expect(coverage.find(({ scope }) => scope.name === "w1")).toMatchObject({
      covered: 0,
      uncovered: [{ code: "NoSubstitute" }, {}],
    });
  });

  it("sees the operator that still runs", async () => {
    await populate();
    const labels = { app: "operator" };
    const container = { name: "manager", image: "registry.example.com/service-router-operator:0.2.0" };
    const metadata = { namespace: DNS_NAMESPACE, name: "operator" };
    await applyAll(server("w1"), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    });
    await setStatus(
      server("w1"),
      { apiVersion: "apps/v1", kind: "Deployment", ...metadata },
      { replicas: 1, readyReplicas: 1 },
    );
    const { findings } = await doctor();
    expect(findings.filter(({ code }) => code === "OperatorRunning")).toMatchObject([
      { cluster: "w1", severity: "warning" },
    ]);
  });
});
