/** What the zones of the fleet say of everything that should be in them, and of what should not. */
import type { FleetDesired } from "../core/compute-desired.ts";
import { findGarbage, type GarbageJudgement } from "../core/verification/garbage.ts";
import { regionViews, type RegionViews } from "../core/verification/region-view.ts";
import type { Verification } from "../core/verification/verify-record.ts";
import { wantedNames, type WantedNames } from "../core/verification/wanted-names.ts";
import { verifyZones, type ZoneVerification } from "../core/verification/verify-zones.ts";
import type { Fleet } from "../model/fleet.ts";
import type { RegionConfiguration } from "../model/fleet-configuration.ts";
import type { Since } from "../model/state.ts";
import type { WantedRecord } from "../model/verification.ts";

export type VerifiedFleet = {
  readonly verified: ZoneVerification;
  readonly garbage: GarbageJudgement;
  /** Who wants which name; what is in a zone and not here, nobody wants. */
  readonly wanted: WantedNames;
  /** What the zones of each region are judged with. */
  readonly views: RegionViews;
};

export type VerifyFleetInput = {
  readonly fleet: Fleet;
  readonly desired: Pick<FleetDesired, "zones" | "gatewayHosts">;
  readonly regions: readonly RegionConfiguration[];
  readonly verification: Verification;
  readonly since: Pick<Since, "records" | "garbage">;
  /** Why there may be clusters that nobody knows of now. */
  readonly unknownClusters?: string;
};

export function verifyFleet(input: VerifyFleetInput): VerifiedFleet {
  const { fleet, desired, regions, verification, since, unknownClusters } = input;
  // Nothing is looked at where no zone is configured; and what was remembered of one that was, is over.
  if (regions.every(({ zones }) => zones.length === 0)) return nothing;
  const gatewayRecords = gatewayRecordsOf(desired);
  const verified = verifyZones({ verification, zones: desired.zones, gatewayRecords, marks: since.records });
  const wanted = wantedNames({ fleet, zones: desired.zones, gatewayRecords, publishedAt: verification.publishedAt });
  const views = regionViews({ fleet, regions, regionOf: verification.regionOf, wanted });
  const garbage = findGarbage({
    fleet,
    views,
    marks: since.garbage,
    nowMs: fleet.nowMs,
    ...(unknownClusters === undefined ? {} : { unknownClusters }),
  });
  return { verified, garbage, wanted, views };
}

const nothing: VerifiedFleet = {
  verified: { counts: new Map(), unverified: [], outside: [], marks: {} },
  garbage: { found: [], skipped: [], marks: {} },
  wanted: { contentsAt: () => [], typesAt: () => new Set() },
  views: { read: new Map(), notRead: [] },
};

export function gatewayRecordsOf(desired: Pick<FleetDesired, "gatewayHosts">): readonly WantedRecord[] {
  return desired
    .gatewayHosts()
    .flatMap(({ zone, name, contents }) => contents.map((content) => ({ zone, name, content })));
}
