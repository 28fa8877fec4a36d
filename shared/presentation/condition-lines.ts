/** Phases and conditions of a resource, as marks and lines. */
import type { RouteReport } from "../model/report.ts";
import type { Entry, Rich, Span } from "./document.ts";
import { hasNextStep, nextStep } from "./next-steps.ts";

type ConditionReport = RouteReport["conditions"][number];

/** Reasons under which a condition that is not True needs nobody's help. */
const EXPECTED: ReadonlySet<string> = new Set([
  "Standby",
  "ServedByAlias",
  "NoServiceRoutes",
  "PolicyInactive",
  "DNSPolicyInactive",
]);

export function phaseSpan(phase: string): Span {
  if (phase === "Active") return ["good", phase];
  return phase === "Failed" ? ["bad", phase] : ["attention", phase];
}

/** Conditions with their messages, and what to do where one is False and not meant to be: once per reason. */
export function conditionEntries(conditions: readonly ConditionReport[]): readonly Entry[] {
  return conditions.map((condition, index) => {
    const said = conditions.slice(0, index).some(({ reason }) => reason === condition.reason);
    return conditionEntry(condition, said);
  });
}

function conditionEntry(condition: ConditionReport, adviceSaid: boolean): Entry {
  const expected = EXPECTED.has(condition.reason);
  const advise = condition.status === "False" && !expected && !adviceSaid && hasNextStep(condition.reason);
  return {
    head: [
      statusMark(condition.status, expected),
      ` ${condition.type} `,
      ["dim", `${condition.status} `],
      condition.reason,
    ],
    details: [
      ...(condition.message === "" ? [] : [[condition.message]]),
      ...(advise ? [[["attention", "→ "] as const, nextStep(condition.reason)]] : []),
    ],
  };
}

function statusMark(status: string, expected: boolean): Span {
  if (status === "True") return ["good", "✓"];
  if (expected) return ["dim", "-"];
  return status === "False" ? ["bad", "✗"] : ["attention", "?"];
}

/** Why a resource is not as its author wants it: the first condition that is False or Unknown and not expected. */
export function firstTrouble(conditions: RouteReport["conditions"]): ConditionReport | undefined {
  const troubled = conditions.filter(({ status, reason }) => status !== "True" && !EXPECTED.has(reason));
  return troubled.find(({ type }) => type === "Ready") ?? troubled.find(({ status }) => status === "False");
}

/** `HostConflict: shop/cart of w2 has the host`, or nothing. */
export function troubleText(conditions: RouteReport["conditions"]): Rich {
  const trouble = firstTrouble(conditions);
  if (trouble !== undefined) return [["attention", trouble.reason], `: ${trouble.message}`];
  const expected = conditions.find(({ status, reason }) => status === "False" && EXPECTED.has(reason));
  return expected === undefined ? [] : [["dim", `${expected.reason}: ${expected.message}`]];
}
