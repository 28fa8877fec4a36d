/**
 * The fleet configuration (`fleet.yaml`) after it was parsed: what exists, what may be written, and the limits.
 * Shapes as a person writes them, defaults filled in. The schema is contracts/fleet-configuration-schema.ts; what holds
 * between settings is in fleet-configuration-rules.ts beside it.
 */

/** `observe`: nothing is written there (default). `retiring`: withdraw what it publishes, then the entry may go. */
export type WriteMode = "observe" | "apply" | "retiring";

export type ClusterSource =
  | { readonly kind: "kubeconfig"; readonly path?: string; readonly context: string }
  | { readonly kind: "aks"; readonly resourceId: string }
  | { readonly kind: "manifests"; readonly directory: string }
  /** Not configured any more, but known to the store: counts as unreachable, never as gone. Not writable in fleet.yaml. */
  | { readonly kind: "missing" };

export type ClusterConfiguration = {
  /** Name in plans, state and messages; a DNS label, unique in the fleet. */
  readonly name: string;
  /** Pinned identity: a ClusterIdentity that differs is refused (IdentityMismatch). */
  readonly identity?: { readonly region: string; readonly cluster: string };
  readonly source: ClusterSource;
  readonly writes: WriteMode;
  /** Namespace of Gateways for routes that name none. Default `istio-system`. */
  readonly gatewayNamespace: string;
  /** A person's word that the predecessor operator is stopped, where neither its Lease nor its Deployment can be read. */
  readonly operatorStopped: boolean;
};

/** `zone` is the DNS name, lower case. `file`: a YAML file of record sets that stands for a zone beside a fleet of manifests. */
export type ZoneConfiguration =
  | { readonly kind: "azure"; readonly subscription: string; readonly resourceGroup: string; readonly zone: string }
  | { readonly kind: "file"; readonly file: string; readonly zone: string };

export type RegionConfiguration = {
  readonly name: string;
  /** Names differ; one may lie in another (`b.example.com` in `example.com`): which a host belongs to says `zoneOfName`. */
  readonly zones: readonly ZoneConfiguration[];
  readonly zoneWrites: "observe" | "apply";
  readonly externalDns: {
    readonly ownerId: string;
    readonly txtPrefix: string;
    /** Seconds between two passes of ExternalDNS; handover waits this long plus 10 s. */
    readonly intervalSeconds: number;
  };
};

/** Which AKS clusters of a subscription join the fleet by tag: every managed cluster that carries `tag: value`. */
export type DiscoveryConfiguration = {
  readonly subscription: string;
  readonly tag: string;
  readonly value: string;
  readonly writes: WriteMode;
  readonly gatewayNamespace: string;
};

export type BudgetConfiguration = {
  /** Share (0 to 1) of the names published in a scope that may be lost or redirected in a rolling hour. */
  readonly share: number;
  /** Below this many published names the share is not applied. */
  readonly fromNames: number;
  /** Absolute number of names per scope and rolling hour. */
  readonly names: number;
};

export type StoreConfiguration =
  | { readonly kind: "file"; readonly directory: string }
  | { readonly kind: "blob"; readonly accountUrl: string; readonly container: string }
  | { readonly kind: "blob-connection"; readonly connectionStringSetting: string; readonly container: string };

/** What is said of an empty `regions`, which is allowed: by `config check`, and by every pass. */
export const noRegionsNote =
  "regions of the fleet configuration is empty: a mistyped region of a ClusterIdentity or DNSConfiguration is not noticed; name the regions there";

export type FleetConfiguration = {
  readonly clusters: readonly ClusterConfiguration[];
  readonly discovery: readonly DiscoveryConfiguration[];
  readonly regions: readonly RegionConfiguration[];
  /** How long all lists of one cluster may take; one that takes longer counts as not read in this pass. */
  readonly readSeconds: number;
  readonly families: { readonly serviceRouting: boolean };
  readonly takeover: {
    /** Name of the predecessor's Deployment, where it was renamed. */
    readonly operatorDeployment: string;
    readonly operatorNamespace: string;
  };
  readonly budgets: BudgetConfiguration;
  /** Name of this deployment among several that watch one fleet. Not read by this version. */
  readonly vantage: string;
  readonly store: StoreConfiguration;
};
