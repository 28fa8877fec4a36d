/**
 * Phases of a plan: 1 open · 2 withdraw and fence · 3 publish · 4 close · 5 release, with a barrier between phases across
 * places. A change that is held, waits or failed takes the later phases of the same name along.
 */
import type { Change, HeldChanges } from "../../model/change.ts";
import type { Phase } from "../../model/desired.ts";
import { byText, placeId } from "../naming/item-id.ts";
import { closeWithout } from "./partial-close.ts";
import { addressedBy, keptWithout, takenAway } from "./replaced.ts";

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

/**
 * Changes of one phase in the order in which they may be made: each wave only after the one before it, the changes of a wave
 * side by side. A change comes after what it depends on and after earlier steps of its own object.
 */
export function wavesOf(due: readonly Change[]): readonly (readonly Change[])[] {
  const waves: (readonly Change[])[] = [];
  let open = due;
  // Every round makes a wave of at least one change; a circle, which planning never makes, would be the last.
  for (let round = 0; round < due.length && open.length > 0; round += 1) {
    const ids = new Set(open.map(({ id }) => id));
    const comesAfter = ({ id, item, dependsOn }: Change): boolean =>
      (id !== item && ids.has(item)) || dependsOn.some((before) => ids.has(before));
    const later = open.filter((change) => comesAfter(change));
    if (later.length === open.length) break;
    waves.push(open.filter((change) => !comesAfter(change)));
    open = later;
  }
  return open.length === 0 ? waves : [...waves, open];
}

/** Names of a change as others are compared with it: by place and bare name, so that a host and its record are one. */
export function changeNames(change: Change): readonly string[] {
  return [...change.leaves, ...change.joins].map(({ name }) => `${placeId(change.place)}/${name}`);
}

/**
 * Moves changes that would go on without a held one into its group: later phases of the same name, later steps of the same
 * object, and dependants; and what follows those. Earlier steps go on: the rest of a plan does not wait for a person.
 */
export function holdFollowers(
  due: readonly Change[],
  held: readonly HeldChanges[],
): { readonly due: readonly Change[]; readonly held: readonly HeldChanges[] } {
  if (held.every((group) => group.changes.length === 0)) return { due, held };
  const groups = held.map((group) => [...group.changes]);
  let open = due;
  // Every round holds at least one change more, or is the last.
  for (let round = 0; round <= due.length; round += 1) {
    const left = withoutFollowers(open, groups);
    if (left.length === open.length) {
      open = left;
      break;
    }
    open = left;
  }
  return { due: open, held: held.map((group, index) => ({ ...group, changes: groups[index] ?? [] })) };
}

/** @param groups get the followers that are found. */
function withoutFollowers(due: readonly Change[], groups: readonly Change[][]): readonly Change[] {
  const index = indexGroups(due, groups);
  return due.flatMap((change) => {
    const leader = leaderOf(change, index);
    const group = leader ?? nameLeaderOf(change, index);
    if (group === undefined) return [change];
    const isHeld = (name: string): boolean => index.names.has(`${placeId(change.place)}/${name}`);
    const rest = leader === undefined ? closeWithout(change, isHeld) : undefined;
    if (rest !== undefined) return [rest];
    groups[group]?.push(change);
    return [];
  });
}

type GroupIndex = {
  /** Earliest phase in which a group has the name. */
  readonly names: ReadonlyMap<string, { readonly group: number; readonly phase: Phase }>;
  /** Earliest held step of an object. */
  readonly items: ReadonlyMap<string, { readonly group: number; readonly change: Change }>;
  readonly changes: ReadonlyMap<string, number>;
  /** What must stay as long as a held change does not go. */
  readonly kept: ReadonlyMap<string, { readonly group: number; readonly item: string }>;
  /** Gateway hosts that get an address by this plan, held or not. */
  readonly addressed: ReadonlySet<string>;
};

function indexGroups(due: readonly Change[], groups: readonly (readonly Change[])[]): GroupIndex {
  const names = new Map<string, { readonly group: number; readonly phase: Phase }>();
  const items = new Map<string, { readonly group: number; readonly change: Change }>();
  const changes = new Map<string, number>();
  const kept = new Map<string, { readonly group: number; readonly item: string }>();
  const members = groups.flatMap((group, index) => group.map((change) => ({ change, group: index })));
  for (const { change, group } of members) {
    changes.set(change.id, group);
    for (const key of keptWithout(change)) kept.set(key, { group, item: change.item });
    const first = items.get(change.item);
    if (first === undefined || compareChanges(change, first.change) < 0) items.set(change.item, { group, change });
    for (const name of changeNames(change)) {
      const known = names.get(name);
      const earlier = known === undefined || comparePhases(change.phase, known.phase) < 0;
      if (earlier) names.set(name, { group, phase: change.phase });
    }
  }
  return { names, items, changes, kept, addressed: addressedBy([...due, ...groups.flat()]) };
}

/** Group of what the change cannot go without: a change it depends on, an earlier step of its own object, its replacement. */
function leaderOf(change: Change, { changes, items, kept, addressed }: GroupIndex): number | undefined {
  for (const id of change.dependsOn) {
    const group = changes.get(id);
    if (group !== undefined) return group;
  }
  const step = items.get(change.item);
  if (step !== undefined && compareChanges(step.change, change) < 0) return step.group;
  for (const key of takenAway(change, addressed)) {
    const replacement = kept.get(key);
    if (replacement !== undefined && replacement.item !== change.item) return replacement.group;
  }
  return undefined;
}

/** Group that holds an earlier phase of one of its names. */
function nameLeaderOf(change: Change, { names }: GroupIndex): number | undefined {
  for (const name of changeNames(change)) {
    const followed = names.get(name);
    if (followed !== undefined && comparePhases(followed.phase, change.phase) < 0) return followed.group;
  }
  return undefined;
}
