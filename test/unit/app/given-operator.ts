/**
 * A fleet as the in-cluster operator left it: cluster w1 in region weu, n1 in neu, both zones, in each cluster one ExternalDNS
 * per region as the operator's guides deploy it (sync, a TXT prefix per cluster), and the operator running.
 */
import { planMigration } from "../../../shared/app/plan-migration.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import { ownershipName } from "../../../shared/core/naming/hosts.ts";
import { newOwnershipValue } from "../../../shared/core/verification/ownership.ts";
import type { ClusterConfiguration, RegionConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Migration, MigrationStepId, MigrationTask } from "../../../shared/model/migration.ts";
import type { OperatorValues } from "../../../shared/model/operator-values.ts";
import type { RecordSetType } from "../../../shared/model/zone-records.ts";
import { argsOf, seedProfile, type Flags } from "../../support/builders/external-dns.ts";
import { createMemoryZone, filed, type MemoryZone } from "../../support/zone-port.ts";
import { configuredCluster, givenFleet, hostOf, type Given } from "./given-fleet.ts";
import * as bodies from "../../sim/world/bodies.ts";

export const clusters = { w1: "weu", n1: "neu" } as const;
export type ClusterName = keyof typeof clusters;
export const clusterNames = ["w1", "n1"] as const;
const regions = ["weu", "neu"] as const;
const operator = "service-router-system/service-router-operator-controller-manager";

/** The ports belong to a configuration that a person edits. */
export type GivenOperator = Given & {
  ports: Given["ports"];
  readonly zone: (region: string) => MemoryZone;
  /** Flags of the instance of a cluster for a region, as `w1 weu`. */
  readonly flags: Map<string, Flags>;
};

export function givenOperator(): GivenOperator {
  const configured = regions.map((name): RegionConfiguration => ({
    name,
    zones: [{ kind: "azure", subscription: "s", resourceGroup: `rg-${name}`, zone: bodies.domain }],
    zoneWrites: "observe",
    externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
  }));
  const given = givenFleet({
    configuration: {
      regions: configured,
      clusters: clusterNames.map((name) => configuredCluster(name, { writes: "observe" })),
    },
  });
  for (const name of regions) given.zones.set(`${name}/${bodies.domain}`, createMemoryZone(bodies.domain));
  const zone = (region: string): MemoryZone => {
    const found = given.zones.get(`${region}/${bodies.domain}`);
    if (found === undefined) throw new Error(`no zone ${region}`);
    return found;
  };
  const all: GivenOperator = { ...given, zone, flags: new Map() };
  for (const cluster of clusterNames) {
    all.server(cluster).put("DNSConfiguration", bodies.dnsConfiguration("dns", [...regions]), "platform");
    for (const region of regions) setFlags(all, cluster, region, seedProfile(region, `${cluster}-p-aks-`));
    runOperator(all, cluster, 1);
    operatorPass(all, cluster);
  }
  externalDnsPass(all);
  return all;
}

/** Replaces the instance of a cluster for a region; it is one Deployment each. */
export function setFlags(given: GivenOperator, cluster: ClusterName, region: string, flags: Flags, replicas = 1): void {
  given.flags.set(`${cluster} ${region}`, flags);
  const container = { name: "external-dns", image: "external-dns:v0.20.0", args: argsOf(flags) };
  const name = `external-dns-${region}`;
  const metadata = { namespace: "external-dns", name };
  const spec = { replicas, template: { spec: { containers: [container] } } };
  given.server(cluster).put("OperatorDeployment", deployment(metadata, spec), "platform");
}

function deployment(metadata: JsonObject, spec: JsonObject): JsonObject {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec };
}

/** As its Helm chart installs it. */
export function runOperator(given: Given, cluster: ClusterName, replicas: number, args: readonly string[] = []): void {
  const [namespace = "", name = ""] = operator.split("/");
  const labels = { "helm.sh/chart": "service-router-operator-0.2.0", "app.kubernetes.io/instance": "router" };
  const container = { name: "manager", image: "registry.example.com/service-router-operator:0.2.0", args: [...args] };
  const spec = { replicas, template: { spec: { containers: [container] } } };
  const server = given.server(cluster);
  server.put("OperatorDeployment", deployment({ namespace, name, labels }, spec), "helm");
  server.setStatus("OperatorDeployment", operator, { readyReplicas: replicas }, "kubelet");
}

export function uninstallOperator(given: Given, cluster: ClusterName): void {
  given.server(cluster).delete("OperatorDeployment", operator, { writer: { manager: "helm" } });
}

