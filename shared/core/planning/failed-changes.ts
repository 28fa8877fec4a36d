/**
 * What still goes after changes failed: a failed change blocks what depends on it, later steps of its object, and later
 * phases of the same names; everything else goes on. One value per apply, told of each failure as it happens.
 */
import type { Change } from "../../model/change.ts";
import type { Phase } from "../../model/desired.ts";
import { closeWithout } from "./partial-close.ts";
import { bareName, comparePhases, namesHeldUp, namesNeeded } from "./phases.ts";

/** `change` may be less than what was planned: hosts whose names are stuck keep their place. */
export type Remainder =
  | { readonly kind: "due"; readonly change: Change }
  | { readonly kind: "blocked"; readonly by: string };

export class FailedChanges {
  readonly #ids = new Set<string>();
  readonly #items = new Set<string>();
  /** Names that a failed change holds up → the phase in which it failed first. */
  readonly #phases = new Map<string, Phase>();

  /** @param change failed, was blocked, or was not tried: whatever builds on it cannot go. */
  add(change: Change): void {
    this.#ids.add(change.id);
    this.#items.add(change.item);
    for (const name of namesHeldUp(change)) if (!this.#phases.has(name)) this.#phases.set(name, change.phase);
  }

  /**
   * What a change was made from and is not there: no part of it is right any more.
   * @returns the id of a change, or a word for a step of its own object.
   */
  blockerOf(change: Change): string | undefined {
    if (this.#items.has(change.item)) return "an earlier step of the same object";
    return change.dependsOn.find((before) => this.#ids.has(before));
  }

  /** The change without the hosts of stuck names; blocked where it cannot be divided. */
  remainderOf(change: Change): Remainder {
    const stuck = namesNeeded(change).find((name) => this.#failedBefore(change, name));
    if (stuck === undefined) return { kind: "due", change };
    const part = closeWithout(change, (name) => this.#failedBefore(change, bareName(change, name)));
    return part === undefined ? { kind: "blocked", by: stuck } : { kind: "due", change: part };
  }

  #failedBefore(change: Change, name: string): boolean {
    const failed = this.#phases.get(name);
    return failed !== undefined && comparePhases(failed, change.phase) < 0;
  }
}
