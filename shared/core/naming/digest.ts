/**
 * Digests and canonical text. The only file of the core that imports from Node: hashing is a computation, not I/O.
 * Rule that matters most: equal data gives equal digests, whatever the order in which keys were written.
 */
import { createHash } from "node:crypto";

/** JSON text with sorted keys; `undefined` values are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
}

/** `length` lower-case hex characters of SHA-256 over canonical JSON. 12 are enough to bind an approval to a plan. */
export function digest(value: unknown, length = 12): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, length);
}

const portion = 1_000;

/** Digest over many texts in the order given. They go to the hash in portions: one call costs more than what it hashes. */
export function digestOfTexts(texts: Iterable<string>, length = 12): string {
  const hash = createHash("sha256");
  let pending: string[] = [];
  for (const text of texts) {
    pending.push(text, "\n");
    if (pending.length < portion) continue;
    hash.update(pending.join(""));
    pending = [];
  }
  return hash.update(pending.join("")).digest("hex").slice(0, length);
}
