/**
 * Difference between what a cluster holds and what it should hold, as changes. Objects that do not carry the item's
 * marker are never touched; the conflict is a refusal.
 */
import type { Change, Operation, Precondition } from "../../model/change.ts";
import type { Desired, DesiredItem, ItemStage, PublishedName, Refusal } from "../../model/desired.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { Kind } from "../../model/kinds.ts";
import { itemId } from "../naming/item-id.ts";
import { carries } from "../naming/own-objects.ts";
import { destinationOf } from "../naming/record-content.ts";
import { deletion, identify, preconditionOf } from "./item-change.ts";
import { leftovers } from "./leftovers.ts";
import { inNameOrder } from "./name-order.ts";
import { comparableBody, comparableObject, matches, shown, type Comparable } from "./normalise.ts";
import {
  isPredecessors,
  namesOf,
  observedOf,
  rejectedKeys,
  writtenKinds,
  type ObservedItem,
  type WrittenKind,
} from "./observed-items.ts";

export type Difference = {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  /** Changes that wait by the family's word (`waits`), with the reason. */
  readonly waiting: ReadonlyMap<string, string>;
  /** Items that could not be compared because their kind was not read there. */
  readonly unreadItems: readonly string[];
};

/** @param items the items of this cluster only; each is looked at once and not kept. */
export function diffCluster(
  cluster: FleetCluster,
  items: Iterable<DesiredItem>,
  managed: Desired["managed"],
): Difference {
  const found: Collected = { changes: [], refusals: [], waiting: new Map(), unreadItems: [] };
  const observed = new Map(writtenKinds.map((kind) => [kind as Kind, observedKind(cluster, kind)]));
  for (const item of items) {
    const { present, unparsable } = observed.get(item.kind) ?? unread;
    if (present === undefined) {
      found.unreadItems.push(itemId(item.place, item.kind, item.key));
      continue;
    }
    const one = present.get(item.key);
    if (one !== undefined) one.wanted = true;
    const isUnparsable = unparsable.size > 0 && unparsable.has(item.key);
    diffItem(found, cluster, item, { present: one, isUnparsable });
  }
  for (const { present } of observed.values()) {
    for (const change of leftovers(cluster, present?.values() ?? [], managed)) found.changes.push(change);
  }
  return { ...found, changes: inNameOrder(found.changes) };
}

type Collected = {
  readonly changes: Change[];
  readonly refusals: Refusal[];
  readonly waiting: Map<string, string>;
  readonly unreadItems: string[];
};

type ObservedKind = {
  readonly present: ReadonlyMap<string, ObservedItem> | undefined;
  readonly unparsable: ReadonlySet<string>;
};

const unread: ObservedKind = { present: undefined, unparsable: new Set() };

function observedKind({ believed }: FleetCluster, kind: WrittenKind): ObservedKind {
  return { present: observedOf(believed, kind), unparsable: rejectedKeys(believed, kind) };
}

type Present = { readonly present: ObservedItem | undefined; readonly isUnparsable: boolean };

function diffItem(
  found: Collected,
  cluster: FleetCluster,
  item: DesiredItem,
  { present, isUnparsable }: Present,
): void {
  const refusal = foreignRefusal(item, present, isUnparsable);
  if (refusal !== undefined) {
    found.refusals.push(refusal);
    return;
  }
  const waits = item.want === "present" ? item.waits : undefined;
  for (const change of itemChanges(cluster, item, present)) {
    found.changes.push(change);
    if (waits !== undefined) found.waiting.set(change.id, waits.reason);
  }
}

function foreignRefusal(item: DesiredItem, found: ObservedItem | undefined, unparsable: boolean): Refusal | undefined {
  if (item.want !== "present") return undefined;
  const { place, kind, key } = item;
  if (unparsable) {
    return {
      place,
      kind,
      key,
      code: "ForeignObject",
      reason: `${kind} ${key} exists and cannot be understood; correct or delete it`,
    };
  }
  if (found === undefined || carries(found.object.meta, item.marker)) return undefined;
  const reason = `${kind} ${key} exists and does not carry ${item.marker.label}=${item.marker.value}; delete or rename it`;
  return { place, kind, key, code: "ForeignObject", reason };
}

