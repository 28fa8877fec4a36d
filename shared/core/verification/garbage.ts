/**
 * What ExternalDNS leaves behind in a zone: `upsert-only` never deletes. Records whose name is of our grammar, whose ownership
 * TXT names the region's owner, and which no cluster claims or publishes; ownership TXTs that are about no record any more;
 * and those of an earlier prefix, once the record is owned under the region's own.
 * Rule that matters most: what anybody may still want is not garbage. Nothing is judged unless every cluster was read
 * completely, nor in a zone that was not; nor by the TXT's resource, which goes stale while the record lives.
 */
import type { Fleet } from "../../model/fleet.ts";
import type { GarbageMark } from "../../model/state.ts";
import type { RecordSet } from "../../model/zone-records.ts";
import { byText } from "../naming/item-id.ts";
import type { FoundGarbage } from "./found-garbage.ts";
import { ownershipNames } from "./ownership.ts";
import { unreadableEndpoints } from "./published.ts";
import { isOursToDelete } from "./ownership-safety.ts";
import type { RegionView, RegionViews } from "./region-view.ts";
import { findStrayOwnership } from "./stray-ownership.ts";
import type { ZoneRecords } from "./zone-records.ts";

/** From the first pass that saw it, by the store's mark. Longer than a deployment, a rollback, and a lunch. */
export const garbageGraceMs = 60 * 60_000;

/**
 * What is not judged for so long may have been wanted meanwhile: its grace time begins anew. While passes look and cannot judge,
 * that is soon; where nobody lets passes run, it is long enough for a person who comes back the next day.
 */
const unjudgedMs = 15 * 60_000;
const unseenMs = 36 * 60 * 60_000;

/** A mark says so often when it was seen last; more often would write the document of the store in every pass. */
const seenEveryMs = 5 * 60_000;

export type Garbage = FoundGarbage & {
  /** No pass has seen it before. */
  readonly isNew: boolean;
  readonly firstSeenAtMs: number;
  /** When the grace time is over. */
  readonly dueAtMs: number;
};

export type GarbageJudgement = {
  /** Sorted by region, name and type. */
  readonly found: readonly Garbage[];
  /** Why nothing can be judged now; marks stay for a while. */
  readonly blocked?: string;
  /** Regions of which nothing can be judged now; their marks stay for a while. */
  readonly skipped: readonly { readonly region: string; readonly reason: string }[];
  readonly marks: Readonly<Record<string, GarbageMark>>;
};

export type GarbageInput = {
  readonly fleet: Fleet;
  readonly views: RegionViews;
  readonly marks: Readonly<Record<string, GarbageMark>>;
  readonly nowMs: number;
  /** Why there may be clusters that nobody knows of now (a discovery that failed). */
  readonly unknownClusters?: string;
};

export function findGarbage(input: GarbageInput): GarbageJudgement {
  const blocked = whyNothing(input);
  if (blocked !== undefined) {
    return { found: [], blocked, skipped: [], marks: Object.fromEntries(marksSeenWithin(unjudgedMs, input)) };
  }
  const found: FoundGarbage[] = [];
  const skipped = [...input.views.notRead];
  for (const [region, view] of input.views.read) {
    const reason = unknownNames(input.fleet, region);
    if (reason === undefined) findIn(view, found);
    else skipped.push({ region, reason });
  }
  const marks = new Map(marksSeenWithin(unseenMs, input));
  const dated = found.map((one) => withDates(one, marks.get(garbageId(one)), input.nowMs)).sort(byRecord);
  return {
    found: dated,
    skipped: skipped.sort((left, right) => byText(left.region, right.region)),
    marks: marksAfter(dated, new Set(skipped.map(({ region }) => region)), input),
  };
}

function findIn(view: RegionView, found: FoundGarbage[]): void {
  const { records } = view;
  const unwanted: FoundGarbage[] = [];
  for (const record of records.records()) push(unwanted, findUnwantedRecord(view, record));
  for (const one of withoutTargets(records, unwanted)) found.push(one);
  for (const txt of records.of("TXT")) push(found, findStrayOwnership(view, txt));
}

function push<T>(list: T[], one: T | undefined): void {
  if (one !== undefined) list.push(one);
}

function whyNothing({ fleet, unknownClusters }: GarbageInput): string | undefined {
  const unread = fleet.clusters.filter(
    ({ standing, mode, believed }) => (standing.kind === "frozen" || believed === undefined) && mode !== "retiring",
  );
  if (unread.length > 0) {
    return `not every cluster was read completely (${unread.map(({ name }) => name).join(", ")})`;
  }
  return unknownClusters;
}

/** A DNSEndpoint that does not parse is published all the same, and nobody knows under which names. */
function unknownNames(fleet: Fleet, region: string): string | undefined {
  const first = unreadableEndpoints(fleet).find((one) => one.region === undefined || one.region === region);
  if (first === undefined) return undefined;
  return `DNSEndpoint ${first.key} of cluster ${first.cluster} cannot be understood: which names it publishes is not known`;
}

