/**
 * ExternalDNS as it stands in a cluster: first the Deployment as far as its settings go, then what those settings say.
 * Settings of other programs, and values of secrets, are never part of either.
 */
import type { ObjectMeta } from "./object-meta.ts";

/** A container that may be an ExternalDNS. */
export type ExternalDnsContainer = {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /**
   * `EXTERNAL_DNS_…` and variables that an argument refers to as `$(NAME)`. Without a value: it comes from a ConfigMap, a
   * Secret or a field, and nobody can read it here.
   */
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  /** Variables come from whole ConfigMaps or Secrets as well: any setting may be among them. */
  readonly envFrom: boolean;
};

export type ExternalDnsDeployment = {
  readonly meta: ObjectMeta;
  /** As wanted; 1 where the Deployment says nothing. */
  readonly replicas: number;
  /** Absent where nobody says: in a directory of manifests, or before a controller looked at it. */
  readonly readyReplicas?: number;
  /** Empty for every Deployment that has nothing to do with ExternalDNS. */
  readonly containers: readonly ExternalDnsContainer[];
};

export type ExternalDnsVersion = { readonly major: number; readonly minor: number; readonly patch: number };

/** Settings by the flag that sets them; each is filled in with the default of its version where nothing sets it. */
export type ExternalDnsSettings = {
  readonly sources: readonly string[];
  readonly provider: string;
  /** Absent: nothing sets it. Before 0.22 that means `sync`; from 0.22 on the process refuses to start. */
  readonly policy?: string;
  /** Nothing sets the policy: it is that of the version. */
  readonly policyByDefault: boolean;
  readonly registry: string;
  readonly ownerId: string;
  readonly txtPrefix: string;
  readonly txtSuffix: string;
  readonly txtWildcardReplacement: string;
  readonly txtEncrypted: boolean;
  readonly txtCacheSeconds: number;
  readonly migrateFromOwner: string;
  readonly providerCacheSeconds: number;
  readonly labelFilter: string;
  readonly annotationFilter: string;
  /** Only DNSEndpoints of this namespace; empty: of all. */
  readonly namespace: string;
  readonly domainFilters: readonly string[];
  readonly excludedDomains: readonly string[];
  readonly regexDomainFilter: string;
  readonly regexDomainExclusion: string;
  readonly zoneNameFilters: readonly string[];
  readonly managedRecordTypes: readonly string[];
  readonly excludedRecordTypes: readonly string[];
  readonly intervalSeconds: number;
  readonly events: boolean;
  readonly dryRun: boolean;
  readonly azureResourceGroup: string;
  readonly azureSubscription: string;
};

/** One ExternalDNS of one cluster, running or not. */
export type ExternalDnsInstance = {
  readonly cluster: string;
  /** `namespace/name` of its Deployment. */
  readonly deployment: string;
  readonly container: string;
  readonly image: string;
  /** Of the image's tag; absent where that is none (`latest`, a digest alone). */
  readonly version?: ExternalDnsVersion;
  readonly replicas: number;
  readonly readyReplicas?: number;
  readonly settings: ExternalDnsSettings;
  /** Flags whose value cannot be read here, sorted; `settings` has the default in their place. */
  readonly unknown: readonly string[];
  /** Regions whose names it publishes: by its filter, else by what its name or owner says. Empty: nothing tells. */
  readonly regions: readonly string[];
};
