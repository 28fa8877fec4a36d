/**
 * From what was read to what should be: assess, place, desire. In the stored order; where that was lost, in one made anew so
 * that whoever publishes a name today keeps it. Making it needs the claims, so the fleet is then desired twice.
 */
import { computeDesired, type FleetDesired } from "../core/compute-desired.ts";
import { adoptersInOrder, adoptersToday, resolvePlacement } from "../core/placement/adopted-regions.ts";
import { assessFleet, type Assessment, type AssessmentInput } from "../core/reading/assess-fleet.ts";
import { isSameOrder, rebuiltOrder } from "../core/reading/rebuilt-order.ts";
import { fleetInOrder, isLost } from "../core/reading/stored-order.ts";
import type { Placement, ResolvedPlacement } from "../model/placement.ts";
import type { Order } from "../model/state.ts";

export type DesiredFleet = {
  readonly assessment: Assessment;
  readonly placement: ResolvedPlacement;
  readonly desired: FleetDesired;
  /** To be remembered, once everybody in it was read. */
  readonly order: Order;
};

export function desireFleet(input: AssessmentInput, stored: Placement): DesiredFleet {
  const assessment = assessFleet(input);
  const inOrder = (order: Order): DesiredFleet => {
    const fleet = fleetInOrder(assessment.fleet, order);
    const placement = resolvePlacement(fleet, stored, order);
    return {
      assessment: { ...assessment, fleet, order },
      placement,
      desired: computeDesired(fleet, placement, input.configuration),
      order: { ...order, adopters: adoptersInOrder(placement, order.adopters) },
    };
  };
  if (!isLost(input.order)) return inOrder(assessment.order);
  const configured = { ...assessment.order, adopters: adoptersToday(assessment.fleet) };
  const first = inOrder(configured);
  const rebuilt = rebuiltOrder(configured, first.assessment.fleet, first.desired.zones);
  return isSameOrder(rebuilt, configured) ? first : inOrder(rebuilt);
}
