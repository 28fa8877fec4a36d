/**
 * Findings of `doctor`: what is wrong or worth knowing, what follows from it, and what to do.
 * - critical: names can vanish, flip or never appear, a takeover can never work, or nobody could look.
 * - warning: it works as things are, and breaks with the next failure, update or change.
 * - info: worth knowing; nothing has to be done.
 */
import { externalDnsTexts } from "./external-dns-texts.ts";
import type { FindingText, Severity } from "./finding-text.ts";
import { fleetTexts } from "./fleet-texts.ts";

export type { FindingText, Severity } from "./finding-text.ts";

/** By code. The reference page is generated from it. */
export const findingTexts = { ...externalDnsTexts, ...fleetTexts } as const satisfies Readonly<
  Record<string, FindingText>
>;

export type FindingCode = keyof typeof findingTexts;

export type Finding = {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Absent for what concerns the fleet or a region as a whole. */
  readonly cluster?: string;
  readonly region?: string;
  /** `Deployment kube-system/external-dns-weu`. Absent: the cluster itself is meant. */
  readonly object?: string;
  /** What was seen, with the values. */
  readonly what: string;
  readonly consequence: string;
  readonly fix: string;
  /** Hosts, rights or objects concerned, sorted; `what` says how many. */
  readonly names: readonly string[];
};

type Particulars = Pick<Finding, "what"> &
  Partial<Pick<Finding, "cluster" | "region" | "object" | "severity" | "consequence" | "fix" | "names">>;

/** Severity, consequence and fix are those of the code unless the case says otherwise. */
export function finding(code: FindingCode, particulars: Particulars): Finding {
  return { code, ...findingTexts[code], names: [], ...particulars };
}

const ranks: readonly Severity[] = ["critical", "warning", "info"];

/** Negative when `left` is worse. */
export function bySeverity(left: Severity, right: Severity): number {
  return ranks.indexOf(left) - ranks.indexOf(right);
}
