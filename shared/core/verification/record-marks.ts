/**
 * What passes remember of names that were not as they should be: since when, since which read they are awaited, and what was
 * found in turn. A name that is verified again is remembered for a while, or who alternates would never be seen.
 */
import type { RecordMark } from "../../model/state.ts";
import type { RecordVerdict, WantedRecord } from "../../model/verification.ts";
import { contentParts } from "../naming/record-content.ts";

const rememberedMs = 15 * 60_000;
const seenAtMost = 6;

/** `weu|api.example.com|CNAME` */
export function markId({ zone, name, content }: WantedRecord): string {
  return `${zone}|${name}|${contentParts(content).type}`;
}

/** What is found where there is no record. */
export const nothing = "nothing";

export type FoundNow = { readonly found: string; readonly isVerified: boolean; readonly readAtMs: number };

/**
 * What was found in turn lately, with what is found now, where something that should not be there came back after it was gone
 * (B, A, B): it is written in turn. What was wrong once and was put right is not; nor is a new name's first record, which
 * followed on nothing.
 */
export function alternating({ seen }: RecordMark, now: FoundNow): readonly string[] | undefined {
  const recent = seen.filter(({ atMs }) => now.readAtMs - atMs < rememberedMs).map(({ found }) => found);
  if (recent.at(-1) !== now.found) recent.push(now.found);
  const turns = recent[0] === nothing ? recent.slice(1) : recent;
  const wrong = turns.at(now.isVerified ? -2 : -1);
  const isBack = wrong !== undefined && turns.indexOf(wrong) < turns.lastIndexOf(wrong);
  return isBack ? [...new Set(turns)].sort() : undefined;
}

export type MarkInput = {
  readonly before: RecordMark | undefined;
  readonly wanted: WantedRecord;
  readonly verdict: RecordVerdict;
  /** What stands at the name now. */
  readonly found: string;
  /** When the zone was read. */
  readonly readAtMs: number;
};

/** The mark after a read; undefined when there is nothing to remember. */
export function markAfter({ before, wanted, verdict, found, readAtMs }: MarkInput): RecordMark | undefined {
  if (verdict.kind === "not-read") return before;
  const isVerified = verdict.result === "verified";
  const same = before?.wanted === wanted.content ? before : undefined;
  const recent = (same?.seen ?? []).filter(({ atMs }) => readAtMs - atMs < rememberedMs);
  if (isVerified && recent.length === 0) return undefined;
  const last = recent.at(-1);
  const seen = last?.found === found ? recent : [...recent, { found, atMs: readAtMs }].slice(-seenAtMost);
  return {
    wanted: wanted.content,
    result: verdict.result,
    sinceMs: before?.result === verdict.result ? before.sinceMs : readAtMs,
    firstReadAtMs: same?.firstReadAtMs ?? readAtMs,
    seen,
  };
}
