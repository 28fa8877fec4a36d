/** What became of each item, from plan and results, in the words that statuses are corrected with. */
import type { FleetPlan } from "../core/planning/plan-fleet.ts";
import type { ItemOutcome } from "../core/planning/status-changes.ts";
import { itemId } from "../core/naming/item-id.ts";
import type { ChangeResult } from "../model/change.ts";

export function itemOutcomes(
  planned: FleetPlan,
  results: readonly ChangeResult[],
): (item: string) => ItemOutcome | undefined {
  const outcomes = new Map<string, ItemOutcome>();
  const { plan } = planned;
  for (const { change, code, reason } of plan.waiting) outcomes.set(change.item, { kind: "waiting", code, reason });
  for (const group of plan.held) {
    for (const change of group.changes)
      outcomes.set(change.item, { kind: "held", creates: change.operation === "create" });
  }
  for (const { place, kind, key, reason, code } of plan.refusals) {
    if (code === "ForeignObject") outcomes.set(itemId(place, kind, key), { kind: "refused", reason });
  }
  for (const item of planned.unreadItems)
    outcomes.set(item, { kind: "refused", reason: "the kind was not read there" });
  for (const item of planned.outOfScope) outcomes.set(item, { kind: "not-started" });
  for (const { change, outcome } of results) {
    const corrected = resultOutcome(outcome);
    // Of two steps the first that failed has the reason; the one after it was only blocked.
    if (corrected !== undefined && outcomes.get(change.item)?.kind !== "failed") outcomes.set(change.item, corrected);
  }
  return (item) => outcomes.get(item);
}

function resultOutcome(outcome: ChangeResult["outcome"]): ItemOutcome | undefined {
  switch (outcome.kind) {
    case "done":
      return undefined;
    case "failed":
      return { kind: "failed", reason: outcome.reason };
    case "blocked":
      return { kind: "failed", reason: `not done, because ${outcome.by} was not` };
    case "not-started":
      return { kind: "not-started" };
  }
}
