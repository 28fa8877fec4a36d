/** What the zones of the fleet say of everything that should be in them, and of what should not. */
import type { FleetDesired } from "../core/compute-desired.ts";
import { findGarbage, type GarbageJudgement } from "../core/verification/garbage.ts";
import type { Verification } from "../core/verification/verify-record.ts";
import { verifyZones, type ZoneVerification } from "../core/verification/verify-zones.ts";
import type { Fleet } from "../model/fleet.ts";
import type { RegionConfiguration } from "../model/fleet-configuration.ts";
import type { Since } from "../model/state.ts";
import type { WantedRecord } from "../model/verification.ts";

export type VerifiedFleet = { readonly verified: ZoneVerification; readonly garbage: GarbageJudgement };

export type VerifyFleetInput = {
  readonly fleet: Fleet;
  readonly desired: Pick<FleetDesired, "zones" | "gatewayHosts">;
  readonly regions: readonly RegionConfiguration[];
  readonly verification: Verification;
  readonly since: Pick<Since, "records" | "garbage">;
};

export function verifyFleet({ fleet, desired, regions, verification, since }: VerifyFleetInput): VerifiedFleet {
  const configured = regions.filter(({ zones }) => zones.length > 0).map(({ name }) => name);
  // Nothing is looked at where no zone is configured; and what was remembered of one that was, is over.
  if (configured.length === 0) {
    return { verified: { counts: new Map(), unverified: [], marks: {} }, garbage: { found: [], marks: {} } };
  }
  const gatewayRecords = gatewayRecordsOf(desired);
  const verified = verifyZones({ verification, zones: desired.zones, gatewayRecords, marks: since.records });
  const gatewayNames = new Set(gatewayRecords.map(({ zone, name }) => `${zone} ${name}`));
  const read = configured.flatMap((name) => {
    const region = verification.regionOf(name);
    return region.kind === "read" ? [[name, region.records] as const] : [];
  });
  const garbage = findGarbage({
    fleet,
    configuredRegions: regions.map(({ name }) => name),
    regions: new Map(read),
    isWanted: (region, name) =>
      desired.zones.get(region)?.has(name) === true ||
      gatewayNames.has(`${region} ${name}`) ||
      verification.publishedAt(region, name).length > 0,
    marks: since.garbage,
    nowMs: fleet.nowMs,
  });
  return { verified, garbage };
}

export function gatewayRecordsOf(desired: Pick<FleetDesired, "gatewayHosts">): readonly WantedRecord[] {
  return desired
    .gatewayHosts()
    .flatMap(({ zone, name, contents }) => contents.map((content) => ({ zone, name, content })));
}
