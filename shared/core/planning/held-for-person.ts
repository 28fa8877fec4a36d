/** How many things wait for a person's yes. */
import type { HeldChanges } from "../../model/change.ts";

/**
 * Changes, and each read that is held as one: it holds no change yet. What was approved and only waits for time asks nobody.
 */
export function heldForPerson(held: readonly HeldChanges[]): number {
  return held
    .filter((group) => group.approved !== true)
    .reduce((sum, group) => sum + Math.max(1, group.changes.length), 0);
}
