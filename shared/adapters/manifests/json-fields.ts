/** Looking into parsed JSON whose shape is not known: the questions that the files of this adapter ask, and equality. */
import type { Json, JsonObject } from "../../model/json.ts";

/** The value as an object with fields; undefined for anything else (arrays, null, text). */
export function fieldsOf(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** The value as text; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy without some fields, in the same order. */
export function withoutFields(value: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)));
}

/** The metadata of an object; empty where it has none. */
export function metadataOf(body: JsonObject): JsonObject {
  return fieldsOf(body.metadata) ?? {};
}

/** Equal as JSON whatever the order of fields; an absent field equals one that is undefined. */
export function equalJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) {
    return true;
  }
  if (isJsonArray(left) && isJsonArray(right)) {
    return left.length === right.length && left.every((entry, index) => equalJson(entry, right[index]));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) {
    return false;
  }
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...fields].every((field) => equalJson(left[field], right[field]));
}

function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