/** What would change; an object that is being deleted is compared as well, and what is due there waits (being-deleted.ts). */
function itemChanges(cluster: FleetCluster, item: DesiredItem, found: ObservedItem | undefined): readonly Change[] {
  switch (item.want) {
    case "kept":
      return [];
    case "absent":
      if (found === undefined || !carries(found.object.meta, item.marker)) return [];
      return item.stages === undefined || item.stages.length === 0
        ? [deletion(cluster, found, item.because)]
        : stagedChanges(cluster, item, found, item.stages);
    case "present":
      return found === undefined || item.stages === undefined || item.stages.length === 0
        ? singleChange(cluster, item, found)
        : stagedChanges(cluster, item, found, item.stages);
  }
}

function singleChange(
  cluster: FleetCluster,
  item: DesiredItem & { want: "present" },
  found: ObservedItem | undefined,
): readonly Change[] {
  const body = item.body();
  if (found === undefined) {
    return [{ ...basics(item), operation: "create", phase: item.phase, after: body, leaves: [], joins: item.names }];
  }
  const observed = comparableObject(found.object.meta, found.object.spec);
  const wanted = comparableBody(body);
  const operation = operationOn(found, observed, wanted);
  // Where nearly all items end: nothing is made for them before.
  if (operation === undefined) return none;
  const before = namesOf(found, cluster.name);
  return [
    {
      ...basics(item),
      operation,
      phase: item.phase,
      before: shown(observed, wanted),
      after: body,
      precondition: preconditionOf(found),
      leaves: before.filter((name) => !leadsTheSame(name, item.names)),
      joins: item.names.filter((name) => !before.some((old) => sameName(old, name) && old.content === name.content)),
    },
  ];
}

const none: readonly Change[] = [];

function basics(item: DesiredItem & { want: "present" }) {
  const stage = item.stages?.find((candidate) => candidate.body !== undefined && candidate.joins.length > 0);
  return { ...identify(item.place, item, 0), because: item.because, dependsOn: stage?.dependsOn ?? [] };
}

function operationOn(found: ObservedItem, observed: Comparable, wanted: Comparable): Operation | undefined {
  if (isPredecessors(found.object.meta)) return "adopt";
  return matches(observed, wanted) ? undefined : "update";
}

/** Steps of one object in several phases: each compared with what the step before leaves behind. */
function stagedChanges(
  cluster: FleetCluster,
  item: DesiredItem,
  found: ObservedItem,
  stages: readonly ItemStage[],
): readonly Change[] {
  const changes: Change[] = [];
  let current: Comparable = comparableObject(found.object.meta, found.object.spec);
  let operation: Operation | undefined = isPredecessors(found.object.meta) ? "adopt" : "update";
  for (const [step, stage] of stages.entries()) {
    const base = {
      ...identify(item.place, item, step),
      because: item.because,
      phase: stage.phase,
      dependsOn: stage.dependsOn,
    };
    if (stage.body === undefined) {
      const precondition = stepPrecondition(found, changes.length > 0);
      changes.push({ ...deletion(cluster, found, item.because), ...base, precondition, leaves: stage.leaves });
      // What comes after a deletion is a new object.
      operation = "create";
      current = { labels: {}, annotations: {}, owners: [], spec: {} };
      continue;
    }
    const wanted = comparableBody(stage.body);
    if (operation === "update" && matches(current, wanted)) continue;
    const existing: Pick<Change, "before" | "precondition"> | Record<string, never> =
      operation === "create"
        ? {}
        : { before: shown(current, wanted), precondition: stepPrecondition(found, changes.length > 0) };
    changes.push({ ...base, operation, ...existing, after: stage.body, leaves: stage.leaves, joins: stage.joins });
    operation = "update";
    current = wanted;
  }
  return changes;
}

/** A later step finds what the step before it wrote: the same object, at a version that is not known yet. */
function stepPrecondition(found: ObservedItem, later: boolean): Precondition {
  return later ? { uid: found.object.meta.uid } : preconditionOf(found);
}

function sameName(left: PublishedName, right: PublishedName): boolean {
  return left.zone === right.zone && left.name === right.name;
}

/** A name that still leads to the same place does not leave; a TTL may change freely. */
function leadsTheSame(name: PublishedName, wanted: readonly PublishedName[]): boolean {
  return wanted.some((other) => sameName(name, other) && destinationOf(name.content) === destinationOf(other.content));
}
