/**
 * How an error of a zod schema becomes words for the person who wrote the value: one fault per thing to mend, named by
 * its path. Values are never repeated: what stands in the wrong field may be a secret.
 */
import * as z from "zod";

export type Fault = { readonly path: string; readonly message: string };

/** Keys that can stand behind a dot; all others (`router.io/region`) are put in brackets. */
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `["spec", "endpoints", 2, "a.b"]` → `spec.endpoints[2]["a.b"]`; the empty path is the empty string. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") {
      text += `[${key}]`;
    } else if (typeof key === "string" && PLAIN_KEY.test(key)) {
      text += text === "" ? key : `.${key}`;
    } else {
      text += `[${JSON.stringify(String(key))}]`;
    }
  }
  return text;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function kindOf(value: unknown): string {
  if (value === null) return "empty (null)";
  return Array.isArray(value) ? "a list" : (EXPECTED[typeof value] ?? typeof value);
}

function sizeText(origin: string, limit: number | bigint): string {
  if (origin === "string") return `${limit} characters`;
  return origin === "array" ? `${limit} entries` : String(limit);
}

/** Sentences in place of zod's, where they are better; a message that stands at a schema itself comes before these. */
export const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type") {
    if (issue.input === undefined) return "is required";
    const expected = EXPECTED[issue.expected] ?? issue.expected;
    return issue.expected === "int" && typeof issue.input === "number"
      ? `must be ${expected}`
      : `must be ${expected}, not ${kindOf(issue.input)}`;
  }
  if (issue.code === "invalid_value") {
    return `${issue.input === undefined ? "is required:" : "must be"} one of ${issue.values.map(String).join(", ")}`;
  }
  if (issue.code === "too_small") {
    if (issue.minimum === 1 && (issue.origin === "string" || issue.origin === "array")) return "must not be empty";
    return `must be at least ${sizeText(issue.origin, issue.minimum)}`;
  }
  return issue.code === "too_big" ? `must be at most ${sizeText(issue.origin, issue.maximum)}` : undefined;
};

/** The schema without what only says that it may be absent. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodExactOptional ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let found: z.core.$ZodType | undefined = schema;
  for (const key of path) {
    const parent: z.core.$ZodType | undefined = found === undefined ? undefined : unwrapped(found);
    if (parent instanceof z.ZodObject) {
      const shape: Readonly<Record<PropertyKey, z.core.$ZodType | undefined>> = parent.shape;
      found = shape[key];
    } else {
      found = parent instanceof z.ZodArray ? parent.element : undefined;
    }
  }
  return found === undefined ? undefined : unwrapped(found);
}

/**
 * Edits (insert, delete, replace, swap of neighbours) from one word to the other: optimal string alignment.
 * Words are keys of a few dozen characters.
 */
function distance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[line - 1] === to[column - 1];
      const swapped = line > 1 && column > 1 && from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      next.push(
        Math.min(
          (row[column - 1] ?? 0) + (same ? 0 : 1),
          (row[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The known word that a mistyped one most likely meant: at most a third of its letters differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 60) return undefined;
  let best: string | undefined;
  let edits = Math.floor(Math.max(word.length, 3) / 3) + 1;
  for (const candidate of known) {
    const needed = distance(word.toLowerCase(), candidate.toLowerCase());
    if (needed < edits) {
      best = candidate;
      edits = needed;
    }
  }
  return best;
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== undefined) return `is not known; did you mean ${meant}?`;
  return known.length === 0 ? "is not known" : `is not known; known here: ${[...known].sort().join(", ")}`;
}

/** A fault by the keys that lead to it, for whoever can tell a line from them. */
export type FaultAt = { readonly path: readonly PropertyKey[]; readonly message: string };

/**
 * Every issue, in the order of the schema; unknown keys one by one, each with the key that was probably meant.
 * @param schema that gave the error; without it no key can be suggested.
 */
export function faultsAt(error: z.ZodError, schema?: z.core.$ZodType): readonly FaultAt[] {
  return error.issues.flatMap((issue): readonly FaultAt[] => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
    const owner = schema === undefined ? undefined : schemaAt(schema, issue.path);
    const known = owner instanceof z.ZodObject ? Object.keys(owner.shape) : [];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(key, known) }));
  });
}

/** The same with paths as text. */
export function faultsOf(error: z.ZodError, schema?: z.core.$ZodType): readonly Fault[] {
  return faultsAt(error, schema).map(({ path, message }) => ({ path: pathText(path), message }));
}

/** Every issue as one line, `path: message`; a fault of the whole value has the path `(object)`. */
export function issueLines(error: z.ZodError, schema?: z.core.$ZodType): readonly string[] {
  return faultsOf(error, schema).map(({ path, message }) => `${path === "" ? "(object)" : path}: ${message}`);
}
