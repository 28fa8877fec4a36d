/**
 * Which field manager set what (metadata.managedFields), and the patch that ends shared ownership after an adoption. Pure.
 * Only what was set by plain updates is taken over (the predecessor operator, kubectl edit). A manager that applies
 * (a GitOps tool) will set its fields again; its conflict is for people to settle.
 */
import type { Json, JsonObject } from "../../model/json.ts";

type Fields = { readonly [path: string]: Json | undefined };

/**
 * @param raw the object as the API server answered a forced apply by `manager`.
 * @returns a JSON patch bound to that very version of the object; undefined when nothing is shared.
 */
export function ownershipTakenOver(raw: unknown, manager: string): readonly JsonObject[] | undefined {
  const metadata = fields(fields(raw).metadata);
  const { resourceVersion, managedFields } = metadata;
  if (typeof resourceVersion !== "string" || !Array.isArray(managedFields)) return undefined;
  const entries: readonly Json[] = managedFields;
  const ours = entries
    .map(fields)
    .find((entry) => entry.manager === manager && entry.operation === "Apply" && isMain(entry));
  if (ours === undefined) return undefined;
  const left: Json[] = [];
  let changed = false;
  for (const entry of entries) {
    const theirs = fields(entry);
    if (theirs.operation !== "Update" || !isMain(theirs)) {
      left.push(entry);
      continue;
    }
    const rest = without(fields(theirs.fieldsV1), fields(ours.fieldsV1));
    if (sameSize(rest, fields(theirs.fieldsV1))) {
      left.push(entry);
      continue;
    }
    changed = true;
    if (Object.keys(rest).length > 0) left.push({ ...theirs, fieldsV1: rest });
  }
  if (!changed) return undefined;
  return [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "replace", path: "/metadata/managedFields", value: left },
  ];
}

/**
 * Fields below spec that others added beside ours: an apply leaves them standing without a word, so the object is not what
 * was asked for (a second key in an Istio Gateway's selector, and it selects nothing any more).
 * @param raw the object as the API server answered an apply by `manager`.
 */
export function addedSpecFields(
  raw: unknown,
  manager: string,
): { readonly managers: readonly string[]; readonly fields: readonly string[] } {
  const { managedFields } = fields(fields(raw).metadata);
  const entries: readonly Json[] = Array.isArray(managedFields) ? managedFields : [];
  const main = entries.map(fields).filter(isMain);
  const ours = main.find((entry) => entry.manager === manager && entry.operation === "Apply");
  const managers = new Set<string>();
  const paths = new Set<string>();
  for (const entry of main) {
    if (ours === undefined || entry === ours || typeof entry.manager !== "string") continue;
    const added = without(fields(fields(entry.fieldsV1)["f:spec"]), fields(fields(ours.fieldsV1)["f:spec"]));
    for (const path of leafPaths(added, ".spec")) {
      managers.add(entry.manager);
      paths.add(path);
    }
  }
  return { managers: [...managers].sort(), fields: [...paths].sort() };
}

/** `{"f:selector": {"f:extra": {}}}` → `.spec.selector.extra`. */
function leafPaths(set: Fields, path: string): readonly string[] {
  return Object.entries(set).flatMap(([key, below]) => {
    if (key === ".") return [];
    const here = key.startsWith("f:") ? `${path}.${key.slice(2)}` : `${path}[${key.slice(2)}]`;
    const deeper = leafPaths(fields(below), here);
    return deeper.length === 0 ? [here] : deeper;
  });
}

/** Entries of a subresource own its fields only; status is written whole anyway. */
function isMain(entry: Fields): boolean {
  return entry.subresource === undefined || entry.subresource === "";
}

/**
 * The leaves of `theirs` that `ours` does not have. A field set is a tree whose leaves are empty objects; `.` is the map or
 * list item itself, which an apply does not claim and which means nothing once no field in it is left.
 */
function without(theirs: Fields, ours: Fields): Fields {
  const left: Record<string, Json> = {};
  for (const [path, below] of Object.entries(theirs)) {
    const mine = ours[path];
    if (below === undefined) continue;
    if (mine === undefined) {
      left[path] = below;
      continue;
    }
    const rest = without(fields(below), fields(mine));
    if (Object.keys(rest).some((key) => key !== ".")) left[path] = rest;
  }
  return left;
}

/** Whether taking away changed nothing: the rest of a set is never larger than the set. */
function sameSize(rest: Fields, whole: Fields): boolean {
  return JSON.stringify(rest).length === JSON.stringify(whole).length;
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
