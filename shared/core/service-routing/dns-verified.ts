/**
 * The condition DNSVerified: what the real zones say of the names that a resource wants. Not read: it keeps what it said, for
 * an outage of Azure changes no name. Newly wanted: it waits for ExternalDNS before it says no.
 */
import type { DesiredCondition } from "../../model/desired.ts";
import type { ObservedStatus } from "../../model/resources.ts";
import type { RecordVerdict, VerificationResult, VerifyRecord, WantedRecord } from "../../model/verification.ts";
import { byText } from "../naming/item-id.ts";
import { contentParts } from "../naming/record-content.ts";
import { condition } from "./conditions.ts";

// One object each, shared by all statuses: a fleet has hundreds of thousands of them.
const zoneNotRead = condition("DNSVerified", "Unknown", "ZoneNotRead", "no DNS zone has been read");
const nothingWanted = condition("DNSVerified", "Unknown", "AwaitingPublication", "nothing is published");

/** Reasons of the condition, the worst first: one that needs a person goes before one that ExternalDNS may still mend. */
const reasons = {
  flapping: "Flapping",
  "foreign-owner": "ForeignOwner",
  orphan: "Orphan",
  "wrong-target": "WrongTarget",
  missing: "RecordMissing",
} as const satisfies Readonly<Partial<Record<VerificationResult, string>>>;

const awaited = "AwaitingPublication";
const severity: readonly string[] = [...Object.values(reasons), awaited];

const worstFirst = Object.keys(reasons) as readonly (keyof typeof reasons)[];

type Written = Pick<DesiredCondition, "status" | "reason" | "message">;

type Judged = { readonly wanted: WantedRecord; readonly verdict: Extract<RecordVerdict, { kind: "judged" }> };

export type DnsVerified = {
  readonly condition: DesiredCondition;
  /** Set where the zone shows that this cluster does not publish, whatever its DNSEndpoints say. */
  readonly unpublished?: { readonly reason: "ForeignOwner" | "Contended"; readonly message: string };
};

export type DnsVerifiedInput = {
  /** Absent where no region has a zone. */
  readonly verify: VerifyRecord | undefined;
  readonly wanted: readonly WantedRecord[];
  /** As it is written now. */
  readonly status: ObservedStatus;
};

export function dnsVerified({ verify, wanted, status }: DnsVerifiedInput): DnsVerified {
  if (verify === undefined) return { condition: zoneNotRead };
  if (wanted.length === 0) return { condition: nothingWanted };
  const written = status.conditions?.find(({ type }) => type === "DNSVerified");
  const judged: Judged[] = [];
  const unread: WantedRecord[] = [];
  // Of a region without a zone nobody knows anything: nothing is said of it.
  const looked = wanted.filter((one) => {
    const verdict = verify(one);
    if (verdict.kind === "judged") judged.push({ wanted: one, verdict });
    else if (verdict.isConfigured) unread.push(one);
    return verdict.kind === "judged" || verdict.isConfigured;
  });
  const worst = worstOf(judged);
  const trouble = worseOf(worst === undefined ? undefined : troubled(worst), stillSaid(written, unread));
  if (trouble !== undefined) return withPublished(trouble);
  if (unread.length > 0) return { condition: unreadCondition(written, { looked, unread }) };
  if (judged.length > 0) return { condition: success(looked) };
  const [first] = wanted;
  const verdict = first === undefined ? undefined : verify(first);
  if (verdict?.kind !== "not-read") return { condition: zoneNotRead };
  return { condition: condition("DNSVerified", "Unknown", "ZoneNotRead", verdict.reason) };
}

type Worst = readonly [keyof typeof reasons, readonly Judged[]];

function troubled([result, names]: Worst): DesiredCondition {
  const message = names
    .map(({ wanted, verdict }) => `${troubleOf(wanted)}${verdict.evidence}`)
    .sort(byText)
    .join(partBreak);
  return names.every(({ verdict }) => verdict.awaited)
    ? condition("DNSVerified", "Unknown", awaited, message)
    : condition("DNSVerified", "False", reasons[result], message);
}

