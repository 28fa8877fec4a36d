/**
 * Changes as lists: by place, then by phase, in the order in which they are carried out.
 * Long groups are cut at a limit that the caller sets and say how many more there are.
 */
import type { Change, Operation } from "../model/change.ts";
import type { Because, Phase } from "../model/desired.ts";
import type { Place } from "../model/place.ts";
import type { PassReport } from "../model/report.ts";
import { changedNames, changeSameNames } from "./change-names.ts";
import { firstOf, joined, section } from "./document.ts";
import type { Block, Entry, Rich, Span } from "./document.ts";

const SIGNS: Readonly<Record<Operation, string>> = { create: "+", update: "~", delete: "-", adopt: "↺" };

const PHASES: readonly Phase[] = ["open", "withdraw", "publish", "close", "release"];

/** `+ create DNSEndpoint shop/cart-weu`, coloured as its operation. */
export function changeHead(change: Change): Rich {
  return [
    [change.operation, `${SIGNS[change.operation]} ${change.operation}`],
    ` ${change.kind} `,
    ["name", change.key],
  ];
}

/** What is changed, what that means for names, and why: for a change that stands alone. */
export function changeEntry(change: Change): Entry {
  const why: Rich = [["dim", `because ${becauseText(change.because)}`]];
  return { head: changeHead(change), details: [...changedNames([change]), why] };
}

/** `ServiceRoute shop/cart: the route publishes its host` */
function becauseText(because: Because): string {
  const key = because.namespace === undefined ? because.name : `${because.namespace}/${because.name}`;
  return `${because.kind} ${key}: ${because.reason}`;
}

/** `5 create, 2 update`, each in its colour. */
export function operationCounts(changes: readonly Change[]): Rich {
  const operations: readonly Operation[] = ["create", "adopt", "update", "delete"];
  const counts = operations.map((operation): readonly [Operation, number] => [
    operation,
    changes.filter((change) => change.operation === operation).length,
  ]);
  return joined(
    counts.filter(([, count]) => count > 0).map(([operation, count]): Span => [operation, `${count} ${operation}`]),
    ", ",
  );
}

export type PlaceGroup<T> = { readonly place: Place; readonly members: readonly T[] };

/** Places in the order of their names, clusters first; members keep their order. */
export function byPlace<T>(all: readonly T[], placeOf: (member: T) => Place): readonly PlaceGroup<T>[] {
  const groups = new Map<string, { readonly place: Place; readonly members: T[] }>();
  for (const member of all) {
    const place = placeOf(member);
    const key = `${place.kind}/${place.name}`;
    const group = groups.get(key) ?? { place, members: [] };
    group.members.push(member);
    groups.set(key, group);
  }
  return [...groups.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, group]) => group);
}

export function changesByPlace(changes: readonly Change[]): readonly PlaceGroup<Change>[] {
  return byPlace(changes, ({ place }) => place);
}

/** One section per place, one inside it per phase. */
export function placeSections(changes: readonly Change[], report: PassReport, limit: number): readonly Block[] {
  return changesByPlace(changes).map(({ place, members }) => {
    const title: Rich = [...placeName(place, report), "  ", ...operationCounts(members)];
    return section(title, phaseSections(members, limit), true);
  });
}

/** Phases are numbered as they are carried out: nothing of a later one starts anywhere before an earlier one ended. */
function phaseSections(changes: readonly Change[], limit: number): readonly Block[] {
  return PHASES.flatMap((phase, index) => {
    const own = changes.filter((change) => change.phase === phase);
    return own.length === 0 ? [] : [section([["dim", `${index + 1} ${phase}`]], changeBlocks(own, limit))];
  });
}

/**
 * Changes of one source stand together below what they are made for, said once; the rest is counted at the end.
 * @param names of one change that are shown; absent: as many as tell what it is about.
 */
export function changeBlocks(changes: readonly Change[], limit: number, names?: number): readonly Block[] {
  const { shown, more } = firstOf(changes, limit);
  const sources = runs(shown, (left, right) => becauseText(left.because) === becauseText(right.because));
  const blocks = sources.flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const entries = runs(members, changeSameNames).flatMap((same) => sameNamesEntries(same, names));
    return [section([["dim", becauseText(first.because)]], [{ kind: "entries", entries, more: 0 }])];
  });
  return more === 0 ? blocks : [...blocks, { kind: "entries", entries: [], more }];
}

/** One line per change; the names, which are the same for all, below the last. */
function sameNamesEntries(changes: readonly Change[], names: number | undefined): readonly Entry[] {
  return changes.map((change, index): Entry => {
    const details = index === changes.length - 1 ? changedNames(changes, names) : [];
    return { head: changeHead(change), details };
  });
}

/** Neighbours that belong together, in lists; the order stays. */
function runs<T>(all: readonly T[], together: (left: T, right: T) => boolean): readonly (readonly T[])[] {
  const lists: T[][] = [];
  for (const member of all) {
    const last = lists.at(-1);
    const previous = last?.at(-1);
    if (last !== undefined && previous !== undefined && together(previous, member)) last.push(member);
    else lists.push([member]);
  }
  return lists;
}

/** `w1 (weu)`, `zone weu`; with a word of warning where nothing will be written. */
export function placeName(place: Place, report: PassReport): Rich {
  if (place.kind === "zone") return [["strong", `zone ${place.name}`]];
  const cluster = report.clusters.find((each) => each.cluster === place.name);
  const region = cluster?.region === undefined ? "" : ` (${cluster.region})`;
  return [["strong", `${place.name}${region}`]];
}
