/** The kinds that a snapshot can hold. A family names the ones it reads; the snapshot lists the union once. */
import type { DestinationService, EndpointSlice, VirtualService } from "./backend-objects.ts";
import type {
  DnsEndpoint,
  IngressService,
  IstioGateway,
  Namespace,
  OperatorDeployment,
  OperatorLease,
} from "./cluster-objects.ts";
import type { ExternalDnsDeployment } from "./external-dns.ts";
import type {
  ClusterIdentity,
  DnsConfiguration,
  DnsPolicy,
  Gateway,
  RejectedObject,
  ServiceRoute,
} from "./resources.ts";

export type KindObjects = {
  readonly ClusterIdentity: ClusterIdentity;
  readonly DNSConfiguration: DnsConfiguration;
  readonly DNSPolicy: DnsPolicy;
  readonly Gateway: Gateway;
  readonly ServiceRoute: ServiceRoute;
  readonly Service: IngressService;
  readonly Namespace: Namespace;
  readonly DNSEndpoint: DnsEndpoint;
  /** networking.istio.io Gateway; "Gateway" alone is our resource. */
  readonly IstioGateway: IstioGateway;
  readonly OperatorLease: OperatorLease;
  readonly OperatorDeployment: OperatorDeployment;
  /** Deployments once more, for the settings of ExternalDNS. */
  readonly ExternalDnsDeployment: ExternalDnsDeployment;
  /** Services once more, all of them: "Service" alone is the LoadBalancer Service of an ingress gateway. */
  readonly DestinationService: DestinationService;
  readonly VirtualService: VirtualService;
  readonly EndpointSlice: EndpointSlice;
};

export type Kind = keyof KindObjects;

/**
 * One kind of one cluster, read to its last page, or not read at all: there is no half of a list.
 * `code` of a list that was not read is the FleetError's code (FORBIDDEN, KIND_NOT_SERVED, CLUSTER_UNREACHABLE …).
 */
export type Listing<T> =
  | { readonly read: "complete"; readonly objects: readonly T[]; readonly rejected: readonly RejectedObject[] }
  | { readonly read: "not-read"; readonly code: string; readonly reason: string };

export type Listings = { readonly [K in Kind]?: Listing<KindObjects[K]> };

/** How a family uses a kind. A cluster with any required kind not read is frozen. */
export type KindUse = {
  readonly kind: Kind;
  readonly required: boolean;
  /** Listed only when this holds for what was read first; absent: always. */
  readonly onlyWhen?: (listings: Listings) => boolean;
};
