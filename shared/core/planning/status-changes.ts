/**
 * Statuses that have to be written. A status is computed for the outcome "every due change succeeds"; here it is corrected
 * by what became of the items it needs, and compared with what is written now. It is written only when it differs.
 */
import type { DesiredCondition, DesiredStatus, StatusNeed } from "../../model/desired.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Condition } from "../../model/object-meta.ts";
import { itemId } from "../naming/item-id.ts";
import { equalJson } from "./normalise.ts";

/** What became of an item that was not simply as wanted. */
export type ItemOutcome =
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "waiting"; readonly code: "Contended" | "Handover" | "SecondRead"; readonly reason: string }
  | { readonly kind: "held"; readonly creates: boolean }
  /** Out of scope, or the pass ended before it: nothing is known, the status stays as it is. */
  | { readonly kind: "not-started" };

export type StatusChange = {
  readonly status: DesiredStatus;
  /** Fields and conditions as they are to be written. */
  readonly fields: JsonObject;
  readonly conditions: readonly Condition[];
  /** Only DNSVerified or BackendBound differ: such changes are limited per pass. */
  readonly observationOnly: boolean;
};

/** Condition types that this product writes. One of them that is no longer wanted is drift; others are left alone. */
const ownTypes: ReadonlySet<string> = new Set([
  "Ready",
  "Published",
  "DNSVerified",
  "BackendBound",
  "DNSReady",
  "AdoptedRegionsValid",
  "Frozen",
  "Conflict",
  "ServiceAmbiguous",
]);

const observations: ReadonlySet<string> = new Set(["DNSVerified", "BackendBound"]);

/** @param nowMs becomes lastTransitionTime of conditions whose status changes, in whole seconds. */
export function statusChange(
  status: DesiredStatus,
  outcomeOf: (item: string) => ItemOutcome | undefined,
  nowMs: number,
): StatusChange | undefined {
  const corrected = correctStatus(status, outcomeOf);
  if (corrected === undefined) return undefined;
  const written = status.observed.conditions ?? [];
  const differing: string[] = [];
  const conditions = corrected.conditions.map((wanted): Condition => {
    const before = written.find((condition) => condition.type === wanted.type);
    const observedGeneration = status.generation;
    if (before !== undefined && sameCondition(before, wanted) && before.observedGeneration === observedGeneration) {
      return before;
    }
    differing.push(wanted.type);
    const kept = before?.status === wanted.status ? before.lastTransitionTime : timestamp(nowMs);
    return { ...wanted, observedGeneration, lastTransitionTime: kept };
  });
  for (const { type } of written) {
    if (ownTypes.has(type) && !conditions.some((condition) => condition.type === type)) differing.push(type);
  }
  const fieldsDiffer = Object.entries(corrected.fields).some(
    ([field, value]) => !equalJson(status.observed[field] as Json | undefined, value),
  );
  if (differing.length === 0 && !fieldsDiffer) return undefined;
  return {
    status,
    fields: corrected.fields,
    conditions,
    observationOnly: !fieldsDiffer && differing.every((type) => observations.has(type)),
  };
}

/** True when nothing would be written as long as no item corrects the status. Costs no memory: nearly all statuses end here. */
export function isWritten(status: DesiredStatus): boolean {
  const { fields, conditions, generation, observed } = status;
  for (const field in fields) {
    if (!equalJson(observed[field] as Json | undefined, fields[field])) return false;
  }
  const written = observed.conditions ?? [];
  for (const wanted of conditions) {
    const before = conditionOf(written, wanted.type);
    if (before === undefined || before.observedGeneration !== generation || !sameCondition(before, wanted))
      return false;
  }
  for (const { type } of written) {
    if (ownTypes.has(type) && conditionOf(conditions, type) === undefined) return false;
  }
  return true;
}

function conditionOf<C extends { readonly type: string }>(conditions: readonly C[], type: string): C | undefined {
  for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

export type Corrected = Pick<DesiredStatus, "fields" | "conditions">;

/** @returns undefined when the pass cannot tell how an item ended. */
export function correctStatus(
  status: DesiredStatus,
  outcomeOf: (item: string) => ItemOutcome | undefined,
): Corrected | undefined {
  let conditions = status.conditions;
  let phase: string | undefined;
  for (const { need, outcome } of unmetNeeds(status, outcomeOf)) {
    if (outcome.kind === "not-started") return undefined;
    conditions = conditions.map((condition) =>
      need.conditions.includes(condition.type) && condition.status === "True"
        ? failing(condition.type, need.reason, outcome)
        : condition,
    );
    if (need.conditions.includes("Ready")) phase = "Pending";
  }
  return phase === undefined
    ? { fields: status.fields, conditions }
    : { fields: { ...status.fields, phase }, conditions };
}

type Unmet = { readonly need: StatusNeed; readonly outcome: ItemOutcome };

function unmetNeeds(
  { place, needs }: DesiredStatus,
  outcomeOf: (item: string) => ItemOutcome | undefined,
): readonly Unmet[] {
  return needs.flatMap((need) =>
    need.keys.flatMap((key): readonly Unmet[] => {
      const outcome = outcomeOf(itemId(place, need.kind, key));
      return outcome === undefined || (outcome.kind === "held" && !outcome.creates) ? [] : [{ need, outcome }];
    }),
  );
}

function failing(
  type: string,
  reason: string,
  outcome: Exclude<ItemOutcome, { kind: "not-started" }>,
): DesiredCondition {
  switch (outcome.kind) {
    case "failed":
    case "refused":
      return { type, status: "False", reason, message: outcome.reason };
    case "waiting":
      return {
        type,
        status: "False",
        reason: outcome.code === "Contended" ? "Contended" : "AwaitingPublication",
        message: outcome.reason,
      };
    case "held":
      return {
        type,
        status: "False",
        reason: "AwaitingPublication",
        message: "its change is held and waits for approval; see the plan",
      };
  }
}

function sameCondition(before: Condition, wanted: DesiredCondition): boolean {
  return before.status === wanted.status && before.reason === wanted.reason && before.message === wanted.message;
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
