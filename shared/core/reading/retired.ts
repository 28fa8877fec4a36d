/** When a retiring cluster is done with: from then on it claims nothing, and its entry may leave the configuration. */
import type { FleetCluster } from "../../model/fleet.ts";
import { isOurs } from "../naming/own-objects.ts";

/**
 * A retiring cluster that publishes nothing of ours any more. DNSEndpoints of others stay as they are and say nothing here;
 * one of ours that is held, waits or failed is still there, so the cluster is not done.
 */
export function hasWithdrawn(cluster: FleetCluster): boolean {
  const endpoints = cluster.believed?.DNSEndpoint;
  if (cluster.mode !== "retiring" || endpoints?.read !== "complete") return false;
  return !endpoints.objects.some(({ meta }) => isOurs(meta));
}
