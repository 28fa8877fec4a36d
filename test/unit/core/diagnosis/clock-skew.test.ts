import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockFindings, skewMs } from "../../../../shared/core/diagnosis/clock-skew.ts";

/** A cluster's clock that is this far ahead, asked at `atMs` and 40 ms on the way there and back. */
const reading = (aheadMs: number, atMs = 1_000_000_250) => ({
  sentAtMs: atMs,
  answeredAtMs: atMs + 80,
  serverTimeMs: Math.floor((atMs + 40 + aheadMs) / 1_000) * 1_000,
});

describe("skewMs", () => {
  it("is nothing where seconds that were cut off and the way explain it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 9_000_000 }), (atMs) => {
        expect(skewMs(reading(0, atMs))).toBe(0);
      }),
    );
  });

  it("is never more than what it is, and less by at most what cannot be known", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: 1_000_000, max: 9_000_000 }),
        (ahead, atMs) => {
          const skew = Math.abs(skewMs(reading(ahead, atMs)));
          expect(skew).toBeLessThanOrEqual(Math.abs(ahead));
          expect(skew).toBeGreaterThanOrEqual(Math.abs(ahead) - 1_080);
        },
      ),
    );
  });
});

describe("clockFindings", () => {
  it.each([
    [0, undefined, ""],
    [4_000, undefined, ""],
    [7_000, "warning", "ahead of"],
    [-7_000, "warning", "behind"],
    [40_000, "critical", "ahead of"],
    [-3_600_000, "critical", "behind"],
  ])("of %i ms is %s", (aheadMs, severity, words) => {
    const findings = clockFindings("w1", reading(aheadMs));
    expect(findings).toMatchObject(
      severity === undefined
        ? []
        : [{ code: "ClockSkew", cluster: "w1", severity, what: expect.stringContaining(words) }],
    );
    expect(findings).toHaveLength(severity === undefined ? 0 : 1);
  });
});
