/** Each zone of a report: how many names every cluster publishes in it, those of routes and gateway hosts together. */
import type { FleetDesired } from "../core/compute-desired.ts";
import { byText } from "../core/naming/item-id.ts";
import type { ZoneName, Zones } from "../model/claim.ts";
import type { Fleet } from "../model/fleet.ts";
import type { ResolvedPlacement } from "../model/placement.ts";
import type { ZoneReading, ZoneReport } from "../model/report.ts";

type Counts = { readonly publishers: Map<string, number>; standby: number; conflicts: number };

/** A name that stays published although nobody claims it: its source lost a precondition, or a decision is awaited. */
export type KeptName = { readonly cluster: string; readonly zone: string; readonly name: string };

export type ZoneReportsInput = {
  readonly fleet: Fleet;
  readonly desired: FleetDesired;
  readonly placement: ResolvedPlacement;
  /** Names that stay published although nobody claims them. */
  readonly kept: readonly KeptName[];
  readonly readings: ReadonlyMap<string, ZoneReading>;
};

export function zoneReports(input: ZoneReportsInput): readonly ZoneReport[] {
  const { fleet, desired, placement, kept, readings } = input;
  const regionOf = new Map(fleet.clusters.map((cluster) => [cluster.name, cluster.region]));
  const zones = new Map<string, Counts>();
  const countsOf = (zone: string): Counts => {
    const known = zones.get(zone) ?? { publishers: new Map<string, number>(), standby: 0, conflicts: 0 };
    zones.set(zone, known);
    return known;
  };
  for (const zone of readings.keys()) countsOf(zone);
  for (const [zone, names] of desired.zones) {
    const counts = countsOf(zone);
    for (const name of names.values()) countName(counts, name, regionOf);
  }
  const gateways = desired.gatewayHosts();
  for (const { zone, cluster } of gateways) countPublisher(countsOf(zone), cluster);
  for (const { zone, cluster } of keptBesides(kept, desired.zones, gateways)) countPublisher(countsOf(zone), cluster);
  return [...zones]
    .map(([zone, { publishers, standby, conflicts }]): ZoneReport => {
      const adopter = placement.adopters.get(zone);
      return {
        zone,
        ...(adopter === undefined ? {} : { adopter }),
        publishers: [...publishers]
          .map(([cluster, count]) => ({ cluster, names: count }))
          .sort((left, right) => byText(left.cluster, right.cluster)),
        standby,
        conflicts,
        reading: readings.get(zone) ?? { read: "not-configured" },
      };
    })
    .sort((left, right) => byText(left.zone, right.zone));
}

/** Kept names that were not counted yet, each once per zone and cluster. */
function keptBesides(kept: readonly KeptName[], zones: Zones, gateways: readonly KeptName[]): readonly KeptName[] {
  const idOf = ({ zone, name, cluster }: KeptName): string => `${zone} ${name} ${cluster}`;
  const counted = new Set(gateways.map(idOf));
  const rest = kept.filter((each) => !counted.has(idOf(each)) && zones.get(each.zone)?.has(each.name) !== true);
  return [...new Map(rest.map((each) => [idOf(each), each])).values()];
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
