/** AKS access with the real Azure SDKs against a server that answers in Azure's shapes, and a real API server behind it. */
import { inspect } from "node:util";
import { DefaultAzureCredential } from "@azure/identity";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAksCluster } from "../../shared/adapters/azure-aks/aks-cluster.ts";
import { ArmClients } from "../../shared/adapters/azure-aks/arm.ts";
import { discoverAksClusters } from "../../shared/adapters/azure-aks/discover.ts";
import { TokenCache } from "../../shared/adapters/azure-aks/token-cache.ts";
import { openKubernetesCluster } from "../../shared/adapters/kubernetes/kubernetes-cluster.ts";
import type { DiscoveryConfiguration } from "../../shared/model/fleet-configuration.ts";
import type { ClusterPort } from "../../shared/ports.ts";
import {
  AKS_RESOURCE,
  type AzureCluster,
  type AzureServer,
  resourceIdOf,
  startAzureServer,
} from "../support/azure/azure-server.ts";
import { type ApiServer, type Etcd, startApiServer, startEtcd } from "../support/components/api-server.ts";
import { createAuthority } from "../support/certificates.ts";

const SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a";
const LISTED = ["Namespace"] as const;

let etcd: Etcd;
let server: ApiServer;
let azure: AzureServer;
let arm: ArmClients;
let tokens: TokenCache;
let opened: ClusterPort[];
let nowMs: number;

beforeAll(async () => {
  etcd = await startEtcd();
  server = await startApiServer({ etcd, name: "aks" });
  azure = await startAzureServer();
  azure.issue(AKS_RESOURCE, server.adminToken);
  Object.assign(process.env, azure.environment, { AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" });
});

afterAll(async () => {
  for (const name of [...Object.keys(azure.environment), "AZURE_TOKEN_CREDENTIALS"]) delete process.env[name];
  await azure.close();
  await server.stop();
  await etcd.stop();
});

beforeEach(() => {
  azure.reset();
  const credential = new DefaultAzureCredential();
  arm = new ArmClients(credential, { endpoint: azure.armEndpoint, caPem: azure.caPem });
  tokens = new TokenCache(credential);
  opened = [];
  nowMs = Date.parse("2026-11-21T12:00:00Z");
});

afterEach(async () => {
  await Promise.all(opened.map((port) => port.close()));
});

function aksCluster(overrides: Partial<AzureCluster> = {}): AzureCluster {
  const { url, caPem } = server;
  return { subscription: SUBSCRIPTION, resourceGroup: "rg", name: "w1", server: url, caPem, ...overrides };
}

/** Registers the cluster with Azure and opens it by its resource id. */
function open(cluster: AzureCluster): ClusterPort {
  azure.put(cluster);
  return openById(resourceIdOf(cluster));
}

function openById(resourceId: string): ClusterPort {
  const openCluster = openKubernetesCluster;
  const port = openAksCluster({ name: "w1", resourceId, arm, tokens, openCluster, nowMs: () => nowMs });
  opened.push(port);
  return port;
}

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);
const listNamespaces = (port: ClusterPort): Promise<unknown> => port.list(LISTED[0], deadline());

describe("openAksCluster", () => {
  it("reads a cluster with address and CA from Azure and a token of the managed identity", async () => {
    const port = open(aksCluster());
    const { objects } = await port.list("Namespace", deadline());
    expect(objects.map((namespace) => namespace.meta.name)).toContain("default");
  });

  it("asks Azure once for many requests at once, and not again", async () => {
    const port = open(aksCluster());
    await Promise.all(Array.from({ length: 10 }, () => listNamespaces(port)));
    await listNamespaces(port);
    expect(azure.requests().filter((request) => !request.startsWith("TOKEN"))).toEqual([
      `GET ${resourceIdOf(aksCluster())}`,
      `POST ${resourceIdOf(aksCluster())}/listClusterUserCredential`,
    ]);
  });

  it("gets another token when the API server refuses the one it had", async () => {
    const given = ["revoked", server.adminToken];
    const expiresOnTimestamp = Date.now() + 3_600_000;
    const getToken = (): Promise<{ token: string; expiresOnTimestamp: number }> =>
      Promise.resolve({ token: given.shift() ?? "none", expiresOnTimestamp });
    tokens = new TokenCache({ getToken });
    await expect(listNamespaces(open(aksCluster()))).resolves.toBeDefined();
  });

  it.each([
    ["no Entra integration", { entra: false }, "CONFIGURATION", /Entra/],
    ["a stopped cluster", { powerState: "Stopped" }, "CLUSTER_UNREACHABLE", /stopped in Azure/],
  ] as const)("refuses %s", async (_given, overrides, code, message) => {
    await expect(listNamespaces(open(aksCluster(overrides)))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [403, "AuthorizationFailed", undefined, "FORBIDDEN"],
    [429, "Throttled", 60, "THROTTLED"],
    [404, "ResourceNotFound", undefined, "CONFIGURATION"],
  ])("answers ARM's %i %s with a FleetError", async (status, code, retryAfterSeconds, expected) => {
    const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    azure.fail({ path: "/managedClusters/", times: 5, status, code, ...wait });
    await expect(listNamespaces(open(aksCluster()))).rejects.toMatchObject({ code: expected });
  });

  it("waits as long as ARM asks when that is short", async () => {
    azure.fail({ path: "listClusterUserCredential", times: 1, status: 429, code: "Throttled", retryAfterSeconds: 1 });
    await expect(listNamespaces(open(aksCluster()))).resolves.toBeDefined();
  });

  it("names the managed identity when it gives no token, and shows no request", async () => {
    tokens = new TokenCache({ getToken: () => Promise.reject(new Error("Bearer secret was refused")) });
    const failure = await listNamespaces(open(aksCluster())).catch((caught: unknown) => caught);
    expect(failure).toMatchObject({
      code: "CLUSTER_UNAUTHORIZED",
      message: expect.stringContaining("managed identity"),
    });
    expect(inspect(failure, { depth: 9 })).not.toContain("secret");
  });

  it("asks Azure again after a certificate was not trusted, though not in every pass", async () => {
    const port = open(aksCluster({ caPem: createAuthority().caPem }));
    await expect(listNamespaces(port)).rejects.toMatchObject({ code: "CLUSTER_CERTIFICATE" });
    // As Azure answers after the certificates were rotated.
    azure.put(aksCluster());
    nowMs += 60_000;
    await expect(listNamespaces(port)).rejects.toMatchObject({ code: "CLUSTER_CERTIFICATE" });
    nowMs += 300_000;
    await expect(listNamespaces(port)).resolves.toBeDefined();
  });

  it("keeps using the address it knows while Azure does not answer", async () => {
    const port = open(aksCluster());
    await listNamespaces(port);
    await expect(port.list("Namespace", AbortSignal.timeout(0))).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    nowMs += 600_000;
    azure.fail({ path: "/managedClusters/", times: 9, status: 429, code: "Throttled", retryAfterSeconds: 60 });
    await expect(listNamespaces(port)).resolves.toBeDefined();
    expect(azure.requests().at(-1)).toBe(`GET ${resourceIdOf(aksCluster())}`);
  });

  it("stops waiting for Azure at the caller's deadline", async () => {
    azure.fail({ path: "/managedClusters/", times: 5, status: 429, code: "Throttled", retryAfterSeconds: 5 });
    const port = open(aksCluster());
    await expect(port.list("Namespace", AbortSignal.timeout(300))).rejects.toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: expect.stringContaining("deadline"),
    });
  });

  it("refuses what is no resource id at once, and shows the form", () => {
    expect(() => openById("w1")).toThrow(/source\.aks.*managedClusters/s);
  });
});

