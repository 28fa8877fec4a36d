/**
 * One wanted name against the real zone: desired → DNSEndpoint → record → ownership TXT. Only the zone proves anything:
 * ExternalDNS hides the errors of its writes (measured: status, metrics and healthz say success).
 */
import type { Fleet } from "../../model/fleet.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { RecordMark } from "../../model/state.ts";
import type { PublicationStage, RecordVerdict, VerificationResult, WantedRecord } from "../../model/verification.ts";
import type { RecordSet, RecordSetType, ZoneSnapshot } from "../../model/zone-records.ts";
import { conflicting, contentParts, destinationOf } from "../naming/record-content.ts";
import { fenceOwner } from "./fence-owner.ts";
import { alternating, isOnItsWay, markId, nothing } from "./record-marks.ts";
import type { Ownership } from "./ownership.ts";
import { publications, type Publication } from "./published.ts";
import { contradicting, plainName, plainTarget, sameContent } from "./spelling.ts";
import { regionRecords, type RegionRecords, type ZoneRecords } from "./zone-records.ts";

/** What is wanted newly is awaited for so long from the first complete read of its zone. */
export const awaitedMs = 3 * 60_000;
const settledMs = 60_000;

/** A handover waits for one interval of ExternalDNS, and what is published then for the next one. */
function awaitedFor({ externalDns }: RegionConfiguration): number {
  return Math.max(awaitedMs, 2 * externalDns.intervalSeconds * 1000 + settledMs);
}

export type Verification = {
  readonly verify: (wanted: WantedRecord) => RecordVerdict;
  /** What was found at a name, in one string; for marks. Undefined where the zone was not read or has nothing. */
  readonly foundAt: (wanted: WantedRecord) => string | undefined;
  readonly regionOf: (zone: string) => RegionRecords;
  /** What DNSEndpoints say, whoever's they are. */
  readonly publishedAt: (zone: string, name: string) => readonly Publication[];
};

export type VerificationInput = {
  readonly fleet: Fleet;
  readonly regions: readonly RegionConfiguration[];
  readonly zones: readonly ZoneSnapshot[];
  /** What earlier passes saw, by `markId`. */
  readonly marks: Readonly<Record<string, RecordMark>>;
};

export function verification(input: VerificationInput): Verification {
  const regions = new Map<string, RegionRecords>();
  const regionOf = (name: string): RegionRecords => {
    const known = regions.get(name);
    if (known !== undefined) return known;
    const region = input.regions.find((one) => one.name === name);
    const read = regionRecords(
      region,
      input.zones.filter((zone) => zone.region === name),
    );
    regions.set(name, read);
    return read;
  };
  const publishedAt = publications(input.fleet);
  const verify = (asked: WantedRecord): RecordVerdict => {
    const wanted = plainlyNamed(asked);
    const region = regionOf(wanted.zone);
    if (region.kind === "not-read") return region;
    if (region.records.zoneOf(wanted.name) === undefined) {
      return { kind: "not-read", isConfigured: false, reason: `no zone of region ${wanted.zone} holds ${wanted.name}` };
    }
    const mark = input.marks[markId(asked)];
    const found = judge(wanted, region, publishedAt(wanted.zone, wanted.name), mark);
    return {
      kind: "judged",
      ...found,
      sinceMs: mark?.result === found.result ? mark.sinceMs : region.readAtMs,
      awaited: isAwaited(found, { wanted, mark, region }),
    };
  };
  const foundAt = (wanted: WantedRecord): string | undefined => {
    const region = regionOf(wanted.zone);
    return region.kind === "read" ? contentsAt(region.records, plainlyNamed(wanted)) : undefined;
  };
  return { verify, foundAt, regionOf, publishedAt };
}

type Waiting = {
  readonly wanted: WantedRecord;
  readonly mark: RecordMark | undefined;
  readonly region: Extract<RegionRecords, { kind: "read" }>;
};

