/**
 * The five kinds that teams write. Field names are those of the operator we replace, so manifests keep working.
 * A value of these types passed its schema; rules that need more than one object are judged in core.
 */
import type { Condition, ObjectMeta } from "./object-meta.ts";

/** A status as last written: known fields, all optional, because anybody may have written it. */
export type ObservedStatus = {
  readonly conditions?: readonly Condition[];
  readonly [field: string]: unknown;
};

export type ClusterIdentity = {
  readonly meta: ObjectMeta;
  readonly spec: {
    readonly region: string;
    readonly cluster: string;
    readonly domain: string;
    readonly environmentLetter: string;
    readonly adoptsRegions: readonly string[];
  };
  readonly status: ObservedStatus;
};

export type ExternalDnsController = { readonly name: string; readonly region: string };

export type DnsConfiguration = {
  readonly meta: ObjectMeta;
  readonly spec: { readonly externalDNSControllers: readonly ExternalDnsController[] };
  readonly status: ObservedStatus;
};

export type DnsPolicy = {
  readonly meta: ObjectMeta;
  readonly spec: {
    readonly mode: "Active" | "RegionBound";
    readonly sourceRegion?: string;
    readonly sourceCluster?: string;
  };
  readonly status: ObservedStatus;
};

export type Gateway = {
  readonly meta: ObjectMeta;
  readonly spec: {
    readonly controller: string;
    readonly credentialName: string;
    readonly targetPostfix: string;
    readonly httpsRedirect?: boolean;
    readonly minProtocolVersion?: "TLSV1_2" | "TLSV1_3";
    readonly allowedNamespaces?: AllowedNamespaces;
  };
  readonly status: ObservedStatus;
};

/** Which namespaces may attach routes. `Selector` compares namespace labels, all of `matchLabels` must be equal. */
export type AllowedNamespaces =
  | { readonly from: "All" }
  | { readonly from: "Same" }
  | { readonly from: "Selector"; readonly matchLabels: Readonly<Record<string, string>> };

export type ServiceRoute = {
  readonly meta: ObjectMeta;
  readonly spec: {
    readonly serviceName: string;
    readonly gatewayName: string;
    readonly gatewayNamespace?: string;
    readonly environment: string;
    readonly application: string;
    readonly ttlSeconds?: number;
  };
  readonly status: ObservedStatus;
};

/** An object that exists but does not parse. It counts as present: what it published stays, nothing new comes of it. */
export type RejectedObject = {
  readonly meta: ObjectMeta;
  /** `path: message`, every fault, in the order of the schema. */
  readonly issues: readonly string[];
  readonly status: ObservedStatus;
};
