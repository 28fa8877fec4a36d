/**
 * From what was read to what should be: assess, place, desire. In the stored order; where that was lost, in one made anew so
 * that whoever publishes a name today keeps it. Making it needs the claims, so the fleet is then desired twice.
 */
import { computeDesired, type FleetDesired } from "../core/compute-desired.ts";
import { adoptersInOrder, adoptersToday, resolvePlacement } from "../core/placement/adopted-regions.ts";
import { assessFleet, type Assessment, type AssessmentInput } from "../core/reading/assess-fleet.ts";
import { isSameOrder, rebuiltOrder } from "../core/reading/rebuilt-order.ts";
import { fleetInOrder, isLost } from "../core/reading/stored-order.ts";
import { verification, type Verification } from "../core/verification/verify-record.ts";
import type { Placement, ResolvedPlacement } from "../model/placement.ts";
import type { Order, Since } from "../model/state.ts";

export type DesiredFleet = {
  readonly assessment: Assessment;
  readonly placement: ResolvedPlacement;
  readonly desired: FleetDesired;
  readonly verification: Verification;
  /** To be remembered, once everybody in it was read. */
  readonly order: Order;
};

/** What earlier passes left, besides what the assessment needs. */
type Stored = { readonly placement: Placement; readonly records: Since["records"] };

export function desireFleet(input: AssessmentInput, stored: Stored): DesiredFleet {
  const { configuration, snapshot } = input;
  const assessment = assessFleet(input);
  const inOrder = (order: Order): DesiredFleet => {
    const fleet = fleetInOrder(assessment.fleet, order);
    const placement = resolvePlacement(fleet, stored.placement, order);
    const seen = verification({
      fleet,
      regions: configuration.regions,
      zones: snapshot.zones,
      marks: stored.records,
    });
    return {
      assessment: { ...assessment, fleet, order },
      placement,
      // Without a zone nobody is asked about any name.
      desired: computeDesired(fleet, placement, configuration, snapshot.zones.length === 0 ? undefined : seen.verify),
      verification: seen,
      order: { ...order, adopters: adoptersInOrder(placement, order.adopters) },
    };
  };
  if (!isLost(input.order)) return inOrder(assessment.order);
  const configured = { ...assessment.order, adopters: adoptersToday(assessment.fleet) };
  const first = inOrder(configured);
  const rebuilt = rebuiltOrder(configured, first.assessment.fleet, first.desired.zones);
  return isSameOrder(rebuilt, configured) ? first : inOrder(rebuilt);
}
