/** Bodies of requests as JSON, or the fault. Nothing at all is fine: every field may have a default. */
import type { HttpRequest } from "@azure/functions";
import type { Fault } from "./failures.ts";

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** The empty body is `undefined`. Azure drops bodies that are sent in chunks, hence the hint. */
export async function readBody(request: HttpRequest): Promise<Body> {
  const text = await request.text();
  if (text.trim() === "") {
    return { ok: true, value: undefined };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, faults: [{ path: "", message: "the body must be JSON" }] };
  }
}

/**
 * Query parameters and the body's fields as one object. A field that both give must be the same in both: `?dryRun=true` with
 * `{"dryRun": false}` could mean either, and one of the two writes.
 */
export async function readQueryAndBody(request: HttpRequest): Promise<Body> {
  const body = await readBody(request);
  if (!body.ok) return body;
  const said = body.value === undefined ? {} : body.value;
  if (typeof said !== "object" || said === null || Array.isArray(said)) {
    return { ok: false, faults: [{ path: "", message: "the body must be a JSON object" }] };
  }
  return withoutContradiction(request, { ...said }, "body");
}

/** Query parameters and what the path names (`/api/fleet/{cluster}`), as one object. */
export function readQueryAndPath(request: HttpRequest): Body {
  return withoutContradiction(request, request.params, "path");
}

function withoutContradiction(
  request: HttpRequest,
  other: Readonly<Record<string, unknown>>,
  where: "body" | "path",
): Body {
  const faults = [...new Set(request.query.keys())].flatMap((field): readonly Fault[] => {
    const [first, ...others] = new Set(request.query.getAll(field).map((value) => wordOf(value)));
    if (others.length > 0) return [{ path: field, message: "has two values in the query; give it once" }];
    if (!Object.hasOwn(other, field) || wordOf(other[field]) === first) return [];
    return [{ path: field, message: `is not the same in the query and in the ${where}; give it once` }];
  });
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: { ...queryOf(request), ...other } };
}

/** A yes or no in the query is a word, in a body a boolean. */
function wordOf(value: unknown): string {
  const word = typeof value === "string" ? value.toLowerCase() : JSON.stringify(value);
  return FLAG_WORDS[word] ?? word;
}

const FLAG_WORDS: Readonly<Record<string, string>> = { "1": "true", "0": "false" };

export function queryOf(request: HttpRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(request.query);
}
