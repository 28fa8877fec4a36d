/** Each zone of a report: how many names every cluster publishes in it, those of routes and gateway hosts together. */
import type { FleetDesired } from "../core/compute-desired.ts";
import { byText } from "../core/naming/item-id.ts";
import type { ZoneName } from "../model/claim.ts";
import type { Fleet } from "../model/fleet.ts";
import type { ResolvedPlacement } from "../model/placement.ts";
import type { ZoneReport } from "../model/report.ts";

type Counts = { readonly publishers: Map<string, number>; standby: number; conflicts: number };

export function zoneReports(fleet: Fleet, desired: FleetDesired, placement: ResolvedPlacement): readonly ZoneReport[] {
  const regionOf = new Map(fleet.clusters.map((cluster) => [cluster.name, cluster.region]));
  const zones = new Map<string, Counts>();
  const countsOf = (zone: string): Counts => {
    const known = zones.get(zone) ?? { publishers: new Map<string, number>(), standby: 0, conflicts: 0 };
    zones.set(zone, known);
    return known;
  };
  for (const [zone, names] of desired.zones) {
    const counts = countsOf(zone);
    for (const name of names.values()) countName(counts, name, regionOf);
  }
  for (const { zone, cluster } of desired.gatewayHosts()) countPublisher(countsOf(zone), cluster);
  return [...zones]
    .map(([zone, { publishers, standby, conflicts }]): ZoneReport => {
      const adopter = placement.standing.get(zone);
      return {
        zone,
        ...(adopter === undefined ? {} : { adopter }),
        publishers: [...publishers]
          .map(([cluster, count]) => ({ cluster, names: count }))
          .sort((left, right) => byText(left.cluster, right.cluster)),
        standby,
        conflicts,
      };
    })
    .sort((left, right) => byText(left.zone, right.zone));
}

function countName(
  counts: Counts,
  { winner, losers = [] }: ZoneName,
  regionOf: ReadonlyMap<string, string | undefined>,
): void {
  countPublisher(counts, winner.cluster);
  const near = losers.filter(
    (loser) => loser.cluster !== winner.cluster && regionOf.get(loser.cluster) === regionOf.get(winner.cluster),
  );
  counts.standby += near.length;
  counts.conflicts += losers.length - near.length;
}

function countPublisher({ publishers }: Counts, cluster: string): void {
  publishers.set(cluster, (publishers.get(cluster) ?? 0) + 1);
}
