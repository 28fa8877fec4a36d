/**
 * Doctor on API servers that have nothing of ours: ExternalDNS Deployments as the operator's guides show them, no CRDs of
 * this product, contexts of a kubeconfig, and a real ServiceAccount that may read a little and write nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../shared/model/finding.ts";
import { seedProfile } from "../support/builders/external-dns.ts";
import { type ApiServer, type Etcd, startApiServer, startEtcd } from "../support/components/api-server.ts";
import { EXTERNAL_DNS_CRDS, installCrds } from "../support/components/crds.ts";
import { applyObject, createNamespace, type KubeObject } from "../support/components/test-cluster.ts";
import { runCommand, type CommandResult } from "../support/fleet/command-line.ts";
import { DNS_NAMESPACE, externalDnsDeployment, publishedEndpoint } from "../support/fleet/external-dns-objects.ts";
import { openWriteLog, type WriteLog } from "../support/fleet/write-log.ts";

const ACCOUNT = "system:serviceaccount:tools:doctor";
const CONTROLLER = "external-dns.alpha.kubernetes.io/controller";

type Bare = { readonly name: string; readonly server: ApiServer; readonly log: WriteLog; token: string };

let etcd: Etcd;
let folder = "";
let weu: Bare;
let neu: Bare;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "service-router-doctor-"));
  etcd = await startEtcd();
  [weu, neu] = await Promise.all([start("weu"), start("neu")]);
  const guide = (region: string, cluster: string) => ({
    ...seedProfile(region, `${cluster}-p-aks-`),
    "label-filter": false,
    "annotation-filter": `${CONTROLLER}=external-dns-${region}`,
  });
  // WEU runs its own instance; its standby for NEU is an update ahead. NEU keeps a standby for WEU without replicas.
  await applyAll(
    weu,
    publishedEndpoint("shop", "cart", "weu"),
    publishedEndpoint("shop", "archive", "neu"),
    externalDnsDeployment("external-dns-weu", guide("weu", "weu")),
    externalDnsDeployment("external-dns-neu", guide("neu", "weu"), { version: "0.22.0" }),
  );
  await applyAll(
    neu,
    externalDnsDeployment("external-dns-weu", guide("weu", "neu"), { replicas: 0 }),
    externalDnsDeployment("web", { source: "service" }, { replicas: 1 }),
  );
  writeKubeconfig();
});
afterAll(async () => {
  await Promise.all([weu, neu].map((one) => one?.server.stop()));
  await etcd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string): Promise<Bare> {
  const log = openWriteLog(folder, name, ACCOUNT);
  const server = await startApiServer({ etcd, name, extraArgs: log.args });
  await installCrds(server, EXTERNAL_DNS_CRDS);
  await Promise.all(["tools", DNS_NAMESPACE, "shop"].map((namespace) => createNamespace(server, namespace)));
  await applyObject(server, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { namespace: "tools", name: "doctor" },
  });
  await grant(server, [
    { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] },
    { apiGroups: ["externaldns.k8s.io"], resources: ["dnsendpoints"], verbs: ["list"] },
  ]);
  return { name, server, log, token: await tokenOf(server) };
}

/** What the account may do besides what every account may. */
async function grant(server: ApiServer, rules: readonly object[]): Promise<void> {
  const name = "doctor";
  await applyObject(server, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules,
  });
  await applyObject(server, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", namespace: "tools", name }],
  });
}

async function tokenOf(server: ApiServer): Promise<string> {
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3_600 } };
  const answer = await server.request("POST", "/api/v1/namespaces/tools/serviceaccounts/doctor/token", request);
  const { status } = answer.body as { readonly status: { readonly token: string } };
  return status.token;
}

async function applyAll({ server }: Bare, ...objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await applyObject(server, object);
}

const kubeconfig = (): string => path.join(folder, "kubeconfig");

function writeKubeconfig(): void {
  const all = [weu, neu];
  const authority = (server: ApiServer): string => Buffer.from(server.caPem).toString("base64");
  writeFileSync(
    kubeconfig(),
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "weu",
      contexts: all.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
      clusters: all.map(({ name, server }) => ({
        name,
        cluster: { server: server.url, "certificate-authority-data": authority(server) },
      })),
      users: all.map(({ name, token }) => ({ name, user: { token } })),
    }),
    { mode: 0o600 },
  );
}

const doctor = (...args: readonly string[]): Promise<CommandResult> =>
  runCommand({ env: { KUBECONFIG: kubeconfig() } }, "doctor", ...args);

async function findings(...args: readonly string[]): Promise<readonly Finding[]> {
  const { stdout } = await doctor(...args, "--output", "json");
  return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
}

const where = (all: readonly Finding[], code: string): readonly string[] =>
  all.filter((one) => one.code === code).map(({ cluster = "-", object = "-" }) => `${cluster} ${object}`);

