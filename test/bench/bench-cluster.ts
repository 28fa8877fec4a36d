/**
 * Real clusters for benchmarks: API servers on one etcd, each with the CRDs, an identity, two ExternalDNS controllers, a
 * Gateway with an address, and namespaces whose routes are published by both controllers.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { composeFleetApp, type FleetApp } from "../../shared/compose.ts";
import { kindTable } from "../../shared/contracts/kinds.ts";
import type { Kind } from "../../shared/model/kinds.ts";
import type { PassReport } from "../../shared/model/report.ts";
import type { Progress } from "../../shared/ports.ts";
import { startApiServer, startEtcd, type ApiServer } from "../support/components/api-server.ts";
import { EXTERNAL_DNS_CRDS, installCrds, ISTIO_CRDS } from "../support/components/crds.ts";
import { OUR_CRDS } from "../support/kubernetes-access.ts";
import { openRawApi, pathOf, type RawApi, type RawCall } from "./raw-api.ts";

const NAMESPACES = 20;
const REGIONS = ["weu", "neu"] as const;

export type BenchCluster = { readonly name: string; readonly server: ApiServer; readonly api: RawApi };

export type BenchFleet = {
  readonly clusters: readonly BenchCluster[];
  readonly folder: string;
  readonly close: () => Promise<void>;
};

/** Starts as many API servers as there are names, side by side. About ten seconds. */
export async function startBenchFleet(names: readonly string[]): Promise<BenchFleet> {
  const etcd = await startEtcd();
  const folder = await mkdtemp(join(tmpdir(), "service-router-bench-"));
  const clusters: BenchCluster[] = [];
  const close = async (): Promise<void> => {
    for (const { api, server } of clusters) {
      await api.close();
      await server.stop();
    }
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const [number, name] of names.entries()) {
      const server = await startApiServer({ etcd, name });
      const api = openRawApi(server);
      clusters.push({ name, server, api });
      await installCrds(server, ...OUR_CRDS, EXTERNAL_DNS_CRDS, ISTIO_CRDS);
      await api.sendAll(["istio-system", "aks-istio-ingress", ...namespaces()].map(namespaceCall));
      for (const call of groundCalls(name, number)) await api.send(call);
    }
    return { clusters, folder, close };
  } catch (caught) {
    await close();
    throw caught;
  }
}

/** fleet.yaml over these clusters with an empty store of its own. @returns its path. */
export async function writeFleetFile(fleet: BenchFleet, clusters = fleet.clusters): Promise<string> {
  const directory = await mkdtemp(join(fleet.folder, "fleet-"));
  await mkdir(join(directory, "kubeconfigs"));
  const entries = await Promise.all(
    clusters.map(async ({ name, server }) => {
      const path = join(directory, "kubeconfigs", name);
      await writeFile(path, server.kubeconfig("admin"), { mode: 0o600 });
      return { name, source: { kubeconfig: { path, context: name } }, writes: "apply" };
    }),
  );
  const file = join(directory, "fleet.yaml");
  await writeFile(file, stringify({ clusters: entries, regions: REGIONS.map((name) => ({ name })) }));
  return file;
}

export async function openFleetApp(configurationPath: string, progress?: Progress): Promise<FleetApp> {
  return await composeFleetApp({ configurationPath, holder: "bench", ...(progress === undefined ? {} : { progress }) });
}

/** @throws when the pass did not run, or anything of it failed: its time would mean something else. */
export async function onePass(app: FleetApp): Promise<PassReport> {
  const outcome = await app.reconcile({ by: "bench", allStatuses: true });
  if (outcome.kind !== "ran") throw new Error(`the pass did not run: ${outcome.kind}`);
  const { report } = outcome;
  const { results, statuses, ended, clusters, plan } = report;
  const failed = [
    ...clusters.flatMap(({ standing, writes }) =>
      standing.kind === "frozen" ? [standing.reason] : "reason" in writes ? [writes.reason] : [],
    ),
    ...results.flatMap(({ outcome: one }) => (one.kind === "done" ? [] : [JSON.stringify(one)])),
    ...statuses.flatMap((status) => (status.outcome === "written" ? [] : [status.reason ?? status.outcome])),
    ...plan.held.map(({ reason }) => reason),
    ...(ended.kind === "complete" ? [] : [ended.reason]),
  ];
  if (failed.length > 0) throw new Error(`the pass did not do all: ${[...new Set(failed)].slice(0, 5).join("; ")}`);
  return report;
}

/** Routes `route-0` … `route-{count - 1}`, spread over the namespaces; each is published by both controllers. */
export function routeCalls(cluster: string, count: number): readonly RawCall[] {
  return Array.from({ length: count }, (_, number) => {
    const namespace = `team-${number % NAMESPACES}`;
    const spec = {
      serviceName: `service-${number}`,
      gatewayName: "internal",
      environment: "prod",
      application: `app-${cluster}-${number % NAMESPACES}`,
    };
    return applyCall("ServiceRoute", { name: `route-${number}`, namespace }, spec);
  });
}

export function namespaces(): readonly string[] {
  return Array.from({ length: NAMESPACES }, (_, team) => `team-${team}`);
}

/** Everything but routes. */
function groundCalls(cluster: string, number: number): readonly RawCall[] {
  const region = REGIONS[0];
  return [
    applyCall(
      "ClusterIdentity",
      { name: "identity" },
      { region, cluster, domain: "example.com", environmentLetter: "p" },
    ),
    applyCall(
      "DNSConfiguration",
      { name: "dns" },
      { externalDNSControllers: REGIONS.map((one) => ({ name: `external-dns-${one}`, region: one })) },
    ),
    applyCall(
      "Gateway",
      { name: "internal", namespace: "istio-system" },
      { controller: "ingress", credentialName: "tls", targetPostfix: "internal" },
    ),
    // Bound to its own region: that activates every controller, so each route is published twice.
    ...namespaces().map((namespace) =>
      applyCall(
        "DNSPolicy",
        { name: "default", namespace },
        { mode: "RegionBound", sourceRegion: region, sourceCluster: cluster },
      ),
    ),
    applyCall(
      "Service",
      { name: "ingress", namespace: "aks-istio-ingress", labels: { istio: "ingress" } },
      { type: "LoadBalancer", ports: [{ port: 443 }] },
    ),
    {
      method: "PATCH",
      path: "/api/v1/namespaces/aks-istio-ingress/services/ingress/status",
      contentType: "application/merge-patch+json",
      body: { status: { loadBalancer: { ingress: [{ ip: `10.0.${number}.1` }] } } },
    },
  ];
}

function namespaceCall(name: string): RawCall {
  return applyCall("Namespace", { name });
}

type Name = { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };

function applyCall(kind: Kind, metadata: Name, spec?: object): RawCall {
  const { group, versions, apiKind, plural } = kindTable[kind];
  const apiVersion = group === "" ? versions[0] : `${group}/${versions[0]}`;
  return {
    method: "PATCH",
    path: `${pathOf(apiVersion, plural, metadata.name, metadata.namespace)}?fieldManager=bench`,
    contentType: "application/apply-patch+yaml",
    body: { apiVersion, kind: apiKind, metadata, ...(spec === undefined ? {} : { spec }) },
  };
}
