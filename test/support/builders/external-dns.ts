/** ExternalDNS Deployments as clusters have them, and clusters as the audit gets them. */
import type { AuditedCluster } from "../../../shared/core/external-dns/audit.ts";
import type { DnsEndpoint } from "../../../shared/model/cluster-objects.ts";
import type { ExternalDnsContainer, ExternalDnsDeployment } from "../../../shared/model/external-dns.ts";
import { cname, controllersOf, dnsEndpoint, metaOf } from "./objects.ts";

/** Flags by name; a list repeats the flag, true stands for a flag without value, false leaves it out. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean>>;

/** The profile of docs/platform/external-dns.md for a region. */
export function profile(region = "weu"): Flags {
  return {
    source: "crd",
    provider: "azure-private-dns",
    "domain-filter": "example.com",
    registry: "txt",
    "txt-owner-id": `external-dns-${region}`,
    "txt-prefix": "_xdns-%{record_type}.",
    policy: "upsert-only",
    "label-filter": `router.io/region=${region}`,
    interval: "1m",
    events: true,
  };
}

/** What the operator's guides deploy: sync, a prefix per cluster, the region by its label. */
export function seedProfile(region: string, prefix: string): Flags {
  return {
    ...profile(region),
    "label-filter": `router.io/region in (${region})`,
    "txt-prefix": prefix,
    policy: "sync",
  };
}

export function argsOf(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    if (value === false) return [];
    if (value === true) return [`--${flag}`];
    return (typeof value === "string" ? [value] : value).map((one) => `--${flag}=${one}`);
  });
}

type Overrides = Partial<Pick<ExternalDnsDeployment, "replicas" | "readyReplicas">> &
  Partial<Pick<ExternalDnsContainer, "image" | "command" | "args" | "env" | "envFrom">>;

/** Version 0.20, one replica, in namespace `external-dns`. */
export function externalDns(name: string, flags: Flags, overrides: Overrides = {}): ExternalDnsDeployment {
  const { replicas = 1, readyReplicas, ...container } = overrides;
  return {
    meta: metaOf("ExternalDnsDeployment", name.includes("/") ? name : `external-dns/${name}`),
    replicas,
    ...(readyReplicas === undefined ? {} : { readyReplicas }),
    containers: [
      {
        name: "external-dns",
        image: "registry.k8s.io/external-dns/external-dns:v0.20.0",
        command: [],
        args: argsOf(flags),
        env: [],
        envFrom: false,
        ...container,
      },
    ],
  };
}

export const image = (version: string): string => `registry.k8s.io/external-dns/external-dns:v${version}`;

/** A DNSEndpoint of a route of region weu, unless overridden, for each host. */
export function endpointsFor(hosts: readonly string[], region = "weu", namespace = "shop"): readonly DnsEndpoint[] {
  return hosts.map(
    (host, index) =>
      dnsEndpoint(`${namespace}/route-${index}-${region}`, [cname(host, "aks01-weu-internal.example.com")], { region })
        .object,
  );
}

type ClusterOverrides = Partial<Omit<AuditedCluster, "cluster" | "deployments" | "controllers">> & {
  /** Of its DNSConfiguration; none unless given. */
  readonly regions?: readonly string[];
  /** What could not be read. */
  readonly unread?: readonly ("deployments" | "endpoints")[];
};

/** One host published for weu, domain example.com. */
export function auditedCluster(
  cluster: string,
  deployments: readonly ExternalDnsDeployment[],
  { regions = [], unread = [], ...overrides }: ClusterOverrides = {},
): AuditedCluster {
  const { endpoints = endpointsFor(["cart.example.com"]), ...rest } = overrides;
  return {
    cluster,
    ...(unread.includes("deployments") ? {} : { deployments }),
    ...(unread.includes("endpoints") ? {} : { endpoints }),
    domain: "example.com",
    controllers: controllersOf(regions),
    ...rest,
  };
}
