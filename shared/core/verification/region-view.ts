/**
 * What each region's zones are judged with: the records as they were read, which names in them are of our grammar, and who
 * wants which. Put together once per read of the fleet, so that every judgement of it asks the same.
 */
import type { Fleet } from "../../model/fleet.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import { ownHostTest } from "../naming/hosts.ts";
import type { Verification } from "./verify-record.ts";
import type { WantedNames } from "./wanted-names.ts";
import type { ZoneRecords } from "./zone-records.ts";

/** One region whose zones were read. */
export type RegionView = {
  readonly region: string;
  readonly records: ZoneRecords;
  /** Whether a name is of our grammar: no other is ever taken for ours. */
  readonly isOwnHost: (name: string) => boolean;
  readonly wanted: WantedNames;
};

export type UnreadRegion = { readonly region: string; readonly reason: string };

export type RegionViews = {
  /** By region. */
  readonly read: ReadonlyMap<string, RegionView>;
  /** Regions that have zones and of which not all were read, in the order of the configuration. */
  readonly notRead: readonly UnreadRegion[];
};

export type RegionViewsInput = {
  readonly fleet: Fleet;
  /** All that are configured, those without zones too: the region of a cluster that is gone is still one of our grammar. */
  readonly regions: readonly RegionConfiguration[];
  readonly regionOf: Verification["regionOf"];
  readonly wanted: WantedNames;
};

export function regionViews({ fleet, regions, regionOf, wanted }: RegionViewsInput): RegionViews {
  const identities = fleet.clusters.flatMap(({ identity }) => identity ?? []);
  const isOwnHost = ownHostTest(
    identities,
    regions.map(({ name }) => name),
  );
  const read = new Map<string, RegionView>();
  const notRead: UnreadRegion[] = [];
  for (const { name: region, zones } of regions) {
    if (zones.length === 0) continue;
    const found = regionOf(region);
    if (found.kind === "read") read.set(region, { region, records: found.records, isOwnHost, wanted });
    else notRead.push({ region, reason: found.reason });
  }
  return { read, notRead };
}