function findUnwantedRecord(view: RegionView, record: RecordSet): FoundGarbage | undefined {
  const { region, records, isOwnHost, wanted } = view;
  const { ownerId, txtPrefix } = records.region.externalDns;
  if (!isOwnHost(record.name)) return undefined;
  const types = wanted.typesAt(region, record.name);
  if (types === "any" || types.has(record.type) || !stand(records, record.name, types)) return undefined;
  const ownership = records.ownershipOf(record);
  if (ownership.kind !== "owned" || !isOursToDelete(ownership.txt, ownerId)) return undefined;
  if (records.dependents(ownership.txt).length !== 1) return undefined;
  const others = ownershipNames(txtPrefix, record.type, record.name).flatMap((name) => {
    const txt = records.get(name, "TXT");
    if (txt === undefined || txt === ownership.txt || records.dependents(txt).length > 0) return [];
    return isOursToDelete(txt, ownerId) ? [txt] : [];
  });
  const why =
    types.size === 0
      ? `no cluster claims or publishes ${record.name} in region ${region}`
      : `no cluster claims or publishes a ${record.type} record of ${record.name} in region ${region}, only ${[...types].sort().join(" and ")}`;
  return {
    kind: "record",
    region,
    record,
    txts: [ownership.txt, ...others],
    about: [],
    replacedBy: [],
    endsName: types.size === 0,
    reason: `${why}; ${ownership.txt.name} names owner ${ownerId}`,
  };
}

/**
 * Less what a CNAME that stays leads to, also one of somebody else: its name would stop resolving. So a gateway's address
 * stays for as long as routes are published with it, though the Gateway is gone.
 */
function withoutTargets(records: ZoneRecords, unwanted: readonly FoundGarbage[]): readonly FoundGarbage[] {
  let rest = unwanted;
  // What is kept may be a CNAME itself; every round keeps one more, or is the last.
  for (let round = 0; round <= unwanted.length && rest.length > 0; round += 1) {
    const going = new Set(rest.map(({ record }) => record));
    const targets = new Set<string>();
    for (const cname of records.of("CNAME")) if (!going.has(cname)) targets.add(cname.values[0] ?? "");
    const next = rest.filter(({ record, endsName }) => !endsName || !targets.has(record.name));
    if (next.length === rest.length) break;
    rest = next;
  }
  return rest;
}

/** Whether every type that is wanted at a name is there: no name loses its last record while anyone wants it. */
function stand(records: ZoneRecords, name: string, types: ReadonlySet<string>): boolean {
  const there = new Set<string>(records.at(name).map(({ type }) => type));
  return [...types].every((type) => there.has(type));
}

function withDates(found: FoundGarbage, mark: GarbageMark | undefined, nowMs: number): Garbage {
  const firstSeenAtMs = mark?.firstSeenAtMs ?? nowMs;
  return { ...found, isNew: mark === undefined, firstSeenAtMs, dueAtMs: firstSeenAtMs + garbageGraceMs };
}

function byRecord(left: Garbage, right: Garbage): number {
  return (
    byText(left.region, right.region) ||
    byText(left.record.name, right.record.name) ||
    byText(left.record.type, right.record.type)
  );
}

function marksSeenWithin(spanMs: number, { marks, nowMs }: GarbageInput): readonly (readonly [string, GarbageMark])[] {
  return Object.entries(marks).filter(([, { lastSeenAtMs }]) => nowMs - lastSeenAtMs <= spanMs);
}

/** A zone that was not judged says nothing: what was marked in it stays so for a while. One that is not configured any more is over. */
function marksAfter(
  found: readonly Garbage[],
  skipped: ReadonlySet<string>,
  input: GarbageInput,
): Readonly<Record<string, GarbageMark>> {
  const kept = marksSeenWithin(unjudgedMs, input).filter(([id]) => skipped.has(id.slice(0, id.indexOf("|"))));
  const marked = found.map((one) => [garbageId(one), markOf(one, input)] as const);
  return Object.fromEntries([...kept, ...marked].sort(([left], [right]) => byText(left, right)));
}

function markOf(found: Garbage, { marks, nowMs }: GarbageInput): GarbageMark {
  const lastSeenAtMs = found.isNew ? undefined : marks[garbageId(found)]?.lastSeenAtMs;
  const isLate = lastSeenAtMs === undefined || nowMs - lastSeenAtMs >= seenEveryMs;
  return { firstSeenAtMs: found.firstSeenAtMs, lastSeenAtMs: isLate ? nowMs : lastSeenAtMs };
}

function garbageId({ region, record }: Pick<Garbage, "region" | "record">): string {
  return `${region}|${record.name}|${record.type}`;
}
