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
  if (!body.ok || body.value === undefined) {
    return body.ok ? { ok: true, value: queryOf(request) } : body;
  }
  if (typeof body.value !== "object" || body.value === null || Array.isArray(body.value)) {
    return { ok: false, faults: [{ path: "", message: "the body must be a JSON object" }] };
  }
  return withoutContradiction(queryOf(request), { ...body.value }, "body");
}

/** Query parameters and what the path names (`/api/fleet/{cluster}`), as one object. */
export function readQueryAndPath(request: HttpRequest): Body {
  return withoutContradiction(queryOf(request), request.params, "path");
}

function withoutContradiction(
  query: Readonly<Record<string, string>>,
  other: Readonly<Record<string, unknown>>,
  where: "body" | "path",
): Body {
  const faults = Object.entries(query)
    .filter(([field, value]) => Object.hasOwn(other, field) && value !== String(other[field]))
    .map(([path]) => ({ path, message: `is not the same in the query and in the ${where}; give it once` }));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: { ...query, ...other } };
}

export function queryOf(request: HttpRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(request.query);
}
