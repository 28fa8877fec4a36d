/** What was read of the zones of each region that has any, for the report. */
import { noNames } from "../core/verification/verify-zones.ts";
import type { ZoneReading } from "../model/report.ts";
import type { ZoneSnapshot } from "../model/zone-records.ts";
import type { VerifiedFleet } from "./verify-fleet.ts";

type Judged = Pick<VerifiedFleet, "verified" | "garbage">;

const shownAtMost = 200;

/** By region. One zone that was not read leaves the region unread: which of its names stood there nobody knows. */
export function zoneReadings(
  zones: readonly ZoneSnapshot[],
  { verified, garbage }: Judged,
  nowMs: number,
): ReadonlyMap<string, ZoneReading> {
  const regions = new Set(zones.map(({ region }) => region));
  return new Map(
    [...regions].map((region) => {
      const own = zones.filter((zone) => zone.region === region);
      return [region, readingOf(region, own, { verified, garbage }, nowMs)];
    }),
  );
}

function readingOf(
  region: string,
  zones: readonly ZoneSnapshot[],
  { verified, garbage }: Judged,
  nowMs: number,
): ZoneReading {
  let recordSets = 0;
  for (const { listing } of zones) {
    if (listing.read === "not-read") return { read: "not-read", code: listing.code, reason: listing.reason };
    recordSets += listing.recordSets.length;
  }
  const found = garbage.found.filter((one) => one.region === region);
  return {
    read: "complete",
    readAtMs: Math.min(...zones.map(({ readAtMs }) => readAtMs)),
    recordSets,
    names: verified.counts.get(region) ?? noNames,
    unverified: verified.unverified.filter(({ zone }) => zone === region).slice(0, shownAtMost),
    garbage: { found: found.length, due: found.filter(({ dueAtMs }) => dueAtMs <= nowMs).length },
  };
}