describe("doctor on clusters with nothing of ours", () => {
  it("finds the wiper of the zone before it is started, prefixes that differ, and the annotation filter, in words", async () => {
    const { code, stdout, stderr } = await doctor("--all-contexts");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("Doctor: 2 clusters, 4 instances of ExternalDNS; ");
    expect(stdout).toMatch(
      /CRITICAL ZoneWiper[\s\S]*neu {2}Deployment external-dns\/external-dns-weu {2}\(weu\)[\s\S]*0 replicas, so it has not run yet/,
    );
    expect(stdout).toContain("As soon as it runs it deletes every record that its owner id has in the zone");
    expect(stdout).toMatch(/CRITICAL PrefixDiffers[\s\S]*prefix "neu-p-aks-": neu [\s\S]*prefix "weu-p-aks-": weu /);
    expect(stdout).toMatch(/CRITICAL AnnotationFilterEmpties[\s\S]*weu {2}Deployment external-dns\/external-dns-neu/);
    expect(stdout).toContain("→ replace --annotation-filter by --label-filter=router.io/region=neu");
    expect(stdout).not.toContain("If it died now");
  });

  it("counts the instance that its own version would empty as a wiper too", async () => {
    const found = await findings("--all-contexts");
    // 0.22 reads two DNSEndpoints of which one does not match, and takes none.
    expect(where(found, "ZoneWiper")).toEqual([
      "neu Deployment external-dns/external-dns-weu",
      "weu Deployment external-dns/external-dns-neu",
    ]);
    expect(where(found, "SyncShared")).toEqual(["weu Deployment external-dns/external-dns-weu"]);
    expect(where(found, "NotForDnsEndpoints")).toEqual(["neu Deployment external-dns/web"]);
  });

  it("says to whoever may list everything that our kinds are not there, and misses no right", async () => {
    const file = await weu.server.kubeconfigFile("admin");
    const found = await findings("--kubeconfig", file);
    expect(found.filter(({ severity }) => severity === "info").map(({ code, object }) => [code, object])).toEqual([
      ["CrdsMissing", undefined],
      ["GoesOnBlindly", "Deployment external-dns/external-dns-neu"],
      ["KindNotRead", "IstioGateway"],
      ["KindNotRead", "VirtualService"],
    ]);
    expect(found.filter(({ code }) => code.includes("Rights"))).toEqual([]);
  });

  it("names every right that the ServiceAccount lacks, with the ClusterRole that grants it", async () => {
    const found = await findings("--context", "weu");
    const reads = found.find(({ code }) => code === "ReadRightsMissing");
    expect(reads).toMatchObject({
      cluster: "weu",
      severity: "warning",
      fix: expect.stringContaining("service-router-read"),
    });
    expect(reads?.names).toEqual([
      "list clusteridentities.cluster.router.io",
      "list dnsconfigurations.cluster.router.io",
      "list dnspolicies.routing.router.io",
      "list endpointslices.discovery.k8s.io",
      "list gateways.networking.istio.io",
      "list gateways.routing.router.io",
      "list leases.coordination.k8s.io 3afd9a04.router.io",
      "list namespaces",
      "list serviceroutes.routing.router.io",
      "list services",
      "list virtualservices.networking.istio.io",
    ]);
    const writes = found.find(({ code }) => code === "WriteRightsMissing");
    expect(writes).toMatchObject({ severity: "info", fix: expect.stringContaining("service-router-write") });
    expect(writes?.names).toContain("patch serviceroutes/status.routing.router.io");
    expect(writes?.names).toContain("create events");
  });

  it("goes on with the rest where Deployments may not be listed, and says what was not looked at", async () => {
    await grant(neu.server, [{ apiGroups: ["externaldns.k8s.io"], resources: ["dnsendpoints"], verbs: ["list"] }]);
    await expect
      .poll(
        () =>
          findings("--context", "neu").then((found) => found.find(({ code }) => code === "ReadRightsMissing")?.names),
        {
          timeout: 60_000,
        },
      )
      .toContain("list deployments.apps");
    const found = await findings("--all-contexts");
    expect(where(found, "NoExternalDns")).toEqual([]);
    expect(where(found, "ZoneWiper")).toEqual(["weu Deployment external-dns/external-dns-neu"]);
  });

  it("sees that clocks agree", async () => {
    expect(where(await findings("--all-contexts"), "ClockSkew")).toEqual([]);
  });

  it("names an API server that is away and goes on with the other", async () => {
    await neu.server.kill();
    try {
      const { code, stdout } = await doctor("--all-contexts");
      expect(code).toBe(1);
      expect(stdout).toMatch(/CRITICAL ClusterNotRead\n {2}neu\n/);
      expect(stdout).toMatch(/CRITICAL AnnotationFilterEmpties[\s\S]*weu/);
    } finally {
      await neu.server.restart();
    }
  });

  it("takes the current context where nothing else is said, and says so", async () => {
    const { stdout } = await doctor("--quiet");
    expect(stdout).toContain("Doctor: 1 cluster, ");
    const whole = await doctor();
    expect(whole.stdout).toContain("there is no fleet.yaml here, so the current context was looked at");
  });

  it("wrote nothing in all of this: the account may not, and did not try", async () => {
    expect([weu.log.taken(), neu.log.taken()]).toEqual([[], []]);
    // The log would show it: the same account, trying.
    const call = { method: "POST", path: "/api/v1/namespaces/tools/configmaps", body: { metadata: { name: "x" } } };
    const refused = await fetchAs(weu, call.path, call.body);
    expect(refused).toBe(403);
    await expect.poll(() => weu.log.taken(), { timeout: 10_000 }).toEqual(["create configmaps tools/"]);
  });
});

/** One POST with the account's own token. @returns the status of the answer. */
async function fetchAs({ server, token }: Bare, pathname: string, body: object): Promise<number> {
  const { createApiClient } = await import("../support/components/api-client.ts");
  const client = createApiClient(server.url, server.caPem);
  const { status } = await client.call(token, { method: "POST", path: pathname, body });
  client.close();
  return status;
}
