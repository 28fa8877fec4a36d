/**
 * What cannot go without a change that does not go now: what depends on it, later steps of its object, what it would have
 * replaced, and what follows those.
 */
import type { Change, WaitingChange } from "../../model/change.ts";
import { compareChanges } from "./phases.ts";
import { addressedBy, keptWithout, takenAway } from "./replaced.ts";

export type Dependants = {
  readonly stays: readonly Change[];
  /** Each follower with the leader that it cannot go without, directly or by another follower. */
  readonly followers: ReadonlyMap<Change, Change>;
};

/** @param leaders changes that do not go now; those among `due` are in neither part of the result. */
export function withoutDependants(due: readonly Change[], leaders: readonly Change[]): Dependants {
  const followers = new Map<Change, Change>();
  if (leaders.length === 0) return { stays: due, followers };
  const led = new Map(leaders.map((leader) => [leader.id, leader]));
  const steps = new Map(leaders.map((leader) => [leader.item, leader]));
  const kept = new Map(leaders.flatMap((leader) => keptWithout(leader).map((key) => [key, leader])));
  const addressed = addressedBy([...due, ...leaders]);
  let open = due.filter((change) => !led.has(change.id));
  // Every round finds at least one follower, or is the last.
  for (let round = 0; round <= due.length; round += 1) {
    const stays: Change[] = [];
    for (const change of open) {
      const leader = leaderOf(change, led, steps) ?? replacementOf(takenAway(change, addressed), change, kept);
      if (leader === undefined) {
        stays.push(change);
        continue;
      }
      followers.set(change, leader);
      led.set(change.id, leader);
      if (!steps.has(change.item)) steps.set(change.item, change);
      keepFirst(kept, change);
    }
    if (stays.length === open.length) break;
    open = stays;
  }
  return { stays: open, followers };
}

function keepFirst(kept: Map<string, Change>, change: Change): void {
  for (const key of keptWithout(change)) if (!kept.has(key)) kept.set(key, change);
}

function leaderOf(
  change: Change,
  led: ReadonlyMap<string, Change>,
  steps: ReadonlyMap<string, Change>,
): Change | undefined {
  for (const id of change.dependsOn) {
    const leader = led.get(id);
    if (leader !== undefined) return leader;
  }
  const step = steps.get(change.item);
  return step !== undefined && compareChanges(step, change) < 0 ? (led.get(step.id) ?? step) : undefined;
}

/** The change that would take over what this one takes away, and does not go now. */
function replacementOf(
  taken: readonly string[],
  change: Change,
  kept: ReadonlyMap<string, Change>,
): Change | undefined {
  for (const key of taken) {
    const leader = kept.get(key);
    if (leader !== undefined && leader.item !== change.item) return leader;
  }
  return undefined;
}

/** What depends on a change that waits, waits with it, for the same reason. */
export function waitTogether(
  due: readonly Change[],
  waiting: readonly WaitingChange[],
): { readonly due: readonly Change[]; readonly waiting: readonly WaitingChange[] } {
  const byChange = new Map(waiting.map((one) => [one.change, one]));
  const { stays, followers } = withoutDependants(due, [...byChange.keys()]);
  const following = [...followers].flatMap(([change, leader]) => {
    const one = byChange.get(leader);
    return one === undefined ? [] : [{ ...one, change }];
  });
  return { due: stays, waiting: [...waiting, ...following] };
}
