/**
 * What each item of `adoptsRegions` comes to. A region without fleet clusters is adopted by configuration (standing);
 * one with fleet clusters is a request for a decision, which publishes nothing and deletes nothing by itself.
 */
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Adoption, AdoptionOutcome, Placement, ResolvedPlacement } from "../../model/placement.ts";
import type { Order } from "../../model/state.ts";
import { isGatewayRecord, isOurs } from "../naming/own-objects.ts";

/** @param order whoever adopted first keeps a region as long as it asks for it. */
export function resolvePlacement(fleet: Fleet, placement: Placement, order: Order): ResolvedPlacement {
  const inhabited = new Set(
    fleet.clusters.flatMap((cluster) => (cluster.region === undefined ? [] : [cluster.region])),
  );
  // A cluster of unknown region might live in any of them: until it is read once, no region counts as empty. One that retires
  // and cannot be read is gone by a person's word, and what it was is forgotten.
  const unknown = fleet.clusters
    .filter(({ region, mode }) => region === undefined && mode !== "retiring")
    .map(({ name }) => name)
    .sort();
  const adopters = new Map<string, string>();
  for (const { region, cluster } of order.adopters) {
    const adopter = fleet.clusters.find((candidate) => candidate.name === cluster);
    if (adopter !== undefined && asksFor(adopter, region)) adopters.set(region, cluster);
  }
  const adoptions: Adoption[] = [];
  for (const cluster of fleet.clusters) {
    for (const region of [...new Set(cluster.identity?.adoptsRegions)].sort()) {
      const outcome = adoptionOutcome(cluster, region, { inhabited, unknown, adopters });
      if (outcome.kind === "standing") adopters.set(region, cluster.name);
      adoptions.push({ cluster: cluster.name, region, outcome });
    }
  }
  const served = new Set(
    adoptions.flatMap((adoption) => (adoption.outcome.kind === "standing" ? [adoption.region] : [])),
  );
  for (const region of adopters.keys()) if (!served.has(region)) adopters.delete(region);
  return { revision: placement.revision, adopters, adoptions };
}

/**
 * The order with today's adopters: a region keeps its adopter until that one stops asking, also while nothing is published
 * there because the region of some cluster is not known.
 */
export function adoptersInOrder(resolved: ResolvedPlacement, before: Order["adopters"]): Order["adopters"] {
  const interrupted = before.filter(({ region, cluster }) =>
    resolved.adoptions.some(
      (adoption) =>
        adoption.region === region &&
        adoption.cluster === cluster &&
        adoption.outcome.kind === "requested" &&
        adoption.outcome.unknown !== undefined,
    ),
  );
  const adopting = [...resolved.adopters].map(([region, cluster]) => ({ region, cluster }));
  return [...adopting, ...interrupted].sort((left, right) => (left.region < right.region ? -1 : 1));
}

/**
 * Adopters after the order was lost: of those who ask for a region, the one that publishes names of routes in its zone today.
 * Names of RegionBound policies do not count: those are published to every zone, adopted or not.
 */
export function adoptersToday(fleet: Fleet): Order["adopters"] {
  const asked = new Set(fleet.clusters.flatMap((cluster) => cluster.identity?.adoptsRegions ?? []));
  return [...asked].sort().flatMap((region) => {
    const names = fleet.clusters
      .filter((cluster) => asksFor(cluster, region))
      .map((cluster) => ({ cluster: cluster.name, names: namesIn(cluster, region) }));
    const most = Math.max(0, ...names.map((one) => one.names));
    const adopter = names.find((one) => one.names === most);
    return adopter === undefined || most === 0 ? [] : [{ region, cluster: adopter.cluster }];
  });
}

function namesIn(cluster: FleetCluster, region: string): number {
  const endpoints = cluster.believed?.DNSEndpoint;
  const policies = cluster.believed?.DNSPolicy;
  if (endpoints?.read !== "complete") return 0;
  const bound = (policies?.read === "complete" ? policies.objects : []).filter(
    ({ spec }) => spec.mode === "RegionBound",
  );
  const everywhere = new Set(bound.map(({ meta }) => meta.namespace));
  return endpoints.objects.filter(
    ({ meta }) =>
      isOurs(meta) &&
      meta.labels["router.io/region"] === region &&
      !isGatewayRecord(meta) &&
      !everywhere.has(meta.namespace),
  ).length;
}

type Regions = {
  readonly inhabited: ReadonlySet<string>;
  readonly unknown: readonly string[];
  readonly adopters: ReadonlyMap<string, string>;
};

function adoptionOutcome(cluster: FleetCluster, region: string, regions: Regions): AdoptionOutcome {
  if (region === cluster.identity?.region) return { kind: "refused", reason: "own-region" };
  if (!regionsWithController(cluster).has(region)) return { kind: "refused", reason: "no-controller" };
  if (regions.inhabited.has(region)) return { kind: "requested" };
  if (regions.unknown.length > 0) return { kind: "requested", unknown: regions.unknown };
  const adopter = regions.adopters.get(region);
  if (adopter !== undefined && adopter !== cluster.name) return { kind: "standby", adopter };
  return { kind: "standing" };
}

/** Regions that the cluster's own DNSConfiguration has a controller for: no other can be published to from there. */
function regionsWithController(cluster: FleetCluster): ReadonlySet<string> {
  return new Set(cluster.controllers?.map((controller) => controller.region));
}

function asksFor(cluster: FleetCluster, region: string): boolean {
  return cluster.identity?.adoptsRegions.includes(region) === true && regionsWithController(cluster).has(region);
}
