/** What all clusters and zones contained at one moment, with completeness per (cluster, kind). */
import type { Listings } from "./kinds.ts";
import type { ZoneSnapshot } from "./zone-records.ts";

export type ClusterSnapshot = {
  /** Name of the cluster in the fleet configuration. */
  readonly cluster: string;
  /** When the first list was sent, epoch ms. */
  readonly readAtMs: number;
  readonly listings: Listings;
  /** Version under which Istio Gateways are served and written; absent when the kind is not served or was not asked. */
  readonly istioVersion?: "v1" | "v1beta1";
};

export type FleetSnapshot = {
  readonly readAtMs: number;
  /** One per configured cluster, in the order of the configuration. */
  readonly clusters: readonly ClusterSnapshot[];
  /** One per configured zone, by region in the order of the configuration. */
  readonly zones: readonly ZoneSnapshot[];
};
