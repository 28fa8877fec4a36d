/** The five kinds as CRDs: names, columns of `kubectl get`, and which contract describes what. */
import type * as z from "zod";
import {
  ClusterIdentitySpec,
  ClusterIdentityStatus,
} from "../../shared/contracts/cluster.router.io/cluster-identity.ts";
import {
  DnsConfigurationSpec,
  DnsConfigurationStatus,
} from "../../shared/contracts/cluster.router.io/dns-configuration.ts";
import { DnsPolicySpec, DnsPolicyStatus } from "../../shared/contracts/routing.router.io/dns-policy.ts";
import { GatewaySpec, GatewayStatus } from "../../shared/contracts/routing.router.io/gateway.ts";
import { ServiceRouteSpec, ServiceRouteStatus } from "../../shared/contracts/routing.router.io/service-route.ts";

/** One column of `kubectl get`; `wide` ones show with `-o wide` only. */
export type Column = {
  readonly name: string;
  readonly jsonPath: string;
  readonly type?: "string" | "boolean" | "integer" | "date";
  readonly wide?: boolean;
  readonly description: string;
};

export type Definition = {
  readonly kind: "ClusterIdentity" | "DNSConfiguration" | "DNSPolicy" | "Gateway" | "ServiceRoute";
  readonly shortNames: readonly string[];
  /** First paragraph of `kubectl explain`. */
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly Column[];
};

function condition(name: string, type: string, description: string, wide = false): Column {
  return { name, jsonPath: `.status.conditions[?(@.type=="${type}")].status`, description, wide };
}

const phase: Column = { name: "Phase", jsonPath: ".status.phase", description: "Pending, Active or Failed." };
const ready = condition("Ready", "Ready", "Whether it was accepted and everything it asks for was made.");
const reason: Column = {
  name: "Reason",
  jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
  description: "Why it is ready or not.",
  wide: true,
};
const age: Column = {
  name: "Age",
  jsonPath: ".metadata.creationTimestamp",
  type: "date",
  description: "Time since it was created.",
};

export const definitions: readonly Definition[] = [
  {
    kind: "ClusterIdentity",
    shortNames: ["ci"],
    description:
      "ClusterIdentity says who this cluster is: region, name in the region, DNS domain. One per cluster is honoured, the " +
      "oldest; another one gets Ready=False SingletonViolation and changes nothing.",
    spec: ClusterIdentitySpec,
    status: ClusterIdentityStatus,
    columns: [
      { name: "Region", jsonPath: ".spec.region", description: "Region of this cluster." },
      { name: "Cluster", jsonPath: ".spec.cluster", description: "Name of this cluster in its region." },
      { name: "Domain", jsonPath: ".spec.domain", description: "Domain of all hosts.", wide: true },
      { name: "Letter", jsonPath: ".spec.environmentLetter", description: "Environment letter in hosts.", wide: true },
      { name: "Adopts", jsonPath: ".spec.adoptsRegions", description: "Regions served besides its own." },
      condition("Adopted", "AdoptedRegionsValid", "Whether every adopted region can be served.", true),
      ready,
      condition("Frozen", "Frozen", "Whether nothing is written to this cluster for now.", true),
      reason,
      age,
    ],
  },
  {
    kind: "DNSConfiguration",
    shortNames: ["dnsc"],
    description:
      "DNSConfiguration lists the ExternalDNS instances that run in this cluster and the region whose zone each of them " +
      "writes. One per cluster is honoured, the oldest; another one gets Ready=False SingletonViolation and changes nothing.",
    spec: DnsConfigurationSpec,
    status: DnsConfigurationStatus,
    columns: [
      ready,
      { ...reason, wide: false },
      { name: "Controllers", jsonPath: ".spec.externalDNSControllers", description: "The instances.", wide: true },
      age,
    ],
  },
  {
    kind: "DNSPolicy",
    shortNames: ["dnsp"],
    description:
      "DNSPolicy says how the ServiceRoutes of its namespace are published: by every cluster in its own region's zone, or " +
      "by one cluster in all zones. One per namespace is honoured, the oldest, then by name; the others get a condition.",
    spec: DnsPolicySpec,
    status: DnsPolicyStatus,
    columns: [
      { name: "Mode", jsonPath: ".spec.mode", description: "Active or RegionBound." },
      { name: "Home-Region", jsonPath: ".spec.sourceRegion", description: "Region it is bound to.", wide: true },
      { name: "Home-Cluster", jsonPath: ".spec.sourceCluster", description: "Cluster it is bound to.", wide: true },
      { ...phase, description: "Pending, Active, Failed or Inactive." },
      { name: "Active", jsonPath: ".status.active", type: "boolean", description: "Whether this cluster publishes." },
      { name: "Controllers", jsonPath: ".status.activeControllers", description: "Instances that publish its routes." },
      ready,
      reason,
      age,
    ],
  },
  {
    kind: "Gateway",
    shortNames: ["gw"],
    description:
      "Gateway is one entrance for ServiceRoutes: service-router makes an Istio Gateway of the same name with the hosts of " +
      "all its routes, and address records for {cluster}-{region}-{targetPostfix}.{domain}. Istio and the Gateway API have a " +
      "Gateway too, and `gw` and `gateways` may find theirs: the full name is gateways.routing.router.io.",
    spec: GatewaySpec,
    status: GatewayStatus,
    columns: [
      { name: "Controller", jsonPath: ".spec.controller", description: "Istio ingress controller." },
      { name: "Postfix", jsonPath: ".spec.targetPostfix", description: "End of the gateway host." },
      { name: "Credential", jsonPath: ".spec.credentialName", description: "Secret with the certificate.", wide: true },
      phase,
      { name: "IP", jsonPath: ".status.loadBalancerIP", description: "Address of its LoadBalancer Service." },
      ready,
      condition("DNS-Ready", "DNSReady", "Whether its address records are published."),
      reason,
      age,
    ],
  },
  {
    kind: "ServiceRoute",
    shortNames: ["sr"],
    description:
      "ServiceRoute asks for one host, {serviceName}-ns-{environmentLetter}-{environment}-{application}.{domain}, on a " +
      "Gateway. The namespace's DNSPolicy says where it is published. Traffic behind the Gateway is routed by an Istio " +
      "VirtualService that you write.",
    spec: ServiceRouteSpec,
    status: ServiceRouteStatus,
    columns: [
      { name: "Host", jsonPath: ".status.dnsNames[0]", description: "The host that clients ask for." },
      { name: "Gateway", jsonPath: ".spec.gatewayName", description: "Gateway that serves it." },
      { name: "Gateway-Namespace", jsonPath: ".spec.gatewayNamespace", description: "Its namespace.", wide: true },
      phase,
      ready,
      condition("Published", "Published", "Whether this cluster publishes the host."),
      condition("Verified", "DNSVerified", "Whether the zone's record is as it should be."),
      condition("Backend", "BackendBound", "Whether anything answers behind the host."),
      reason,
      age,
    ],
  },
];
