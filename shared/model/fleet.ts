/**
 * The fleet as the families see it: for every cluster what to believe, after completeness was judged.
 * `believed` is the complete read of this pass, or the last-good one while the cluster is frozen.
 */
import type { Listings } from "./kinds.ts";
import type { WriteMode } from "./fleet-configuration.ts";
import type { ObjectMeta } from "./object-meta.ts";
import type { ExternalDnsController } from "./resources.ts";

/** The honoured ClusterIdentity of a cluster: valid, not refused, the oldest. */
export type Identity = {
  readonly region: string;
  readonly cluster: string;
  readonly domain: string;
  readonly environmentLetter: string;
  readonly adoptsRegions: readonly string[];
  readonly meta: ObjectMeta;
};

export type IdentityRefusal = {
  readonly code: "SingletonViolation" | "InvalidSpec" | "IdentityMismatch" | "RegionNotFound";
  readonly reason: string;
};

/**
 * - `complete`: every required kind was read; deletes may follow.
 * - `frozen`: no write there except one condition on its ClusterIdentity; claims are those of last-good.
 */
export type ClusterStanding =
  | { readonly kind: "complete" }
  | { readonly kind: "frozen"; readonly code: FrozenCode; readonly reason: string };

export type FrozenCode = "NotRead" | "ShrunkRead" | "DuplicateClusterName";

/** Whether items may be written to a cluster that is complete. */
export type ClusterWrites =
  | { readonly kind: "allowed" }
  | { readonly kind: "observed"; readonly reason: string }
  | { readonly kind: "stopped"; readonly code: "OperatorRunning" | "Frozen"; readonly reason: string };

export type FleetCluster = {
  readonly name: string;
  readonly mode: WriteMode;
  readonly gatewayNamespace: string;
  readonly standing: ClusterStanding;
  readonly writes: ClusterWrites;
  /** Absent when none is honoured, now or in last-good. */
  readonly identity?: Identity;
  /** Region by the honoured identity, else as pinned; absent when neither is known. */
  readonly region?: string;
  /** ClusterIdentities that are not honoured, by name, with the reason. */
  readonly refusedIdentities: ReadonlyMap<string, IdentityRefusal>;
  /** Of the honoured DNSConfiguration, in its order; absent when there is none. */
  readonly controllers?: readonly ExternalDnsController[];
  readonly refusedConfigurations: ReadonlyMap<string, IdentityRefusal>;
  /** What was read in this pass, whole or partly. Statuses are compared with this. */
  readonly current: Listings;
  /** What claims come from. Absent when the cluster was never read completely. */
  readonly believed?: Listings;
  /** The last complete read before this pass, where there was one and it differs from this one. */
  readonly previous?: Listings;
  /** Digest of a complete read (core/reading/read-digest), for last-good. */
  readonly readDigest?: string;
  readonly readAtMs: number;
  readonly istioVersion?: "v1" | "v1beta1";
};

export type Fleet = {
  readonly nowMs: number;
  /** In the stored order: earlier wins where nothing else decides. */
  readonly clusters: readonly FleetCluster[];
  /** Regions in the stored order. */
  readonly regions: readonly string[];
};
