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
  readonly nowMs: number;
};

export function dnsVerified({ verify, wanted, status, nowMs }: DnsVerifiedInput): DnsVerified {
  if (verify === undefined) return { condition: zoneNotRead };
  if (wanted.length === 0) return { condition: nothingWanted };
  const written = status.conditions?.find(({ type }) => type === "DNSVerified");
  const judged: Judged[] = [];
  for (const one of wanted) {
    const verdict = verify(one);
    if (verdict.kind === "judged") judged.push({ wanted: one, verdict });
    else if (verdict.isConfigured) return { condition: kept(written, wanted) };
  }
  if (judged.length === 0) return { condition: zoneNotRead };
  const worst = worstOf(judged);
  const success = condition("DNSVerified", "True", "Verified", verifiedMessage(wanted));
  if (worst === undefined) return { condition: success };
  const [result, names] = worst;
  const message = names
    .map(({ wanted: { zone }, verdict }) => `in zone ${zone}: ${verdict.evidence}`)
    .sort(byText)
    .join("; ");
  const wasVerified = written?.status === "True" && written.message === success.message;
  const isAwaited =
    (result === "missing" || result === "wrong-target") &&
    !wasVerified &&
    names.some(({ verdict }) => nowMs < verdict.awaitedUntilMs);
  if (isAwaited) return { condition: condition("DNSVerified", "Unknown", "AwaitingPublication", message) };
  const failed = condition("DNSVerified", "False", reasons[result], message);
  if (result === "foreign-owner") return { condition: failed, unpublished: { reason: "ForeignOwner", message } };
  if (result === "flapping") return { condition: failed, unpublished: { reason: "Contended", message } };
  return { condition: failed };
}

/**
 * Why the zone was not read stands in the report: such sentences may change from pass to pass. Of a name or target that is wanted
 * only since then nothing was said yet.
 */
function kept(written: Written | undefined, wanted: readonly WantedRecord[]): DesiredCondition {
  if (written === undefined || written.reason === "ZoneNotRead") return zoneNotRead;
  const isOfOthers = written.status === "True" && written.message !== verifiedMessage(wanted);
  if (isOfOthers || written.message === nothingWanted.message) return zoneNotRead;
  return condition("DNSVerified", written.status, written.reason, written.message);
}

function worstOf(judged: readonly Judged[]): readonly [keyof typeof reasons, readonly Judged[]] | undefined {
  for (const result of worstFirst) {
    const names = judged.filter(({ verdict }) => verdict.result === result);
    if (names.length > 0) return [result, names];
  }
  return undefined;
}

/** Holds what was verified, so that another target is awaited anew instead of missed. */
function verifiedMessage(wanted: readonly WantedRecord[]): string {
  const byTarget = new Map<string, Set<string>>();
  for (const { zone, content } of wanted) {
    const { type, targets } = contentParts(content);
    const target = `${type} ${targets.join(", ")}`;
    byTarget.set(target, (byTarget.get(target) ?? new Set()).add(zone));
  }
  return [...byTarget]
    .map(([target, zones]) => `${target} in zone ${[...zones].sort().join(", ")}`)
    .sort(byText)
    .join("; ");
}