describe("discoverAksClusters", () => {
  const discovery: DiscoveryConfiguration = {
    subscription: SUBSCRIPTION,
    tag: "service-router",
    value: "fleet-a",
    writes: "observe",
    gatewayNamespace: "istio-system",
  };
  const discover = (): ReturnType<typeof discoverAksClusters> =>
    discoverAksClusters({ arm, discovery, signal: deadline() });
  const tagged = { "Service-Router": "fleet-a" };

  it("finds the clusters that carry the tag, over all pages, and no others", async () => {
    for (const name of ["w1", "w2", "w3", "w4"]) azure.put(aksCluster({ name, tags: tagged }));
    azure.put(aksCluster({ name: "other-value", tags: { "service-router": "fleet-b" } }));
    azure.put(aksCluster({ name: "untagged" }));
    azure.put(aksCluster({ name: "elsewhere", tags: tagged, subscription: "00000000-0000-0000-0000-00000000000b" }));
    const found = await discover();
    expect(found.map((cluster) => cluster.name)).toEqual(["w1", "w2", "w3", "w4"]);
    expect(found[0]).toEqual({
      name: "w1",
      source: { kind: "aks", resourceId: resourceIdOf(aksCluster()) },
      writes: "observe",
      gatewayNamespace: "istio-system",
      operatorStopped: false,
    });
  });

  it("leaves the older of two clusters of one name its name, whatever Azure lists first", async () => {
    azure.put(aksCluster({ tags: tagged, resourceGroup: "rg-new", createdAt: "2026-02-01T00:00:00Z" }));
    azure.put(aksCluster({ tags: tagged, resourceGroup: "rg-old", createdAt: "2026-01-01T00:00:00Z" }));
    const found = await discover();
    expect(found.map(({ name, source }) => [name, "resourceId" in source ? source.resourceId : ""])).toEqual([
      ["w1", resourceIdOf(aksCluster({ resourceGroup: "rg-old" }))],
      ["w1-rg-new", resourceIdOf(aksCluster({ resourceGroup: "rg-new" }))],
    ]);
  });

  it("makes DNS labels of Azure's names", async () => {
    azure.put(aksCluster({ name: `My_Cluster-${"x".repeat(60)}`, tags: tagged }));
    const [found] = await discover();
    expect(found?.name).toMatch(/^my-cluster-x{52}$/);
  });

  it.each([
    [403, "AuthorizationFailed", "FORBIDDEN"],
    [429, "Throttled", "THROTTLED"],
  ])("answers ARM's %i with %s rather than a part of the list", async (status, code, expected) => {
    for (const name of ["w1", "w2", "w3", "w4"]) azure.put(aksCluster({ name, tags: tagged }));
    azure.fail({ path: "/managedClusters", times: 9, status, code, retryAfterSeconds: 60 });
    await expect(discover()).rejects.toMatchObject({ code: expected });
  });
});
