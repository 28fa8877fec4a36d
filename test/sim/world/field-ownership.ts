/**
 * Field ownership as server-side apply keeps it: which manager set which leaf of an object. Leaves are single values, whole
 * lists (atomic, as in the CRDs of the kinds we write), and owner references by uid. Pure.
 */
import type { Json, JsonObject } from "../../../shared/model/json.ts";

/** Path of a leaf, its segments joined by a line feed, which no field name holds. */
export type LeafPath = string;

export type ManagedEntry = {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource?: string;
  readonly leaves: readonly LeafPath[];
};

const serverMetadata: ReadonlySet<string> = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "managedFields",
  "finalizers",
]);

export function isFields(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): JsonObject {
  return isFields(value) ? value : {};
}

export function metadataOf(object: JsonObject): JsonObject {
  return fieldsOf(object["metadata"]);
}

export function ownersOf(object: JsonObject): readonly JsonObject[] {
  const owners = metadataOf(object)["ownerReferences"];
  return Array.isArray(owners) ? owners.filter(isFields) : [];
}

export function entriesOf(object: JsonObject): readonly ManagedEntry[] {
  const entries = metadataOf(object)["managedFields"];
  return Array.isArray(entries) ? entries : [];
}

/** Every leaf that somebody may own: of metadata, spec and everything else but the status. */
export function leavesOf(object: JsonObject): ReadonlyMap<LeafPath, Json> {
  const leaves = new Map<LeafPath, Json>();
  for (const [field, value] of Object.entries(object)) {
    if (field === "apiVersion" || field === "kind" || field === "status" || value === undefined) continue;
    if (field !== "metadata") {
      addLeaves(leaves, field, value);
      continue;
    }
    for (const [name, entry] of Object.entries(fieldsOf(value))) {
      if (serverMetadata.has(name) || name === "ownerReferences" || entry === undefined) continue;
      addLeaves(leaves, `metadata\n${name}`, entry);
    }
  }
  for (const owner of ownersOf(object)) leaves.set(ownerPath(owner), owner);
  return leaves;
}

function addLeaves(leaves: Map<LeafPath, Json>, path: LeafPath, value: Json): void {
  if (!isFields(value)) {
    leaves.set(path, value);
    return;
  }
  for (const [field, entry] of Object.entries(value)) {
    if (entry !== undefined) addLeaves(leaves, `${path}\n${field}`, entry);
  }
}

function ownerPath(owner: JsonObject): LeafPath {
  return `metadata\nownerReferences\n${String(owner["uid"])}`;
}

/** The object without some leaves and with others set; what is not named stays. */
export function withLeaves(
  object: JsonObject,
  removed: ReadonlySet<LeafPath>,
  set: ReadonlyMap<LeafPath, Json>,
): JsonObject {
  const copy = copyOf(object) as Record<string, Json>;
  for (const path of removed) if (!isOwnerPath(path)) removeLeaf(copy, path.split("\n"));
  for (const [path, value] of set) if (!isOwnerPath(path)) setLeaf(copy, path.split("\n"), value);
  const metadata = copy["metadata"] as Record<string, Json>;
  const added = new Map([...set].filter(([path]) => isOwnerPath(path)));
  const kept = ownersOf(object).filter((owner) => !removed.has(ownerPath(owner)) && !added.has(ownerPath(owner)));
  const owners = [...kept, ...added.values()];
  if (owners.length === 0) delete metadata["ownerReferences"];
  else metadata["ownerReferences"] = owners;
  return copy;
}

/** A copy of its own, down to the last field. */
export function copyOf<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map((entry: Json) => copyOf(entry)) as unknown as T;
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, entry]) => [field, entry === undefined ? undefined : copyOf(entry)]),
  ) as T;
}

function isOwnerPath(path: LeafPath): boolean {
  return path.startsWith("metadata\nownerReferences\n");
}

function removeLeaf(object: Record<string, Json>, path: readonly string[]): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    delete object[first];
    return;
  }
  const below = object[first];
  if (isFields(below)) removeLeaf(below as Record<string, Json>, rest);
}

function setLeaf(object: Record<string, Json>, path: readonly string[], value: Json): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    object[first] = value;
    return;
  }
  const below = object[first];
  if (!isFields(below)) object[first] = {};
  setLeaf(object[first] as Record<string, Json>, rest, value);
}

export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  return canonical(left) === canonical(right);
}