/** With the name: a route that was given another host has said nothing of it yet. */
function troubleOf({ name, zone }: WantedRecord): string {
  return `${name} in zone ${zone}: `;
}

/** What is written of zones that were not read: it stays. Why they were not read stands in the report. */
function stillSaid(written: Written | undefined, unread: readonly WantedRecord[]): DesiredCondition | undefined {
  if (written === undefined || unread.length === 0) return undefined;
  const parts = written.message.split(/; (?=\S+ in zone \S+: )/);
  const message = parts.filter((part) => unread.some((one) => part.startsWith(troubleOf(one)))).join(partBreak);
  return message === "" ? undefined : condition("DNSVerified", written.status, written.reason, message);
}

/** Of two troubles the worse one, of two alike both. */
function worseOf(one: DesiredCondition | undefined, other: DesiredCondition | undefined): DesiredCondition | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.reason !== other.reason) return severity.indexOf(one.reason) < severity.indexOf(other.reason) ? one : other;
  return { ...one, message: [one.message, other.message].sort(byText).join(partBreak) };
}

/** A DNSEndpoint that nobody may act on, or that others overwrite, publishes nothing. */
function withPublished(trouble: DesiredCondition): DnsVerified {
  const { reason, message } = trouble;
  if (reason === reasons["foreign-owner"]) {
    return { condition: trouble, unpublished: { reason: "ForeignOwner", message } };
  }
  if (reason === reasons.flapping) return { condition: trouble, unpublished: { reason: "Contended", message } };
  return { condition: trouble };
}

type Dark = {
  /** In regions that have a zone. */
  readonly looked: readonly WantedRecord[];
  /** Those of zones that were not read. */
  readonly unread: readonly WantedRecord[];
};

/** Nothing is known to be wrong. What was verified stays so, as long as the same is wanted in the zones that were not read. */
function unreadCondition(written: Written | undefined, { looked, unread }: Dark): DesiredCondition {
  const { status, message } = written ?? zoneNotRead;
  if (status === "True" && unread.every((one) => saidVerified(message, one))) return success(looked);
  if (looked.length === unread.length) return zoneNotRead;
  const zones = [...new Set(unread.map(({ zone }) => zone))].sort().join(", ");
  return condition("DNSVerified", "Unknown", "ZoneNotRead", `zone ${zones} has not been read; the others are verified`);
}

function worstOf(judged: readonly Judged[]): readonly [keyof typeof reasons, readonly Judged[]] | undefined {
  for (const result of worstFirst) {
    const names = judged.filter(({ verdict }) => verdict.result === result);
    if (names.length > 0) return [result, names];
  }
  return undefined;
}

/** Holds what was verified, so that it is not said of another name or target while a zone cannot be read. */
function success(verified: readonly WantedRecord[]): DesiredCondition {
  const zonesOf = new Map<string, Set<string>>();
  for (const one of verified) {
    const record = recordText(one);
    zonesOf.set(record, (zonesOf.get(record) ?? new Set()).add(one.zone));
  }
  const message = [...zonesOf]
    .map(([record, zones]) => `${record}${inZones}${[...zones].sort().join(zoneBreak)}`)
    .sort(byText)
    .join(partBreak);
  return condition("DNSVerified", "True", "Verified", message);
}

/** Whether a message of success speaks of this very record. */
function saidVerified(message: string, wanted: WantedRecord): boolean {
  const start = `${recordText(wanted)}${inZones}`;
  const part = message.split(partBreak).find((one) => one.startsWith(start));
  return part?.slice(start.length).split(zoneBreak).includes(wanted.zone) === true;
}

function recordText({ name, content }: WantedRecord): string {
  return `${name} leads to ${contentParts(content).targets.join(", ")}`;
}

const inZones = " in zone ";
const zoneBreak = ", ";
const partBreak = "; ";
