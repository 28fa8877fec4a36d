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

/** Query parameters and the body's fields as one object. A field that is said twice must be said alike: no place wins. */
export async function readQueryAndBody(request: HttpRequest): Promise<Body> {
  const body = await readBody(request);
  if (!body.ok) return body;
  const said = body.value === undefined ? {} : body.value;
  if (typeof said !== "object" || said === null || Array.isArray(said)) {
    return { ok: false, faults: [{ path: "", message: "the body must be a JSON object" }] };
  }
  const faults = contradictions(request, said);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: { ...queryOf(request), ...said } };
}

function contradictions(request: HttpRequest, body: object): readonly Fault[] {
  const bodyValues = new Map(Object.entries(body).map(([field, value]) => [field, wordOf(value)]));
  return [...new Set(request.query.keys())].flatMap((field) => {
    const [first, ...others] = new Set(request.query.getAll(field).map((value) => wordOf(value)));
    if (others.length > 0) return [{ path: field, message: "has two values in the query; give it once" }];
    const other = bodyValues.get(field);
    if (other === undefined || other === first) return [];
    return [{ path: field, message: "has one value in the query and another in the body; give it once" }];
  });
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
