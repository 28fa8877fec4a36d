/** Objects of others that are read, and the two kinds that are written, as far as rules look at them. */
import type { JsonObject } from "./json.ts";
import type { ObjectMeta } from "./object-meta.ts";

/** The LoadBalancer Service of an Istio ingress gateway, found by its label `istio`. */
export type IngressService = {
  readonly meta: ObjectMeta;
  readonly type: string;
  /** IPs of `status.loadBalancer.ingress`, in order; host names are left out. */
  readonly addresses: readonly string[];
};

export type Namespace = { readonly meta: ObjectMeta };

/** One record of a DNSEndpoint. Fields that we never write are kept, so that they show as drift. */
export type EndpointRecord = {
  readonly dnsName: string;
  readonly recordType: string;
  readonly targets: readonly string[];
  readonly recordTTL?: number;
  readonly [field: string]: unknown;
};

export type DnsEndpoint = {
  readonly meta: ObjectMeta;
  readonly spec: { readonly endpoints: readonly EndpointRecord[] };
  /** The generation that an ExternalDNS has read last. It writes this before any DNS call: no proof of anything else. */
  readonly observedGeneration?: number;
};

/** An Istio Gateway (networking.istio.io). The spec is kept whole: it is compared with what we want. */
export type IstioGateway = {
  readonly meta: ObjectMeta;
  readonly spec: JsonObject & {
    readonly selector?: Readonly<Record<string, string>>;
    readonly servers?: readonly (JsonObject & { readonly hosts?: readonly string[] })[];
  };
};

/** The predecessor's leader-election Lease `3afd9a04.router.io`. */
export type OperatorLease = { readonly meta: ObjectMeta; readonly renewedAtMs: number };

/** A Deployment that may be the predecessor's: judged by image, labels or the configured name. */
export type OperatorDeployment = {
  readonly meta: ObjectMeta;
  readonly images: readonly string[];
  /** As wanted; 1 where the Deployment says nothing. */
  readonly replicas: number;
  readonly readyReplicas: number;
  /** `--default-router-gateway-namespace`, where it is given; `$(NAME)` where its variable cannot be read here. */
  readonly defaultGatewayNamespace?: string;
};
