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
  /** `dnsNames` as this pass writes them; absent where the resource has no such field. */
  readonly hosts?: readonly string[];
};

export function dnsVerified({ verify, wanted, status, hosts }: DnsVerifiedInput): DnsVerified {
  if (verify === undefined) return { condition: zoneNotRead };
  if (wanted.length === 0) return { condition: nothingWanted };
  const written = writtenOf(status, hosts);
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
  if (worst !== undefined) return troubled(worst);
  if (unread.length > 0) return kept(written, { looked, unread });
  if (judged.length > 0) return { condition: success(looked) };
  const [first] = wanted;
  const verdict = first === undefined ? undefined : verify(first);
  if (verdict?.kind !== "not-read") return { condition: zoneNotRead };
  return { condition: condition("DNSVerified", "Unknown", "ZoneNotRead", verdict.reason) };
}

/** What is written of this very host: a route that was given another one has said nothing of it yet. */
function writtenOf(
  { conditions, dnsNames }: ObservedStatus,
  hosts: readonly string[] | undefined,
): Written | undefined {
  const isOfOthers = hosts !== undefined && Array.isArray(dnsNames) && !hosts.every((host) => dnsNames.includes(host));
  return isOfOthers ? undefined : conditions?.find(({ type }) => type === "DNSVerified");
}

type Worst = readonly [keyof typeof reasons, readonly Judged[]];

function troubled([result, names]: Worst): DnsVerified {
  const message = names
    .map(({ wanted: { zone }, verdict }) => `${troubleIn(zone)}${verdict.evidence}`)
    .sort(byText)
    .join("; ");
  if (names.every(({ verdict }) => verdict.awaited))
    return { condition: condition("DNSVerified", "Unknown", "AwaitingPublication", message) };
  return said(condition("DNSVerified", "False", reasons[result], message));
}

/** A DNSEndpoint that nobody may act on, or that others overwrite, publishes nothing. */
function said(spoken: DesiredCondition): DnsVerified {
  const { status, reason, message } = spoken;
  if (status !== "False") return { condition: spoken };
  if (reason === reasons["foreign-owner"])
    return { condition: spoken, unpublished: { reason: "ForeignOwner", message } };
  if (reason === reasons.flapping) return { condition: spoken, unpublished: { reason: "Contended", message } };
  return { condition: spoken };
}

type Dark = {
  /** In regions that have a zone. */
  readonly looked: readonly WantedRecord[];
  /** Those of zones that were not read. */
  readonly unread: readonly WantedRecord[];
};

/**
 * Nothing is wrong where it was looked; what was said of the zones that were not read stays, as long as the same is wanted
 * there. Why they were not read stands in the report: such sentences may change from pass to pass.
 */
function kept(written: Written | undefined, { looked, unread }: Dark): DnsVerified {
  if (written === undefined) return { condition: zoneNotRead };
  const { status, reason, message } = written;
  if (status === "True" && unread.every((one) => saidVerified(message, one))) return { condition: success(looked) };
  const troubles = message.split(/; (?=in zone )/).filter((part) => unread.some(({ zone }) => isAbout(part, zone)));
  if (troubles.length > 0) return said(condition("DNSVerified", status, reason, troubles.join("; ")));
  if (looked.length === unread.length) return { condition: zoneNotRead };
  const zones = [...new Set(unread.map(({ zone }) => zone))].sort().join(", ");
  const partly = `zone ${zones} has not been read; the others are verified`;
  return { condition: condition("DNSVerified", "Unknown", "ZoneNotRead", partly) };
}

function isAbout(part: string, zone: string): boolean {
  return part.startsWith(troubleIn(zone));
}

function troubleIn(zone: string): string {
  return `in zone ${zone}: `;
}

function worstOf(judged: readonly Judged[]): readonly [keyof typeof reasons, readonly Judged[]] | undefined {
  for (const result of worstFirst) {
    const names = judged.filter(({ verdict }) => verdict.result === result);
    if (names.length > 0) return [result, names];
  }
  return undefined;
}

/** Holds what was verified, so that another target is awaited anew instead of missed. */
function success(verified: readonly WantedRecord[]): DesiredCondition {
  const byTarget = new Map<string, Set<string>>();
  for (const { zone, content } of verified) {
    const target = targetText(content);
    byTarget.set(target, (byTarget.get(target) ?? new Set()).add(zone));
  }
  const message = [...byTarget]
    .map(([target, zones]) => `${target}${inZones}${[...zones].sort().join(zoneBreak)}`)
    .sort(byText)
    .join("; ");
  return condition("DNSVerified", "True", "Verified", message);
}

/** Whether a message of success speaks of this very record. */
function saidVerified(message: string, { zone, content }: WantedRecord): boolean {
  const start = `${targetText(content)}${inZones}`;
  const part = message.split("; ").find((one) => one.startsWith(start));
  return part?.slice(start.length).split(zoneBreak).includes(zone) === true;
}

function targetText(content: string): string {
  const { type, targets } = contentParts(content);
  return `${type} ${targets.join(", ")}`;
}

const inZones = " in zone ";
const zoneBreak = ", ";
