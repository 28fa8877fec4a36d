/** From a place to the cluster to open. Clusters and zones may have the same names: only the kind tells them apart. */
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { Place } from "../model/place.ts";

/** @returns undefined for a place of another kind, and for a cluster that is not configured. */
export function clusterAt(clusters: readonly ClusterConfiguration[], place: Place): ClusterConfiguration | undefined {
  return place.kind === "cluster" ? clusters.find(({ name }) => name === place.name) : undefined;
}
