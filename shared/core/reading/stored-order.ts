/**
 * The order that breaks ties between clusters and regions: configuration order at first sight, newcomers last,
 * changed only by a decision. Stored, so that editing fleet.yaml cannot move traffic.
 */
import type { FleetConfiguration } from "../../model/fleet-configuration.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Order } from "../../model/state.ts";

export const emptyOrder: Order = { regions: [], clusters: [], adopters: [] };

/** The stored order with newcomers at the end. Entries that are no longer configured stay: they may come back. */
export function storedOrder(stored: Order, configuration: FleetConfiguration, regionsSeen: readonly string[]): Order {
  return {
    regions: withNewcomers(stored.regions, [...configuration.regions.map((region) => region.name), ...regionsSeen]),
    clusters: withNewcomers(
      stored.clusters,
      configuration.clusters.map((cluster) => cluster.name),
    ),
    adopters: stored.adopters,
  };
}

function withNewcomers(known: readonly string[], seen: readonly string[]): readonly string[] {
  return [...new Set([...known, ...seen])];
}

/** Nothing is stored: this is the first sight of the fleet, or the document was lost (core/reading/rebuilt-order). */
export function isLost(stored: Order): boolean {
  return stored.clusters.length === 0;
}

/** The fleet with its clusters and regions as the order says. */
export function fleetInOrder(fleet: Fleet, order: Order): Fleet {
  return { ...fleet, clusters: clustersInOrder(fleet.clusters, order), regions: order.regions };
}

export function clustersInOrder(clusters: readonly FleetCluster[], order: Order): readonly FleetCluster[] {
  const position = positions(order.clusters);
  return [...clusters].sort((left, right) => (position.get(left.name) ?? 0) - (position.get(right.name) ?? 0));
}

/** Position of each name, for sorting. */
export function positions(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]));
}