/** Text that is equal for equal data, whatever the order of fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .filter((field) => value[field] !== undefined)
    .sort();
  return `{${fields.map((field) => `${JSON.stringify(field)}:${canonical(value[field])}`).join(",")}}`;
}

type Writing = { readonly manager: string; readonly before: JsonObject; readonly force: boolean };

export type Applied =
  | { readonly result: "applied"; readonly object: JsonObject; readonly entries: readonly ManagedEntry[] }
  | { readonly result: "conflict"; readonly managers: readonly string[]; readonly fields: readonly string[] };

/** What an apply of `body` by `manager` makes of the object that is there. */
export function applyFields(body: JsonObject, { manager, before, force }: Writing): Applied {
  const wanted = leavesOf(body);
  const present = leavesOf(before);
  const entries = entriesOf(before);
  const mine = entries.find((entry) => isApplyOf(entry, manager));
  const others = entries.filter((entry) => entry !== mine);
  const differing = [...wanted].filter(([path, value]) => present.has(path) && !sameJson(present.get(path), value));
  const changed = new Set(differing.map(([path]) => path));
  const holders = others.filter((other) => isMain(other) && other.leaves.some((path) => changed.has(path)));
  if (holders.length > 0 && !force) {
    const fields = holders.flatMap((other) => other.leaves.filter((path) => changed.has(path)));
    return {
      result: "conflict",
      managers: [...new Set(holders.map((other) => other.manager))].sort(),
      fields: [...new Set(fields)].map((path) => `.${path.replaceAll("\n", ".")}`).sort(),
    };
  }
  const ownedByOthers = new Set(others.filter(isMain).flatMap((other) => other.leaves));
  const dropped = (mine?.leaves ?? []).filter((path) => !wanted.has(path) && !ownedByOthers.has(path));
  return {
    result: "applied",
    object: withLeaves(before, new Set(dropped), wanted),
    entries: [
      ...withoutLeaves(others, changed),
      { manager, operation: "Apply", leaves: [...wanted.keys()].sort() } as const,
    ],
  };
}

/** What a plain update (an editor, a controller) does to ownership: who changes a leaf owns it alone. */
export function updateEntries(
  before: JsonObject | undefined,
  after: JsonObject,
  manager: string,
): readonly ManagedEntry[] {
  const old = before === undefined ? new Map<LeafPath, Json>() : leavesOf(before);
  const now = leavesOf(after);
  const changed = [...now].filter(([path, value]) => !old.has(path) || !sameJson(old.get(path), value));
  const gone = [...old.keys()].filter((path) => !now.has(path));
  const touched = new Set([...changed.map(([path]) => path), ...gone]);
  const entries = before === undefined ? [] : entriesOf(before);
  const mine = entries.find((entry) => entry.manager === manager && entry.operation === "Update" && isMain(entry));
  const leaves = [...new Set([...(mine?.leaves ?? []), ...changed.map(([path]) => path)])].filter((path) =>
    now.has(path),
  );
  const rest = withoutLeaves(
    entries.filter((entry) => entry !== mine),
    touched,
  );
  return leaves.length === 0 ? rest : [...rest, { manager, operation: "Update", leaves: leaves.sort() } as const];
}

/** After an adoption: what plain updates set and we set as well is ours alone (adapters/kubernetes/managed-fields). */
export function endSharing(entries: readonly ManagedEntry[], manager: string): readonly ManagedEntry[] {
  const ours = new Set(entries.find((entry) => isApplyOf(entry, manager))?.leaves);
  const updates = entries.filter((entry) => entry.operation === "Update" && isMain(entry));
  const rest = new Map(withoutLeaves(updates, ours).map((entry) => [entry.manager, entry]));
  return entries.flatMap((entry) => {
    if (!updates.includes(entry)) return [entry];
    const left = rest.get(entry.manager);
    return left === undefined ? [] : [left];
  });
}

function withoutLeaves(entries: readonly ManagedEntry[], paths: ReadonlySet<LeafPath>): readonly ManagedEntry[] {
  return entries
    .map((entry) =>
      isMain(entry) && entry.leaves.some((path) => paths.has(path))
        ? { ...entry, leaves: entry.leaves.filter((path) => !paths.has(path)) }
        : entry,
    )
    .filter((entry) => !isMain(entry) || entry.leaves.length > 0);
}

function isApplyOf(entry: ManagedEntry, manager: string): boolean {
  return entry.manager === manager && entry.operation === "Apply" && isMain(entry);
}

function isMain(entry: ManagedEntry): boolean {
  return entry.subresource === undefined;
}
