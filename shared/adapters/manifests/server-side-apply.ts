/**
 * What server-side apply makes of an object, as far as a directory of manifests can: maps are joined field by field, lists
 * are replaced, owner references are joined by uid, and a field that another manager owns with another value is a conflict.
 * Pure.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import { equalJson, fieldsOf, isJsonObject, metadataOf, textOf, withoutFields } from "./json-fields.ts";

/** The product's field manager, as on a real API server. */
export const FIELD_MANAGER = "service-router";

/** Metadata that an API server fills in and that no file of ours should claim. */
const SERVER_METADATA = ["resourceVersion", "managedFields", "generation"] as const;

export type AppliedObject =
  | { readonly result: "written"; readonly body: JsonObject }
  | { readonly result: "conflict"; readonly managers: readonly string[]; readonly fields: readonly string[] };

/**
 * @param current the object as it is read now; undefined when it is to be created.
 * @param source what stands in the sources under this name and counts: its fields that we never wrote stay.
 * @param force takes fields from other managers, who then own nothing of the object any more.
 */
export function applyBody(options: {
  readonly current: JsonObject | undefined;
  readonly source: JsonObject | undefined;
  readonly body: JsonObject;
  readonly force: boolean;
}): AppliedObject {
  const { current, source, body, force } = options;
  const others = current === undefined || force ? [] : foreignEntries(current);
  const conflict = conflictOf(others, current, body);
  if (conflict.fields.length > 0) {
    return { result: "conflict", ...conflict };
  }
  const base = source ?? {};
  const metadata = {
    ...withoutFields(joined(metadataOf(base), metadataOf(body)), SERVER_METADATA),
    ...ownersOf(base, body),
    generation: nextGeneration(current, joined(fieldsOf(base.spec) ?? {}, fieldsOf(body.spec) ?? {})),
    managedFields: [...others, { manager: FIELD_MANAGER, operation: "Apply" }],
  };
  const { status } = current ?? {};
  const merged = joined(withoutFields(base, ["metadata", "status"]), withoutFields(body, ["metadata"]));
  const head = { apiVersion: merged.apiVersion, kind: merged.kind, metadata };
  const rest = withoutFields(merged, ["apiVersion", "kind"]);
  return { result: "written", body: { ...head, ...rest, ...(status === undefined ? {} : { status }) } };
}

/** Field by field, deep; where both have a value that is no map, the later wins. */
function joined(first: JsonObject, later: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = { ...first };
  for (const [field, value] of Object.entries(later)) {
    const before = first[field];
    result[field] = isJsonObject(before) && isJsonObject(value) ? joined(before, value) : value;
  }
  return result;
}

function ownersOf(base: JsonObject, body: JsonObject): JsonObject {
  const wanted = ownerList(body);
  const uids = new Set(wanted.map((owner) => textOf(owner.uid)));
  const kept = ownerList(base).filter((owner) => !uids.has(textOf(owner.uid)));
  return kept.length + wanted.length === 0 ? {} : { ownerReferences: [...kept, ...wanted] };
}

function ownerList(body: JsonObject): readonly JsonObject[] {
  const { ownerReferences } = metadataOf(body);
  return Array.isArray(ownerReferences) ? ownerReferences.filter((owner) => isJsonObject(owner)) : [];
}

function nextGeneration(current: JsonObject | undefined, spec: JsonObject): number {
  const { generation } = metadataOf(current ?? {});
  const before = typeof generation === "number" ? generation : 0;
  const unchanged = current !== undefined && equalJson(fieldsOf(current.spec) ?? {}, spec);
  return unchanged ? Math.max(before, 1) : before + 1;
}

/** Entries of managers other than ours that own fields of the object itself, not of its status. */
function foreignEntries(current: JsonObject): readonly JsonObject[] {
  const { managedFields } = metadataOf(current);
  const entries = Array.isArray(managedFields) ? managedFields.filter((entry) => isJsonObject(entry)) : [];
  return entries.filter((entry) => textOf(entry.manager) !== FIELD_MANAGER && textOf(entry.subresource) === "");
}

function conflictOf(
  others: readonly JsonObject[],
  current: JsonObject | undefined,
  body: JsonObject,
): { readonly managers: readonly string[]; readonly fields: readonly string[] } {
  const managers = new Set<string>();
  const fields = new Set<string>();
  for (const entry of others) {
    for (const path of ownedPaths(fieldsOf(entry.fieldsV1) ?? {})) {
      const wanted = valueAt(body, path);
      if (wanted !== undefined && !equalJson(wanted, valueAt(current ?? {}, path))) {
        managers.add(textOf(entry.manager));
        fields.add(`.${path.join(".")}`);
      }
    }
  }
  return { managers: [...managers].sort(), fields: [...fields].sort() };
}

/**
 * Paths of a `fieldsV1` tree, `f:spec` → `f:endpoints`. A list is one field, as lists of our two kinds are atomic.
 * Owner references are left out: they are joined by uid.
 */
function ownedPaths(tree: JsonObject, above: readonly string[] = []): readonly (readonly string[])[] {
  const fields = Object.keys(tree).filter((field) => field.startsWith("f:"));
  if (fields.length === 0) {
    return above.length === 0 ? [] : [above];
  }
  return fields
    .filter((field) => field !== "f:ownerReferences")
    .flatMap((field) => ownedPaths(fieldsOf(tree[field]) ?? {}, [...above, field.slice(2)]));
}

function valueAt(body: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = body;
  for (const field of path) {
    value = fieldsOf(value)?.[field];
  }
  return value;
}