/** Of what is neither there nor right, only what was wanted newly is awaited, and only for a time. */
function isAwaited({ result, stage }: Finding, { wanted, mark, region }: Waiting): boolean {
  if (result !== "missing" && result !== "wrong-target") return false;
  const same = mark?.wanted === wanted.content ? mark : undefined;
  if (same === undefined) return stage !== undefined && isOnItsWay(stage);
  return same.isNew && region.readAtMs < same.firstReadAtMs + awaitedFor(region.records.region);
}

/** Names of kept DNSEndpoints come in any spelling. */
function plainlyNamed(wanted: WantedRecord): WantedRecord {
  const name = plainName(wanted.name);
  return name === wanted.name ? wanted : { ...wanted, name };
}

type Finding = {
  readonly result: VerificationResult;
  readonly stage?: PublicationStage;
  readonly evidence: string;
};

const verified: Finding = { result: "verified", evidence: "" };

type ReadRegion = Extract<RegionRecords, { readonly kind: "read" }>;

function judge(
  wanted: WantedRecord,
  { records, readAtMs }: ReadRegion,
  published: readonly Publication[],
  mark: RecordMark | undefined,
): Finding {
  const wanting = published.filter((one) => sameContent(one.content, wanted.content));
  const rivals =
    wanting.length === published.length ? [] : published.filter((one) => contradicting(one.content, wanted.content));
  const contested = disagreement(wanting, rivals);
  if (contested !== undefined) return contested;
  const finding = judgeRecord(wanted, records, { wanting, rivals });
  if (mark === undefined || mark.wanted !== wanted.content) return finding;
  const found = contentsAt(records, wanted);
  const contents = alternating(mark, { found, isRight: finding.result === "verified", readAtMs });
  return contents === undefined ? finding : changing(contents);
}

type Publications = { readonly wanting: readonly Publication[]; readonly rivals: readonly Publication[] };

/** What stands there now, whatever stood there before. */
function judgeRecord(wanted: WantedRecord, records: ZoneRecords, { wanting, rivals }: Publications): Finding {
  const { type, targets } = contentParts(wanted.content);
  const stage = stageOf(wanting);
  const record = records.get(wanted.name, type as RecordSetType);
  if (record === undefined) return absent(wanted, records, stage);
  const ownership = records.ownershipOf(record);
  const { ownerId } = records.region.externalDns;
  const leads = sameTargets(record, targets);
  switch (ownership.kind) {
    case "none":
      return { result: "orphan", evidence: orphanEvidence(record, ownership.elsewhere?.txt.name) };
    case "unreadable":
      return foreign(`the ownership TXT ${ownership.txt.name} cannot be read: encrypted, or not ExternalDNS's`, leads);
    case "owned":
      if (ownership.text.owner === fenceOwner)
        return foreign(`the record is fenced by this product (${ownership.txt.name})`, leads);
      if (ownership.text.owner !== ownerId)
        return foreign(`${ownership.txt.name} names owner ${ownership.text.owner}, this region's is ${ownerId}`, leads);
  }
  if (leads) return verified;
  const rival = rivals.find(({ content }) => sameTargets(record, contentParts(content).targets));
  const where = `${record.type} leads to ${shownTargets(record)}`;
  if (rival !== undefined) {
    const evidence = `${where}, as DNSEndpoint ${rival.key} of cluster ${rival.cluster} says`;
    return { result: "wrong-target", stage: stage === "refused" ? "overwritten" : stage, evidence };
  }
  return { result: "wrong-target", stage, evidence: `${where}; ${stageSentence(stage)}` };
}

function foreign(evidence: string, leads: boolean): Finding {
  const outcome = leads ? "it leads where it should, but is not ours to keep so" : "it leads elsewhere";
  return { result: "foreign-owner", evidence: `${evidence}; ${outcome}` };
}

