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

/** What was found in turn, with what is found now: a content that came back after another one is written in turn (A, B, A). */
export function alternating({ seen }: RecordMark, found: string): readonly string[] | undefined {
  const turns = seen.at(-1)?.found === found ? seen.map((one) => one.found) : [...seen.map((one) => one.found), found];
  const isBack = turns.length > 2 && turns.at(-1) === turns.at(-3);
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
