import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counted, dueTime, duration, listed, timestamp } from "../../../shared/presentation/wording.ts";
import { PASS_AT_MS } from "../../support/reports.ts";

describe("duration", () => {
  it.each([
    [-5, "0 ms"],
    [0, "0 ms"],
    [850.4, "850 ms"],
    [1_000, "1 s"],
    [4_250, "4.2 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [190_000, "3 min 10 s"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
  ])("says %d ms as %s", (ms, said) => expect(duration(ms)).toBe(said));

  it("never says 60 of a unit that has a larger one", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 9 }), (ms) => {
        expect(duration(ms)).not.toMatch(/\b60 (s|min)\b/);
      }),
    );
  });
});

describe("dueTime", () => {
  it.each([
    [PASS_AT_MS + 190_000, "in 3 min 10 s (2026-11-21T14:03:10Z)"],
    [PASS_AT_MS + 400, "in 1 s (2026-11-21T14:00:00Z)"],
    [PASS_AT_MS, "now (2026-11-21T14:00:00Z)"],
    [PASS_AT_MS - 1, "now (2026-11-21T13:59:59Z)"],
  ])("names the moment %d relative and absolute: %s", (dueAtMs, said) =>
    expect(dueTime(dueAtMs, PASS_AT_MS)).toBe(said),
  );
});

describe("counted and listed", () => {
  it("uses the singular for one only", () => {
    expect([counted(0, "change"), counted(1, "change"), counted(2, "status", "statuses")]).toEqual([
      "0 changes",
      "1 change",
      "2 statuses",
    ]);
  });

  it("leaves out what is empty, and says the alternative when all is", () => {
    expect([listed(["a", "", "b"], "none"), listed(["", ""], "none")]).toEqual(["a, b", "none"]);
  });

  it("writes timestamps in UTC without fractions", () =>
    expect(timestamp(PASS_AT_MS + 999)).toBe("2026-11-21T14:00:00Z"));
});
