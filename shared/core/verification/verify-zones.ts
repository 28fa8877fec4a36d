/** Every name of every zone against what was read: counts, the names that are not as they should be, and what to remember. */
import type { Zones } from "../../model/claim.ts";
import type { RecordType } from "../../model/claim.ts";
import type { RecordMark } from "../../model/state.ts";
import type { NameCounts, UnverifiedName, WantedRecord } from "../../model/verification.ts";
import { byText } from "../naming/item-id.ts";
import { contentParts } from "../naming/record-content.ts";
import { markAfter, markId, nothing } from "./record-marks.ts";
import { contradicting } from "./spelling.ts";
import type { Verification } from "./verify-record.ts";

export type ZoneVerification = {
  /** By region: how many names have which result; undefined where the zone was not read. */
  readonly counts: ReadonlyMap<string, NameCounts>;
  /** Sorted by zone, name and type. */
  readonly unverified: readonly UnverifiedName[];
  /** Names that lie in none of their region's zones: most likely a zone is mistyped, or one is not configured. */
  readonly outside: readonly WantedRecord[];
  readonly marks: Readonly<Record<string, RecordMark>>;
};

export type VerifyZonesInput = {
  readonly verification: Verification;
  readonly zones: Zones;
  /** Address records of gateways, which compete with nobody. */
  readonly gatewayRecords: readonly WantedRecord[];
  /** Of the passes before. */
  readonly marks: Readonly<Record<string, RecordMark>>;
};

export function verifyZones({ verification, zones, gatewayRecords, marks }: VerifyZonesInput): ZoneVerification {
  const counts = new Map<string, Record<keyof NameCounts, number>>();
  const countOf = (region: string): Record<keyof NameCounts, number> => {
    const known = counts.get(region) ?? { ...noNames };
    counts.set(region, known);
    return known;
  };
  const unverified: UnverifiedName[] = [];
  const outside: WantedRecord[] = [];
  const after = new Map<string, RecordMark>();
  for (const wanted of wantedRecords(zones, gatewayRecords)) {
    const verdict = verification.verify(wanted);
    const id = markId(wanted);
    const before = marks[id];
    const region = verification.regionOf(wanted.zone);
    if (verdict.kind === "not-read" || region.kind === "not-read") {
      if (before !== undefined) after.set(id, before);
      if (region.kind === "read") {
        countOf(wanted.zone).outside += 1;
        outside.push(wanted);
      }
      continue;
    }
    const { readAtMs } = region;
    countOf(wanted.zone)[verdict.awaited ? "awaited" : verdict.result] += 1;
    if (verdict.result !== "verified" || before !== undefined) {
      const found = verification.foundAt(wanted) ?? nothing;
      const hasRival = verification
        .publishedAt(wanted.zone, wanted.name)
        .some(({ content }) => contradicting(content, wanted.content));
      const mark = markAfter({ before, wanted, verdict, found, hasRival, readAtMs });
      if (mark !== undefined) after.set(id, mark);
    }
    const { result, stage, evidence, sinceMs, awaited } = verdict;
    if (result === "verified") continue;
    unverified.push({
      zone: wanted.zone,
      name: wanted.name,
      type: contentParts(wanted.content).type as RecordType,
      result,
      ...(stage === undefined ? {} : { stage }),
      evidence,
      sinceMs,
      awaited,
    });
  }
  return {
    counts,
    unverified: unverified.sort(
      (left, right) => byText(left.zone, right.zone) || byText(left.name, right.name) || byText(left.type, right.type),
    ),
    outside,
    marks: Object.fromEntries([...after].sort(([left], [right]) => byText(left, right))),
  };
}

export const noNames: NameCounts = {
  verified: 0,
  awaited: 0,
  outside: 0,
  missing: 0,
  "wrong-target": 0,
  "foreign-owner": 0,
  orphan: 0,
  flapping: 0,
};

/** Every name that should be in a zone, with what it should be. */
export function* wantedRecords(zones: Zones, gatewayRecords: readonly WantedRecord[]): Generator<WantedRecord> {
  for (const [zone, names] of zones) {
    for (const [name, { winner }] of names) yield { zone, name, content: winner.content };
  }
  yield* gatewayRecords;
}
