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

/**
 * Tells apart two long lists of texts that come one by one: 64 bits, a tenth of the cost of SHA-256, and no text is kept. For
 * "is it as it was", where a mistake in 10^19 costs little; what a person's word is bound to takes a digest.
 * Source: MurmurHash2's mixing step in two lanes, over UTF-16 code units.
 */
export class Fingerprint {
  #high = 0x9e3779b9;
  #low = 0x85ebca6b;

  add(text: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      high = Math.imul(high ^ unit, 0x5bd1e995);
      low = Math.imul(low ^ unit, 0xcc9e2d51);
      high ^= high >>> 15;
      low ^= low >>> 13;
    }
    // The end of a text counts, or `ab`, `c` would be `a`, `bc`.
    this.#high = Math.imul(high ^ text.length, 0x27d4eb2f);
    this.#low = Math.imul(low ^ text.length, 0x165667b1);
  }

  /** 16 lower-case hex characters. */
  text(): string {
    return hexOf(this.#high) + hexOf(this.#low);
  }
}

function hexOf(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, "0");
}
