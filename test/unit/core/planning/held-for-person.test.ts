import { describe, expect, it } from "vitest";
import { heldForPerson } from "../../../../shared/core/planning/held-for-person.ts";
import type { HeldChanges } from "../../../../shared/model/change.ts";
import { change } from "../../../support/reports.ts";

const group = (changes: number, approved?: true): HeldChanges => ({
  scope: "cluster/w1",
  code: "BudgetExceeded",
  reason: "",
  digest: "0123456789ab",
  changes: Array.from({ length: changes }, () => change()),
  ...(approved === undefined ? {} : { approved }),
});

describe("heldForPerson", () => {
  it.each<[string, readonly HeldChanges[], number]>([
    ["nothing", [], 0],
    ["every change of every group", [group(2), group(3)], 5],
    ["a read without changes, as one", [group(0), group(2)], 3],
    ["nothing of what is approved", [group(2, true), group(0, true)], 0],
  ])("counts %s", (_what, held, expected) => expect(heldForPerson(held)).toBe(expected));
});
