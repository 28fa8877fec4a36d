/**
 * The order made anew after it was lost: today's publishers, as seen in DNSEndpoints, keep their names. Where that decides
 * nothing, configuration order counts, and whoever publishes nothing yet is a newcomer and comes last.
 * Without any DNSEndpoint of ours it is the order of the configuration.
 */
import type { Claim, ZoneName, Zones } from "../../model/claim.ts";
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Order } from "../../model/state.ts";
import { isGatewayRecord, isOurs } from "../naming/own-objects.ts";
import { endpointNames } from "../naming/published-names.ts";
import { hasUnknownNames } from "../naming/unknown-names.ts";
import { isLost } from "./stored-order.ts";

/** A name of a zone that several clusters claim and one of them publishes today. */
type Contest = { readonly zone: string; readonly publisher: string; readonly others: readonly string[] };

/**
 * @param order that of the configuration, with today's adopters.
 * @param zones every claim, resolved by any order: who wins does not matter, only who claims.
 */
export function rebuiltOrder(order: Order, fleet: Fleet, zones: Zones): Order {
  const contests = contestsOf(zones, fleet);
  const regionOf = new Map(fleet.clusters.map(({ name, region }) => [name, region ?? ""]));
  const regions = new Losses();
  const clusters = new Losses();
  for (const { zone, publisher, others } of contests) {
    const home = regionOf.get(publisher) ?? "";
    for (const other of others) {
      const region = regionOf.get(other) ?? "";
      if (region === home) clusters.add(other, publisher);
      // Whoever is of the zone's own region wins whatever the order says.
      else if (region !== zone && home !== zone) regions.add(region, home);
    }
  }
  const settled = settledClusters(fleet.clusters);
  const known = new Set(settled.map(({ name }) => name));
  const inhabited = new Set(settled.flatMap(({ region }) => region ?? []));
  return {
    regions: fewestLosses(newcomersLast(order.regions, inhabited), regions),
    clusters: fewestLosses(newcomersLast(order.clusters, known), clusters),
    adopters: order.adopters,
  };
}

/** Whether clusters and regions come in the same order. Making it anew leaves the adopters as they are. */
export function isSameOrder(left: Order, right: Order): boolean {
  return left.clusters.join() === right.clusters.join() && left.regions.join() === right.regions.join();
}

/**
 * The order to remember: one made anew not before every cluster was read once. Who was never read may publish names, and
 * would lose them to whoever was put before it meanwhile.
 * @param before as stored until now.
 */
export function orderToRemember(order: Order, fleet: Fleet, before: Order): Order {
  return isLost(before) && fleet.clusters.some(hasUnknownNames) ? before : order;
}

/** All but newcomers. While somebody was never read, or nobody publishes, nobody can be told to have come later than others. */
function settledClusters(clusters: readonly FleetCluster[]): readonly FleetCluster[] {
  const publishing = clusters.filter((cluster) => publishesRoutes(cluster));
  return clusters.some(hasUnknownNames) || publishing.length === 0 ? clusters : publishing;
}

/** How many names `first` would take from `second` if it came before it. */
class Losses {
  readonly #names = new Map<string, number>();

  add(first: string, second: string): void {
    const key = `${first} ${second}`;
    this.#names.set(key, (this.#names.get(key) ?? 0) + 1);
  }

  of(first: string, others: readonly string[]): number {
    return others.reduce((sum, other) => sum + (this.#names.get(`${first} ${other}`) ?? 0), 0);
  }
}

/** Next comes who takes the fewest names from those that are left; of equals the earlier. None, where that is possible at all. */
function fewestLosses(names: readonly string[], losses: Losses): readonly string[] {
  const left = [...names];
  const ordered: string[] = [];
  while (left.length > 0) {
    const taken = left.map((name) => losses.of(name, left));
    const [next] = left.splice(taken.indexOf(Math.min(...taken)), 1);
    if (next !== undefined) ordered.push(next);
  }
  return ordered;
}

function newcomersLast(names: readonly string[], settled: ReadonlySet<string>): readonly string[] {
  return [...names.filter((name) => settled.has(name)), ...names.filter((name) => !settled.has(name))];
}

function contestsOf(zones: Zones, fleet: Fleet): readonly Contest[] {
  const contested = new Map<string, ReadonlySet<string>>();
  for (const [zone, names] of zones) {
    for (const [name, entry] of names) {
      const claimants = claimantsOf(entry);
      if (claimants.size > 1) contested.set(`${zone} ${name}`, claimants);
    }
  }
  const publishers = publishersOf(contested, fleet);
  return [...contested].flatMap(([key, claimants]) => {
    const [publisher, second] = publishers.get(key) ?? [];
    // Of several who publish it nobody can say which one has the record.
    if (publisher === undefined || second !== undefined) return [];
    const others = [...claimants].filter((claimant) => claimant !== publisher);
    return [{ zone: key.slice(0, key.indexOf(" ")), publisher, others }];
  });
}

function claimantsOf({ winner, losers }: ZoneName): ReadonlySet<string> {
  const claims: readonly Claim[] = losers === undefined ? [winner] : [winner, ...losers];
  return new Set(claims.map(({ cluster }) => cluster));
}

/** Claimants that publish a contested name today, by `zone name`. */
function publishersOf(
  contested: ReadonlyMap<string, ReadonlySet<string>>,
  fleet: Fleet,
): ReadonlyMap<string, readonly string[]> {
  const publishers = new Map<string, string[]>();
  if (contested.size === 0) return publishers;
  for (const cluster of fleet.clusters) {
    for (const { zone, name } of ourEndpoints(cluster).flatMap((endpoint) => endpointNames(endpoint))) {
      const key = `${zone} ${name}`;
      if (contested.get(key)?.has(cluster.name) !== true) continue;
      const known = publishers.get(key) ?? [];
      if (!known.includes(cluster.name)) publishers.set(key, [...known, cluster.name]);
    }
  }
  return publishers;
}

/** Hosts of routes, not of gateways: those every cluster with an address has from its first pass on. */
function publishesRoutes(cluster: FleetCluster): boolean {
  return ourEndpoints(cluster).some(({ meta }) => !isGatewayRecord(meta));
}

function ourEndpoints(cluster: FleetCluster): readonly DnsEndpoint[] {
  const listing = cluster.believed?.DNSEndpoint;
  if (listing?.read !== "complete") return [];
  return listing.objects.filter(({ meta }) => isOurs(meta) && !meta.deleting);
}
