/** What the audit looks at: instances with what they select, and who else publishes for the same region. */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { ExternalDnsDeployment, ExternalDnsInstance } from "../../model/external-dns.ts";
import { finding, type Finding, type FindingCode } from "../../model/finding.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { ExternalDnsController } from "../../model/resources.ts";
import { byText } from "../naming/item-id.ts";
import type { Flag } from "./flags.ts";
import { readInstances } from "./read-instances.ts";
import { REGION_LABEL, type RegionClues } from "./regions.ts";
import { selectionOf, type Selection } from "./selection.ts";

/** What was read of one cluster. */
export type AuditedCluster = {
  readonly cluster: string;
  /** Absent: they could not be read. */
  readonly deployments?: readonly ExternalDnsDeployment[];
  readonly endpoints?: readonly DnsEndpoint[] | "not-served";
  /** Domain of the honoured ClusterIdentity. */
  readonly domain?: string;
  /** Its own region, where anything says so. */
  readonly region?: string;
  /** Of the honoured DNSConfiguration; empty where there is none. */
  readonly controllers: readonly ExternalDnsController[];
};

/** One instance with what rules need to judge it. */
export type AuditedInstance = {
  readonly instance: ExternalDnsInstance;
  readonly selection: Selection;
  readonly cluster: AuditedCluster;
  /** Of the fleet configuration, where the instance has one region and that is configured. */
  readonly region?: RegionConfiguration;
};

export type AuditedFleet = {
  readonly clusters: readonly AuditedCluster[];
  /** All of them, sorted by cluster, then Deployment. */
  readonly instances: readonly AuditedInstance[];
  readonly clues: RegionClues;
};

/** @param regions of the fleet configuration; none where doctor looks at contexts alone. */
export function auditedFleet(
  clusters: readonly AuditedCluster[],
  regions: readonly RegionConfiguration[],
): AuditedFleet {
  const clues = cluesOf(clusters, regions);
  const instances = clusters.flatMap((cluster) =>
    readInstances(cluster.cluster, cluster.deployments ?? [], clues).map((instance): AuditedInstance => {
      const region = regions.find(({ name }) => instance.regions.length === 1 && instance.regions[0] === name);
      return {
        instance,
        selection: selectionOf(instance, cluster.endpoints),
        cluster,
        ...(region === undefined ? {} : { region }),
      };
    }),
  );
  return { clusters, instances: instances.sort(byCluster), clues };
}

function byCluster(left: AuditedInstance, right: AuditedInstance): number {
  return byText(left.cluster.cluster, right.cluster.cluster);
}

function cluesOf(clusters: readonly AuditedCluster[], regions: readonly RegionConfiguration[]): RegionClues {
  const controllers = clusters.flatMap((cluster) => cluster.controllers);
  return {
    regions: new Set([
      ...regions.map(({ name }) => name),
      ...controllers.map(({ region }) => region),
      ...clusters.flatMap(({ region }) => region ?? []),
      ...clusters.flatMap((cluster) => endpointsOf(cluster).flatMap(({ meta }) => meta.labels[REGION_LABEL] ?? [])),
    ]),
    named: new Map([
      ...controllers.map(({ name, region }) => [name, region] as const),
      ...regions.map(({ name, externalDns }) => [externalDns.ownerId, name] as const),
    ]),
  };
}

/** None where they could not be read. */
export function endpointsOf({ endpoints }: AuditedCluster): readonly DnsEndpoint[] {
  return endpoints === undefined || endpoints === "not-served" ? [] : endpoints;
}

/** Reads DNSEndpoints: all others are none of ours, but for what they have in common with ours. */
export function readsEndpoints({ settings }: ExternalDnsInstance): boolean {
  return settings.sources.includes("crd");
}

export function knows({ unknown }: ExternalDnsInstance, flag: Flag): boolean {
  return !unknown.includes(flag);
}

/** Whether two instances may write into one zone: not where their own arguments name different ones. */
export function mayShareZone(left: ExternalDnsInstance, right: ExternalDnsInstance): boolean {
  const [one, other] = [left.settings, right.settings];
  return (
    mayEqual(one.azureResourceGroup, other.azureResourceGroup) &&
    mayEqual(one.azureSubscription, other.azureSubscription) &&
    mayEqual(one.provider, other.provider) &&
    mayOverlap(one.domainFilters, other.domainFilters)
  );
}

function mayEqual(left: string, right: string): boolean {
  return left === "" || right === "" || left.toLowerCase() === right.toLowerCase();
}

function mayOverlap(left: readonly string[], right: readonly string[]): boolean {
  const [ones, others] = [left, right].map((filters) => filters.filter((filter) => filter !== "").map(withDot));
  if (ones === undefined || others === undefined || ones.length === 0 || others.length === 0) return true;
  return ones.some((one) => others.some((other) => one.endsWith(other) || other.endsWith(one)));
}

function withDot(filter: string): string {
  return filter.startsWith(".") ? filter : `.${filter}`;
}

/** Other instances for the same region, in any cluster, that read DNSEndpoints. */
export function siblingsOf({ instance }: AuditedInstance, fleet: AuditedFleet): readonly AuditedInstance[] {
  return fleet.instances.filter(
    (other) =>
      other.instance !== instance &&
      readsEndpoints(other.instance) &&
      other.instance.regions.some((region) => instance.regions.includes(region)) &&
      mayShareZone(instance, other.instance),
  );
}

/** `Deployment kube-system/external-dns-weu` */
export function objectOf({ deployment }: Pick<ExternalDnsInstance, "deployment">): string {
  return `Deployment ${deployment}`;
}

/** `w1 kube-system/external-dns-weu` */
export function placeOf({ cluster, deployment }: ExternalDnsInstance): string {
  return `${cluster} ${deployment}`;
}

/** A finding about one instance. */
export function about(
  { instance }: Pick<AuditedInstance, "instance">,
  code: FindingCode,
  particulars: Pick<Finding, "what"> & Partial<Pick<Finding, "severity" | "consequence" | "fix" | "names">>,
): Finding {
  const [region, ...more] = instance.regions;
  return finding(code, {
    cluster: instance.cluster,
    ...(region === undefined || more.length > 0 ? {} : { region }),
    object: objectOf(instance),
    ...particulars,
  });
}
