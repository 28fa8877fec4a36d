/**
 * Phases of a plan: 1 open · 2 withdraw and fence · 3 publish · 4 close · 5 release, with a barrier between phases across
 * places. A change that is held, waits or failed takes the later phases of the same name along.
 */
import type { Change, HeldChanges } from "../../model/change.ts";
import type { Phase } from "../../model/desired.ts";
import { byText, placeId } from "../naming/item-id.ts";
import { closeWithout } from "./partial-close.ts";

export const phases: readonly Phase[] = ["open", "withdraw", "publish", "close", "release"];

const position: Readonly<Record<Phase, number>> = { open: 0, withdraw: 1, publish: 2, close: 3, release: 4 };

export function comparePhases(left: Phase, right: Phase): number {
  return position[left] - position[right];
}

/** Order of a plan: phase, place, kind, key, step. Equal input gives equal bytes. */
export function compareChanges(left: Change, right: Change): number {
  return (
    comparePhases(left.phase, right.phase) ||
    byText(placeId(left.place), placeId(right.place)) ||
    byText(left.kind, right.kind) ||
    byText(left.key, right.key) ||
    byText(left.id, right.id)
  );
}

/** Names of a change as others are compared with it: by place and bare name, so that a host and its record are one. */
export function changeNames(change: Change): readonly string[] {
  return [...change.leaves, ...change.joins].map(({ name }) => `${placeId(change.place)}/${name}`);
}

/** Moves changes that would go on without a held one into its group: later phases of the same name, and dependants. */
export function holdFollowers(
  due: readonly Change[],
  held: readonly HeldChanges[],
): { readonly due: readonly Change[]; readonly held: readonly HeldChanges[] } {
  if (held.every((group) => group.changes.length === 0)) return { due, held };
  const { groupOfName, groupOfItem } = indexGroups(held);
  const followers = new Map<number, Change[]>();
  const stays = due.flatMap((change) => {
    const group = followedGroup(change, groupOfName, groupOfItem);
    if (group === undefined) return [change];
    const rest = closeWithout(change, (name) => groupOfName.has(`${placeId(change.place)}/${name}`));
    if (rest !== undefined) return [rest];
    followers.set(group, [...(followers.get(group) ?? []), change]);
    return [];
  });
  return {
    due: stays,
    held: held.map((group, index) => ({ ...group, changes: [...group.changes, ...(followers.get(index) ?? [])] })),
  };
}

type GroupIndex = {
  /** Earliest phase in which a group has the name. */
  readonly groupOfName: ReadonlyMap<string, { readonly group: number; readonly phase: Phase }>;
  readonly groupOfItem: ReadonlyMap<string, number>;
};

function indexGroups(held: readonly HeldChanges[]): GroupIndex {
  const groupOfName = new Map<string, { readonly group: number; readonly phase: Phase }>();
  const groupOfItem = new Map<string, number>();
  const members = held.flatMap((group, index) => group.changes.map((change) => ({ change, index })));
  for (const { change, index } of members) {
    groupOfItem.set(change.item, index);
    for (const name of changeNames(change)) {
      const known = groupOfName.get(name);
      const earlier = known === undefined || comparePhases(change.phase, known.phase) < 0;
      if (earlier) groupOfName.set(name, { group: index, phase: change.phase });
    }
  }
  return { groupOfName, groupOfItem };
}

function followedGroup(
  change: Change,
  groupOfName: ReadonlyMap<string, { readonly group: number; readonly phase: Phase }>,
  groupOfItem: ReadonlyMap<string, number>,
): number | undefined {
  for (const item of change.dependsOn) {
    const group = groupOfItem.get(item);
    if (group !== undefined) return group;
  }
  for (const name of changeNames(change)) {
    const followed = groupOfName.get(name);
    if (followed !== undefined && comparePhases(followed.phase, change.phase) < 0) return followed.group;
  }
  return groupOfItem.get(change.item);
}
