/**
 * Difference between what a cluster holds and what it should hold, as changes. Objects that do not carry the item's
 * marker are never touched; the conflict is a refusal.
 */
import type { Change, Operation, Precondition } from "../../model/change.ts";
import type { Because, Desired, DesiredItem, ItemStage, Phase, PublishedName, Refusal } from "../../model/desired.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { Kind } from "../../model/kinds.ts";
import type { OwnerReference } from "../../model/object-meta.ts";
import type { Place } from "../../model/place.ts";
import { itemId } from "../naming/item-id.ts";
import { destinationOf } from "../naming/record-content.ts";
import { addressesLast } from "./addresses-last.ts";
import { joinFirst } from "./join-first.ts";
import { leaveFirst } from "./leave-first.ts";
import { comparableBody, comparableObject, matches, shown, type Comparable } from "./normalise.ts";
import {
  carries,
  isPredecessors,
  livingUids,
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
  return { ...found, changes: addressesLast(joinFirst(leaveFirst(found.changes))) };
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
      code: "ForeignOwner",
      reason: `${kind} ${key} exists and cannot be understood; correct or delete it`,
    };
  }
  if (found === undefined || carries(found.object.meta, item.marker)) return undefined;
  const reason = `${kind} ${key} exists and does not carry ${item.marker.label}=${item.marker.value}; delete or rename it`;
  return { place, kind, key, code: "ForeignOwner", reason };
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

/** Objects that carry a marker of ours and that nothing wants: their source is gone, or does not want them any more. */
function leftovers(
  cluster: FleetCluster,
  observed: Iterable<ObservedItem>,
  managed: Desired["managed"],
): readonly Change[] {
  const changes: Change[] = [];
  let living: ReadonlySet<string> | undefined;
  for (const found of observed) {
    const { meta } = found.object;
    if (found.wanted || !isManaged(found, managed)) continue;
    living ??= livingUids(cluster);
    const owner = meta.owners.find((candidate) => candidate.controller === true) ?? meta.owners[0];
    const sourceLives = owner !== undefined && living.has(owner.uid);
    const because = leftoverReason(found, owner, sourceLives);
    const change = deletion(cluster, found, because);
    changes.push(
      sourceLives ? change : { ...change, leaves: change.leaves.map((name) => ({ ...name, vanished: true as const })) },
    );
  }
  return changes;
}

/** Names the source where it is a resource that we know, else the object itself. */
function leftoverReason(
  { kind, object }: ObservedItem,
  owner: OwnerReference | undefined,
  sourceLives: boolean,
): Because {
  const { meta } = object;
  const namespace = meta.namespace === undefined ? {} : { namespace: meta.namespace };
  const reason = sourceLives ? "it is not wanted any more" : "its source is gone";
  if (owner === undefined || !isSourceKind(owner.kind))
    return { kind, ...namespace, name: meta.name, uid: meta.uid, reason };
  return { kind: owner.kind, ...namespace, name: owner.name, uid: owner.uid, reason };
}

/** Kinds of owners that we set. */
function isSourceKind(kind: string): kind is "ServiceRoute" | "Service" | "Gateway" {
  return kind === "ServiceRoute" || kind === "Service" || kind === "Gateway";
}

function isManaged(found: ObservedItem, managed: Desired["managed"]): boolean {
  return managed.some(({ kind, marker }) => kind === found.kind && carries(found.object.meta, marker));
}

function deletion(cluster: FleetCluster, found: ObservedItem, because: Because): Change {
  const phase: Phase = found.kind === "DNSEndpoint" ? "withdraw" : "close";
  return {
    ...identify({ kind: "cluster", name: cluster.name }, found, 0),
    operation: "delete",
    phase,
    before: shown(comparableObject(found.object.meta, found.object.spec)),
    precondition: preconditionOf(found),
    leaves: namesOf(found, cluster.name),
    joins: [],
    dependsOn: [],
    because,
  };
}

function identify(
  place: Place,
  item: { readonly kind: WrittenKind | DesiredItem["kind"]; readonly key: string },
  step: number,
): Pick<Change, "id" | "item" | "place" | "kind" | "key"> {
  const id = itemId(place, item.kind, item.key);
  return { id: step === 0 ? id : `${id}#${step}`, item: id, place, kind: item.kind, key: item.key };
}

function preconditionOf(found: ObservedItem): Precondition {
  return { uid: found.object.meta.uid, resourceVersion: found.object.meta.resourceVersion };
}

function sameName(left: PublishedName, right: PublishedName): boolean {
  return left.zone === right.zone && left.name === right.name;
}

/** A name that still leads to the same place does not leave; a TTL may change freely. */
function leadsTheSame(name: PublishedName, wanted: readonly PublishedName[]): boolean {
  return wanted.some((other) => sameName(name, other) && destinationOf(name.content) === destinationOf(other.content));
}