function orphanEvidence({ type, name }: RecordSet, elsewhere: string | undefined): string {
  const why = elsewhere === undefined ? "has no ownership TXT" : `is owned under another prefix (${elsewhere})`;
  return `the ${type} record ${name} ${why}; ExternalDNS never touches it until the TXT is written`;
}

/** Nothing of the wanted type: perhaps because a record of another type has the name, which no zone allows beside a CNAME. */
function absent({ name, content }: WantedRecord, records: ZoneRecords, stage: PublicationStage): Finding {
  const { type } = contentParts(content);
  const beside = records.at(name).find((one) => conflicting(`${one.type} `, `${type} `));
  if (beside === undefined) return { result: "missing", stage, evidence: `no ${type} record; ${stageSentence(stage)}` };
  return {
    result: "wrong-target",
    stage: "refused",
    evidence: `${withArticle(beside.type)} record has the name (${shownTargets(beside)}); ${withArticle(type)} cannot stand beside it, and ExternalDNS does not replace it`,
  };
}

/** `an A`, `a CNAME` */
function withArticle(type: string): string {
  return `${type.startsWith("A") ? "an" : "a"} ${type}`;
}

/** How far it came. Two DNSEndpoints may say the same; one that was read is enough. */
function stageOf(wanting: readonly Publication[]): PublicationStage {
  if (wanting.length === 0) return "not-applied";
  return wanting.some(({ pickedUp }) => pickedUp) ? "refused" : "not-picked-up";
}

function stageSentence(stage: PublicationStage): string {
  switch (stage) {
    case "not-applied":
      return "no DNSEndpoint says so";
    case "not-picked-up":
      return "ExternalDNS has not read its DNSEndpoint";
    case "refused":
      return "ExternalDNS has read its DNSEndpoint, and the zone did not take it; see the log of ExternalDNS";
    case "overwritten":
      return "somebody else wrote the record";
  }
}

/** Two contents wanted at once are written in turn for ever. */
function disagreement([one]: readonly Publication[], [other]: readonly Publication[]): Finding | undefined {
  if (one === undefined || other === undefined) return undefined;
  const evidence =
    `DNSEndpoint ${one.key} of cluster ${one.cluster} says ${destinationOf(one.content)}, ` +
    `DNSEndpoint ${other.key} of cluster ${other.cluster} says ${destinationOf(other.content)}; ExternalDNS writes them in turn`;
  return { result: "flapping", stage: "overwritten", evidence };
}

/** What came back after another content is written in turn. */
function changing(contents: readonly string[]): Finding {
  const evidence = `the record changes between ${contents.join(" and ")}, and no other DNSEndpoint of the fleet says so; look for another writer of the zone`;
  return { result: "flapping", stage: "overwritten", evidence };
}

export function sameTargets({ values }: RecordSet, targets: readonly string[]): boolean {
  // Nearly all have one target.
  if (values.length === 1 && targets.length === 1)
    return plainTarget(values[0] ?? "") === plainTarget(targets[0] ?? "");
  const found = values.map(plainTarget).sort();
  const wanted = targets.map(plainTarget).sort();
  return found.length === wanted.length && wanted.every((target, index) => target === found[index]);
}

function shownTargets({ values }: RecordSet): string {
  return values.join(", ");
}

/** The record of the wanted type, or what excludes it, with its owner: two writers of one content are told apart. */
function contentsAt(records: ZoneRecords, { name, content }: WantedRecord): string {
  const { type } = contentParts(content);
  const about = records.at(name).filter((record) => record.type === type || conflicting(`${record.type} `, `${type} `));
  const found = about.map((record) => {
    const ownership = records.ownershipOf(record);
    return `${record.type} ${shownTargets(record)}${ownerShown(ownership)}`;
  });
  return found.length === 0 ? nothing : found.join(" and ");
}

function ownerShown(ownership: Ownership): string {
  switch (ownership.kind) {
    case "owned":
      return ` of ${ownership.text.owner}`;
    case "unreadable":
      return " of an owner that cannot be read";
    case "none":
      return "";
  }
}
