import { describe, expect, it } from "vitest";
import { itemOutcomes } from "../../../shared/app/item-outcomes.ts";
import type { FleetPlan } from "../../../shared/core/planning/plan-fleet.ts";
import type { ChangeOutcome, Plan } from "../../../shared/model/change.ts";
import { change, failure, planOf, result } from "./changes.ts";

function planned(plan: Partial<Plan>, overrides: Partial<FleetPlan> = {}): FleetPlan {
  return {
    plan: { ...planOf(), ...plan },
    handovers: {},
    counted: new Map(),
    namesPublished: () => 0,
    unreadItems: new Set(),
    statuses: [],
    outOfScope: new Set(),
    ...overrides,
  };
}

const made = change("shop/cart");

describe("itemOutcomes", () => {
  it("knows nothing of an item that is as it should be", () => {
    expect(itemOutcomes(planned({}), [])(made.item)).toBeUndefined();
  });

  it.each<[string, FleetPlan, object]>([
    [
      "waits",
      planned({ waiting: [{ change: made, code: "Handover", reason: "until 10:00" }] }),
      { kind: "waiting", code: "Handover", reason: "until 10:00" },
    ],
    [
      "is held and would be made",
      planned({ held: [{ scope: "cluster/w1", code: "BudgetExceeded", reason: "", digest: "d", changes: [made] }] }),
      { kind: "held", creates: true },
    ],
    [
      "is held and is there",
      planned({
        held: [
          {
            scope: "cluster/w1",
            code: "BudgetExceeded",
            reason: "",
            digest: "d",
            changes: [{ ...made, operation: "update" }],
          },
        ],
      }),
      { kind: "held", creates: false },
    ],
    [
      "belongs to somebody else",
      planned({
        refusals: [{ place: made.place, kind: made.kind, key: made.key, code: "ForeignObject", reason: "not ours" }],
      }),
      { kind: "refused", reason: "not ours" },
    ],
    [
      "was not read",
      planned({}, { unreadItems: new Set([made.item]) }),
      { kind: "refused", reason: "the kind was not read there" },
    ],
    ["is out of scope", planned({}, { outOfScope: new Set([made.item]) }), { kind: "not-started" }],
  ])("tells of an item that %s", (_what, plan, outcome) => {
    expect(itemOutcomes(plan, [])(made.item)).toEqual(outcome);
  });

  it("does not take the refusal of a resource for one of its item", () => {
    const refusals = [{ place: made.place, kind: made.kind, key: made.key, code: "HostConflict", reason: "" }];
    expect(itemOutcomes(planned({ refusals }), [])(made.item)).toBeUndefined();
  });

  it.each<[ChangeOutcome, object | undefined]>([
    [{ kind: "done" }, undefined],
    [failure, { kind: "failed", reason: "no" }],
    [
      { kind: "blocked", by: "shop/other" },
      { kind: "failed", reason: "not done, because shop/other was not" },
    ],
    [{ kind: "not-started", reason: "the lease was lost" }, { kind: "not-started" }],
  ])("corrects by the result %o", (outcome, corrected) => {
    expect(itemOutcomes(planned({}), [result(made, outcome)])(made.item)).toEqual(corrected);
  });

  it("says of an object that changes in two steps why the first that failed did", () => {
    const second = change("shop/cart", { step: 1 });
    const why = { kind: "failed", reason: "no" };
    expect(itemOutcomes(planned({}), [result(made), result(second, failure)])(made.item)).toEqual(why);
    const followed = [result(made, failure), result(second, { kind: "blocked", by: "an earlier step" })];
    expect(itemOutcomes(planned({}), followed)(made.item)).toEqual(why);
  });
});
