/**
 * Brings observed and desired objects to one form before they are compared, else every pass would see a difference.
 * Labels and annotations of others are tolerated, as server-side apply tolerates them; the spec must be equal.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import { fieldManager } from "../../model/ownership.ts";

/** An object as rules compare and plans show it. */
export type Comparable = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly JsonObject[];
  readonly spec: JsonObject;
  /** Nobody else set a field of it: what is too much there, our next apply takes away. */
  readonly onlyOurs?: boolean;
};

export function comparableBody(body: JsonObject): Comparable {
  const metadata = asObject(body["metadata"]);
  return {
    labels: asObject(metadata["labels"]) as Readonly<Record<string, string>>,
    annotations: asObject(metadata["annotations"]) as Readonly<Record<string, string>>,
    owners: (metadata["ownerReferences"] ?? []) as readonly JsonObject[],
    spec: asObject(body["spec"]),
  };
}

export function comparableObject(meta: ObjectMeta, spec: unknown): Comparable {
  const { labels, annotations, owners } = meta;
  return { labels, annotations, owners, spec: spec as JsonObject, onlyOurs: isOnlyOurs(meta) };
}

function isOnlyOurs({ managers }: ObjectMeta): boolean {
  for (const manager of managers) if (manager !== fieldManager) return false;
  return true;
}

/** True when applying `wanted` would change nothing that we answer for. */
export function matches(observed: Comparable, wanted: Comparable): boolean {
  return (
    hasAll(observed.labels, wanted.labels) &&
    // A label that another manager set stays whatever we apply: wanting it gone would be an update in every pass.
    (observed.onlyOurs !== true || noStrayLabels(observed.labels, wanted.labels)) &&
    hasAll(observed.annotations, wanted.annotations) &&
    hasOwners(observed.owners, wanted.owners) &&
    equalJson(observed.spec, wanted.spec)
  );
}

/** The part of an observed object that answers to what is wanted: for before and after in plans and digests. */
export function shown(comparable: Comparable, beside?: Comparable): JsonObject {
  const labels =
    beside === undefined
      ? comparable.labels
      : only(comparable.labels, (label) => label in beside.labels || isOwnLabel(label));
  const annotations =
    beside === undefined ? comparable.annotations : only(comparable.annotations, (name) => name in beside.annotations);
  return {
    labels,
    annotations,
    ownerReferences: comparable.owners.map((owner) => ({
      kind: owner["kind"],
      name: owner["name"],
      uid: owner["uid"],
    })),
    spec: comparable.spec,
  };
}

/** Structural equality; a key with the value undefined counts as absent. */
export function equalJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index += 1) if (!equalJson(left[index], right[index])) return false;
    return true;
  }
  const one = left as JsonObject;
  const other = right as JsonObject;
  let present = 0;
  for (const key in one) {
    if (one[key] === undefined) continue;
    present += 1;
    if (!equalJson(one[key], other[key])) return false;
  }
  for (const key in other) if (other[key] !== undefined) present -= 1;
  return present === 0;
}

function hasAll(observed: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  for (const key in wanted) if (observed[key] !== wanted[key]) return false;
  return true;
}

/** A label of ours that is no longer wanted is drift, where nobody else can have set it; a label of somebody else is not. */
function noStrayLabels(observed: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  for (const key in observed) if (isOwnLabel(key) && !(key in wanted)) return false;
  return true;
}

function isOwnLabel(label: string): boolean {
  return label.startsWith("router.io/");
}

function hasOwners(observed: readonly JsonObject[], wanted: readonly JsonObject[]): boolean {
  for (const owner of wanted) if (!hasOwner(observed, owner)) return false;
  return true;
}

function hasOwner(observed: readonly JsonObject[], wanted: JsonObject): boolean {
  for (const owner of observed) if (sameOwner(owner, wanted)) return true;
  return false;
}

function sameOwner(found: JsonObject, wanted: JsonObject): boolean {
  return (
    found["uid"] === wanted["uid"] && found["controller"] === wanted["controller"] && found["name"] === wanted["name"]
  );
}

function only(record: Readonly<Record<string, string>>, keep: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
