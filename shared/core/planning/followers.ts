/**
 * What cannot go without a change that is held, waits or is out of scope: what depends on it, later steps of its object, later
 * phases of its names, what it would have replaced, and what follows those.
 */
import type { Change, HeldChanges, WaitingChange } from "../../model/change.ts";
import type { Phase } from "../../model/desired.ts";
import { closeWithout } from "./partial-close.ts";
import { bareName, compareChanges, comparePhases, namesHeldUp, namesNeeded } from "./phases.ts";
import { addressedBy, keptWithout, takenAway } from "./replaced.ts";

/**
 * Holds what would go on without a held change, in its group. Earlier steps go on: the rest of a plan does not wait for a
 * person.
 */
export function holdFollowers(
  due: readonly Change[],
  held: readonly HeldChanges[],
): { readonly due: readonly Change[]; readonly held: readonly HeldChanges[] } {
  const { goes, groups } = gatherFollowers(
    due,
    held.map(({ changes }) => changes),
  );
  return { due: goes, held: held.map((group, index) => ({ ...group, changes: groups[index] ?? [] })) };
}

/** What follows a change that waits, waits with it, for the same reason. */
export function waitTogether(
  due: readonly Change[],
  waiting: readonly WaitingChange[],
): { readonly due: readonly Change[]; readonly waiting: readonly WaitingChange[] } {
  const { goes, groups } = gatherFollowers(
    due,
    waiting.map(({ change }) => [change]),
  );
  return {
    due: goes,
    waiting: waiting.flatMap((one, index) => (groups[index] ?? []).map((change) => ({ ...one, change }))),
  };
}

/**
 * Leaves out what is not in scope, and what cannot go without it. A record of the scope does not wait for its host, which
 * stands in the namespace of a Gateway; a host of the scope that closes does wait for its record.
 * @returns what it left out beside the due changes.
 */
export function keepInScope(
  due: readonly Change[],
  inScope: (change: Change) => boolean,
): { readonly due: readonly Change[]; readonly outside: readonly Change[] } {
  const { goes, groups } = gatherFollowers(
    due.filter((change) => inScope(change)),
    [due.filter((change) => !inScope(change))],
    ({ phase }) => phase === "close",
  );
  return { due: goes, outside: groups.flat() };
}

type Gathered = { readonly goes: readonly Change[]; readonly groups: readonly (readonly Change[])[] };

/**
 * @param leaders changes that do not go now, in groups.
 * @param followsNames whether earlier phases of its names hold a change up.
 * @returns each group with its followers after its leaders.
 */
function gatherFollowers(
  due: readonly Change[],
  leaders: readonly (readonly Change[])[],
  followsNames: (change: Change) => boolean = () => true,
): Gathered {
  if (leaders.every((group) => group.length === 0)) return { goes: due, groups: leaders };
  const groups = leaders.map((group) => [...group]);
  const addressed = addressedBy([...due, ...leaders.flat()]);
  let open = due;
  // Every round finds at least one follower, or is the last.
  for (let round = 0; round <= due.length; round += 1) {
    const left = withoutFollowers(open, groups, { addressed, followsNames });
    const isLast = left.length === open.length;
    open = left;
    if (isLast) break;
  }
  return { goes: open, groups };
}

type Following = {
  readonly addressed: ReadonlySet<string>;
  readonly followsNames: (change: Change) => boolean;
};

/** @param groups get the followers that are found. */
function withoutFollowers(
  due: readonly Change[],
  groups: readonly Change[][],
  { addressed, followsNames }: Following,
): readonly Change[] {
  const index = indexGroups(groups, addressed);
  return due.flatMap((change) => {
    const leader = leaderOf(change, index);
    const group = leader ?? (followsNames(change) ? nameLeaderOf(change, index) : undefined);
    if (group === undefined) return [change];
    const isHeldUp = (name: string): boolean => heldUp(change, bareName(change, name), index) !== undefined;
    const rest = leader === undefined ? closeWithout(change, isHeldUp) : undefined;
    if (rest !== undefined) return [rest];
    groups[group]?.push(change);
    return [];
  });
}

type GroupIndex = {
  /** Earliest phase in which a group holds up the name. */
  readonly names: ReadonlyMap<string, { readonly group: number; readonly phase: Phase }>;
  /** Earliest step of an object that does not go. */
  readonly items: ReadonlyMap<string, { readonly group: number; readonly change: Change }>;
  readonly changes: ReadonlyMap<string, number>;
  /** What must stay as long as one of them does not go. */
  readonly kept: ReadonlyMap<string, { readonly group: number; readonly item: string }>;
  /** Gateway hosts that get an address by this plan, sooner or later. */
  readonly addressed: ReadonlySet<string>;
};

function indexGroups(groups: readonly (readonly Change[])[], addressed: ReadonlySet<string>): GroupIndex {
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
    for (const name of namesHeldUp(change)) {
      const known = names.get(name);
      const earlier = known === undefined || comparePhases(change.phase, known.phase) < 0;
      if (earlier) names.set(name, { group, phase: change.phase });
    }
  }
  return { names, items, changes, kept, addressed };
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

/** Group that holds up an earlier phase of one of its names. */
function nameLeaderOf(change: Change, index: GroupIndex): number | undefined {
  for (const name of namesNeeded(change)) {
    const group = heldUp(change, name, index);
    if (group !== undefined) return group;
  }
  return undefined;
}

function heldUp({ phase }: Change, name: string, { names }: GroupIndex): number | undefined {
  const found = names.get(name);
  return found !== undefined && comparePhases(found.phase, phase) < 0 ? found.group : undefined;
}
