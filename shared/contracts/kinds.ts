/**
 * Every kind that a snapshot can hold: where the API server serves it and how one object of it is read.
 * The kubernetes and the manifests adapter know kinds only through this table.
 */
import type { Kind, KindObjects } from "../model/kinds.ts";
import { parseOperatorDeployment } from "./apps/deployment.ts";
import { parseExternalDnsDeployment } from "./apps/external-dns-deployment.ts";
import { parseClusterIdentity } from "./cluster.router.io/cluster-identity.ts";
import { parseDnsConfiguration } from "./cluster.router.io/dns-configuration.ts";
import { OPERATOR_LEASE_NAME, parseOperatorLease } from "./coordination.k8s.io/lease.ts";
import { parseDestinationService } from "./core/destination-service.ts";
import { parseNamespace } from "./core/namespace.ts";
import { parseIngressService } from "./core/service.ts";
import { parseEndpointSlice, SERVICE_NAME_LABEL } from "./discovery.k8s.io/endpoint-slice.ts";
import { parseDnsEndpoint } from "./externaldns.k8s.io/dns-endpoint.ts";
import { parseIstioGateway } from "./networking.istio.io/gateway.ts";
import { parseVirtualService } from "./networking.istio.io/virtual-service.ts";
import type { Parsed } from "./parsed.ts";
import { parseDnsPolicy } from "./routing.router.io/dns-policy.ts";
import { parseGateway } from "./routing.router.io/gateway.ts";
import { parseServiceRoute } from "./routing.router.io/service-route.ts";

export type { Parsed } from "./parsed.ts";

export type KindEntry<T> = {
  /** API group; the empty string is the core group. */
  readonly group: string;
  /** Versions we can read and write, preferred first. */
  readonly versions: readonly [string, ...string[]];
  readonly plural: string;
  /** `kind` in manifests; differs from our name where two groups share one word. */
  readonly apiKind: string;
  readonly namespaced: boolean;
  /** Lists ask only for objects that match these; the rest is no business of ours. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** The kind under which objects of this resource are known where one resource has two kinds: this is another view of it. */
  readonly viewOf?: Kind;
  /** Never throws. */
  readonly parse: (raw: unknown) => Parsed<T>;
};

export const kindTable: { readonly [K in Kind]: KindEntry<KindObjects[K]> } = {
  ClusterIdentity: {
    group: "cluster.router.io",
    versions: ["v1alpha1"],
    plural: "clusteridentities",
    apiKind: "ClusterIdentity",
    namespaced: false,
    parse: parseClusterIdentity,
  },
  DNSConfiguration: {
    group: "cluster.router.io",
    versions: ["v1alpha1"],
    plural: "dnsconfigurations",
    apiKind: "DNSConfiguration",
    namespaced: false,
    parse: parseDnsConfiguration,
  },
  DNSPolicy: {
    group: "routing.router.io",
    versions: ["v1alpha1"],
    plural: "dnspolicies",
    apiKind: "DNSPolicy",
    namespaced: true,
    parse: parseDnsPolicy,
  },
  Gateway: {
    group: "routing.router.io",
    versions: ["v1alpha1"],
    plural: "gateways",
    apiKind: "Gateway",
    namespaced: true,
    parse: parseGateway,
  },
  ServiceRoute: {
    group: "routing.router.io",
    versions: ["v1alpha1"],
    plural: "serviceroutes",
    apiKind: "ServiceRoute",
    namespaced: true,
    parse: parseServiceRoute,
  },
  Service: {
    group: "",
    versions: ["v1"],
    plural: "services",
    apiKind: "Service",
    namespaced: true,
    labelSelector: "istio",
    parse: parseIngressService,
  },
  Namespace: {
    group: "",
    versions: ["v1"],
    plural: "namespaces",
    apiKind: "Namespace",
    namespaced: false,
    parse: parseNamespace,
  },
  DNSEndpoint: {
    group: "externaldns.k8s.io",
    versions: ["v1alpha1"],
    plural: "dnsendpoints",
    apiKind: "DNSEndpoint",
    namespaced: true,
    parse: parseDnsEndpoint,
  },
  IstioGateway: {
    group: "networking.istio.io",
    versions: ["v1", "v1beta1"],
    plural: "gateways",
    apiKind: "Gateway",
    namespaced: true,
    parse: parseIstioGateway,
  },
  OperatorLease: {
    group: "coordination.k8s.io",
    versions: ["v1"],
    plural: "leases",
    apiKind: "Lease",
    namespaced: true,
    fieldSelector: `metadata.name=${OPERATOR_LEASE_NAME}`,
    parse: parseOperatorLease,
  },
  OperatorDeployment: {
    group: "apps",
    versions: ["v1"],
    plural: "deployments",
    apiKind: "Deployment",
    namespaced: true,
    parse: parseOperatorDeployment,
  },
  ExternalDnsDeployment: {
    group: "apps",
    versions: ["v1"],
    plural: "deployments",
    apiKind: "Deployment",
    namespaced: true,
    viewOf: "OperatorDeployment",
    parse: parseExternalDnsDeployment,
  },
  DestinationService: {
    group: "",
    versions: ["v1"],
    plural: "services",
    apiKind: "Service",
    namespaced: true,
    viewOf: "Service",
    parse: parseDestinationService,
  },
  VirtualService: {
    group: "networking.istio.io",
    versions: ["v1", "v1beta1"],
    plural: "virtualservices",
    apiKind: "VirtualService",
    namespaced: true,
    parse: parseVirtualService,
  },
  EndpointSlice: {
    group: "discovery.k8s.io",
    versions: ["v1"],
    plural: "endpointslices",
    apiKind: "EndpointSlice",
    namespaced: true,
    labelSelector: SERVICE_NAME_LABEL,
    parse: parseEndpointSlice,
  },
};

export function isKind(name: string): name is Kind {
  return Object.hasOwn(kindTable, name);
}

/** Every kind, sorted by name. */
export const kinds: readonly Kind[] = Object.keys(kindTable).filter(isKind).sort();

/** The kind that an object of this kind is known as: another one where this is only a view. */
export function storedKind(kind: Kind): Kind {
  return kindTable[kind].viewOf ?? kind;
}

/** One kind per resource, sorted by name: views left out. */
export const storedKinds: readonly Kind[] = kinds.filter((kind) => storedKind(kind) === kind);