/** What the operator writes: DNSEndpoints of routes for its own region, of the gateway for every region, an Istio Gateway. */
export function operatorPass(given: Given, cluster: ClusterName): void {
  const server = given.server(cluster);
  const marker = { "app.kubernetes.io/managed-by": "service-router-operator" };
  const gatewayHost = `${cluster}-${clusters[cluster]}-internal.${bodies.domain}`;
  const routes = server.list("ServiceRoute").objects;
  for (const { meta } of routes) {
    const controller = `external-dns-${clusters[cluster]}`;
    const labels = {
      ...marker,
      "router.io/controller": controller,
      "router.io/region": clusters[cluster],
      "router.io/serviceroute": meta.name,
      "router.io/source-namespace": "shop",
    };
    const owner = { apiVersion: "routing.router.io/v1alpha1", kind: "ServiceRoute", name: meta.name, uid: meta.uid };
    const record = { dnsName: hostOf(cluster, meta.name), recordType: "CNAME", targets: [gatewayHost] };
    server.put("DNSEndpoint", endpoint(`shop/${meta.name}-${controller}`, labels, record, owner), "manager");
  }
  const [service] = server.list("Service").objects;
  for (const region of regions) {
    const labels = {
      ...marker,
      "router.io/istio-controller": "ingress",
      "router.io/target-postfix": "internal",
      "router.io/region": region,
      "router.io/resource-type": "gateway-service",
    };
    const record = { dnsName: gatewayHost, recordType: "A", targets: ["10.0.0.1"], recordTTL: 300 };
    const key = `istio-system/gateway-controller-ingress-internal-external-dns-${region}`;
    const owner = { apiVersion: "v1", kind: "Service", name: "ingress", uid: service?.meta.uid ?? "" };
    server.put("DNSEndpoint", endpoint(key, labels, record, owner), "manager");
  }
  const hosts = routes.map(({ meta }) => hostOf(cluster, meta.name));
  const [gateway] = server.list("Gateway").objects;
  server.put("IstioGateway", istioGateway(hosts, gateway?.meta.uid ?? ""), "manager");
}

function endpoint(key: string, labels: JsonObject, record: JsonObject, owner: JsonObject): JsonObject {
  const [namespace = "", name = ""] = key.split("/");
  return {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: { namespace, name, labels, ownerReferences: [{ ...owner, controller: true }] },
    spec: { endpoints: [record] },
  };
}

function istioGateway(hosts: readonly string[], uid: string): JsonObject {
  const owner = { apiVersion: "routing.router.io/v1alpha1", kind: "Gateway", name: "internal", uid, controller: true };
  const labels = { "app.kubernetes.io/managed-by": "service-router-operator", "router.io/gateway": "internal" };
  const server = {
    port: { number: 443, name: "https", protocol: "HTTPS" },
    hosts: [...hosts],
    tls: { mode: "SIMPLE", credentialName: "wildcard" },
  };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { namespace: "istio-system", name: "internal", labels, ownerReferences: [owner] },
    spec: { selector: { istio: "ingress" }, servers: [server] },
  };
}

/** Every instance makes its pass with its own prefix and owner: it adds, and changes what it owns. It deletes nothing here. */
export function externalDnsPass(given: GivenOperator): void {
  for (const [id, flags] of given.flags) {
    const [cluster = "", region = ""] = id.split(" ");
    const owner = String(flags["txt-owner-id"]);
    for (const { meta, spec } of given.server(cluster).list("DNSEndpoint").objects) {
      if (meta.labels["router.io/region"] !== region) continue;
      for (const { dnsName, recordType, targets, recordTTL } of spec.endpoints) {
        const type = recordType as RecordSetType;
        const txt = { name: ownershipName(String(flags["txt-prefix"]), type, dnsName), type: "TXT" } as const;
        const zone = given.zone(region);
        const isOwned = zone.get(txt)?.values[0]?.includes(`owner=${owner},`) === true;
        if (zone.get({ name: dnsName, type }) !== undefined && !isOwned) continue;
        zone.put(filed({ name: dnsName, type, values: targets, ttlSeconds: recordTTL ?? 300 }));
        if (!isOwned)
          zone.put(filed({ ...txt, values: [newOwnershipValue(owner, `crd/${meta.namespace}/${meta.name}`)] }));
      }
    }
  }
}

/** A person edits fleet.yaml. */
export function editCluster(given: GivenOperator, name: ClusterName, edit: Partial<ClusterConfiguration>): void {
  const { configuration } = given.ports;
  const edited = configuration.clusters.map((one) => (one.name === name ? { ...one, ...edit } : one));
  given.ports = { ...given.ports, configuration: { ...configuration, clusters: edited } };
}

export function editRegion(given: GivenOperator, name: string, edit: Partial<RegionConfiguration>): void {
  const { configuration } = given.ports;
  const edited = configuration.regions.map((one) => (one.name === name ? { ...one, ...edit } : one));
  given.ports = { ...given.ports, configuration: { ...configuration, regions: edited } };
}

/** What `apply --cluster … --wait` does in a world whose clock moves. */
export async function applyUntilSettled(given: GivenOperator, cluster: ClusterName): Promise<void> {
  for (let passes = 0; passes < 5; passes += 1) {
    await reconcileFleet(given.ports, { mode: "apply", scope: { cluster }, allStatuses: true });
    externalDnsPass(given);
    await given.clock.advance(75_000);
  }
}

export function look(given: GivenOperator, values?: OperatorValues): Promise<Migration> {
  return planMigration(given.ports, values === undefined ? {} : { values });
}

/** `1 next, 2 done, …` by number. */
export function statesOf({ steps }: Migration): string {
  return steps.map(({ state }, index) => `${index + 1} ${state}`).join(", ");
}

export function tasksOf({ steps }: Migration, id: MigrationStepId): readonly MigrationTask[] {
  return steps.find((step) => step.id === id)?.tasks ?? [];
}

/** The task about a cluster or region that is not only worth a look. */
export function taskAbout(migration: Migration, id: MigrationStepId, about: string): MigrationTask | undefined {
  return tasksOf(migration, id).find(({ cluster, region, state }) => (cluster ?? region) === about && state !== "look");
}

/** Everything that somebody would type now. */
export function commandsOf({ steps }: Migration): readonly string[] {
  return steps.flatMap(({ tasks }) => tasks.flatMap(({ todo }) => todo.flatMap(({ commands }) => commands)));
}
