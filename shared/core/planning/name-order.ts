/** The order in which changes of one place take names from each other; phases and dependencies carry it through a plan. */
import type { Change } from "../../model/change.ts";
import { addressesLast } from "./addresses-last.ts";
import { joinFirst } from "./join-first.ts";
import { leaveFirst } from "./leave-first.ts";

/** @param changes of one place. */
export function inNameOrder(changes: readonly Change[]): readonly Change[] {
  return addressesLast(joinFirst(leaveFirst(changes)));
}
