/** What the family found out about each resource of a cluster, before anything is compared across clusters. */
import type { IngressService } from "../../model/cluster-objects.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { DnsPolicy, ExternalDnsController, Gateway, RejectedObject, ServiceRoute } from "../../model/resources.ts";

export type PolicyVerdict =
  | { readonly kind: "active"; readonly controllers: readonly ExternalDnsController[] }
  | { readonly kind: "inactive"; readonly reason: string }
  /** Cannot be judged or used now: what its routes published stays. */
  | { readonly kind: "unusable"; readonly code: PendingCode; readonly reason: string };

export type PolicyFinding = {
  readonly policy: DnsPolicy;
  readonly verdict: PolicyVerdict;
  /** Name of the honoured policy of the namespace, when it is another one. */
  readonly supersededBy?: string;
};

export type GatewayFinding = {
  readonly gateway: Gateway;
  readonly key: string;
  /** `usable`: routes may attach. Otherwise its Istio Gateway and records stay as they are. */
  readonly state: "usable" | "failed" | "waiting";
  readonly code?: "ValidationFailed" | "TargetConflict" | "ClusterIdentityNotAvailable";
  readonly reason?: string;
  readonly host?: string;
  /** Content of the record of a route on this gateway that sets no TTL: one string for all of them. */
  readonly routeContent?: string;
  readonly service?: IngressService;
  /** Unique IPs of the Service, sorted; empty while the load balancer has none. */
  readonly addresses: readonly string[];
  /** Several Services match: which one was chosen, and the others. */
  readonly ambiguous?: string;
};

export type PendingCode =
  | "DNSPolicyNotFound"
  | "DNSConfigurationNotAvailable"
  | "GatewayNotFound"
  | "ClusterIdentityNotAvailable"
  | "NoUsableControllers"
  | "ValidationFailed";

/**
 * - `publishes`: claims its host in the zone of each controller.
 * - `pending`: something it needs is missing; existing DNSEndpoints stay.
 * - `invalid`: its own spec is at fault; what it published before stays, and so does its host on the Istio Gateway.
 * - `withdrawn`: DNSEndpoints are removed.
 */
export type RouteVerdict =
  | { readonly kind: "publishes"; readonly controllers: readonly ExternalDnsController[] }
  | { readonly kind: "pending"; readonly code: PendingCode; readonly reason: string }
  | { readonly kind: "invalid"; readonly reason: string }
  | {
      readonly kind: "withdrawn";
      readonly code: "DNSPolicyInactive" | "NotAllowedByGateway" | "HostConflict";
      readonly reason: string;
    };

export type RouteFinding = {
  readonly route: ServiceRoute;
  readonly key: string;
  readonly verdict: RouteVerdict;
  /** Present when identity and spec give a valid host. */
  readonly host?: string;
  /** The gateway it attaches to, when that exists, is usable and allows it. */
  readonly gateway?: GatewayFinding;
};

export type ClusterFindings = {
  readonly cluster: FleetCluster;
  readonly policies: ReadonlyMap<string, PolicyFinding>;
  readonly superseded: readonly PolicyFinding[];
  /** By `namespace/name`. */
  readonly gateways: ReadonlyMap<string, GatewayFinding>;
  readonly routes: readonly RouteFinding[];
  readonly rejectedRoutes: readonly RejectedObject[];
};
