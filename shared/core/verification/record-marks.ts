/**
 * What passes remember of names that were not as they should be: since when, since which read they are awaited, and what was
 * found in turn. A name that is verified again is remembered for a while, or who alternates would never be seen.
 */
import type { RecordMark } from "../../model/state.ts";
import type { PublicationStage, RecordVerdict, WantedRecord } from "../../model/verification.ts";
import { contentParts } from "../naming/record-content.ts";

const rememberedMs = 15 * 60_000;
const seenAtMost = 6;

/** `weu|api.example.com|CNAME` */
export function markId({ zone, name, content }: WantedRecord): string {
  return `${zone}|${name}|${contentParts(content).type}`;
}

/** What is found where there is no record. */
export const nothing = "nothing";

export type FoundNow = {
  readonly found: string;
  /** Whether that is what is wanted. */
  readonly isRight: boolean;
  readonly readAtMs: number;
};

/**
 * What was found in turn lately, with what is found now, where a content that is not wanted came back after another one
 * (B, A, B). What was put right once and stays right (A, B, A) is over: nobody writes in turn there. Nor is it a return when
 * the first record of a new name goes: it followed on nothing.
 */
export function alternating(
  { seen }: RecordMark,
  { found, isRight, readAtMs }: FoundNow,
): readonly string[] | undefined {
  const recent = seen.filter(({ atMs }) => readAtMs - atMs < rememberedMs).map((one) => one.found);
  if (recent.at(-1) !== found) recent.push(found);
  const turns = recent[0] === nothing ? recent.slice(1) : recent;
  const isBack = isRight
    ? turns.some((one, index) => one !== found && turns.indexOf(one) < index)
    : turns.indexOf(found) < turns.length - 1;
  return isBack ? [...new Set(turns)].sort() : undefined;
}

export type MarkInput = {
  readonly before: RecordMark | undefined;
  readonly wanted: WantedRecord;
  readonly verdict: RecordVerdict;
  /** What stands at the name now. */
  readonly found: string;
  /** A DNSEndpoint of the fleet says otherwise: once it is gone, what was written in turn until then says nothing any more. */
  readonly hasRival: boolean;
  /** When the zone was read. */
  readonly readAtMs: number;
};

/** The mark after a read; undefined when there is nothing to remember. */
export function markAfter(input: MarkInput): RecordMark | undefined {
  const { before, wanted, verdict, readAtMs } = input;
  if (verdict.kind === "not-read") return before;
  const same = before?.wanted === wanted.content ? before : undefined;
  const recent = (same?.seen ?? []).filter(({ atMs }) => readAtMs - atMs < rememberedMs);
  if (verdict.result === "verified" && recent.length === 0) return undefined;
  return {
    wanted: wanted.content,
    result: verdict.result,
    sinceMs: before?.result === verdict.result ? before.sinceMs : readAtMs,
    firstReadAtMs: same?.firstReadAtMs ?? readAtMs,
    isNew: same?.isNew ?? verdict.awaited,
    seen: seenAfter(recent, verdict, input),
  };
}

function seenAfter(
  recent: RecordMark["seen"],
  { stage }: Extract<RecordVerdict, { kind: "judged" }>,
  { found, hasRival, readAtMs }: MarkInput,
): RecordMark["seen"] {
  if (hasRival) return [];
  // What stands there before ExternalDNS has read what is wanted is nobody's answer to it.
  if (recent.at(-1)?.found === found || (stage !== undefined && isOnItsWay(stage))) return recent;
  return [...recent, { found, atMs: readAtMs }].slice(-seenAtMost);
}

/** ExternalDNS has not seen yet what is wanted; once it has, nothing is on its way any more. */
export function isOnItsWay(stage: PublicationStage): boolean {
  return stage === "not-applied" || stage === "not-picked-up";
}
