import { describe, expect, it } from "vitest";
import { createConsoleTelemetry, type ConsoleLevel } from "../../../../shared/adapters/telemetry/console-telemetry.ts";
import { createTestClock } from "../../../support/clock.ts";

const clock = createTestClock();

function linesOf(options: { level?: ConsoleLevel; format?: "text" | "json" }): string[] {
  const lines: string[] = [];
  const telemetry = createConsoleTelemetry({ ...options, clock, write: (line) => lines.push(line) });
  telemetry.info("pass ended", { cluster: "w1", reason: "two words", changes: 3 });
  telemetry.warn("cluster frozen");
  telemetry.error("lease lost", { lease: "reconcile" });
  telemetry.metric("pass.duration", 12.5, { trigger: "timer" });
  return lines;
}

describe("createConsoleTelemetry", () => {
  it("shows warnings and errors only, unless asked for more", () => {
    expect(linesOf({})).toEqual([
      "2026-01-03T10:00:00.000Z warn   cluster frozen",
      "2026-01-03T10:00:00.000Z error  lease lost  lease=reconcile",
    ]);
  });

  it.each([
    ["silent", 0],
    ["error", 1],
    ["warn", 2],
    ["info", 3],
    ["metric", 4],
  ] as const)("at level %s shows %d of four entries", (level, count) => {
    expect(linesOf({ level })).toHaveLength(count);
  });

  it("writes fields so that a person and a tool can read them", () => {
    expect(linesOf({ level: "metric" })).toEqual([
      '2026-01-03T10:00:00.000Z info   pass ended  cluster=w1 reason="two words" changes=3',
      "2026-01-03T10:00:00.000Z warn   cluster frozen",
      "2026-01-03T10:00:00.000Z error  lease lost  lease=reconcile",
      "2026-01-03T10:00:00.000Z metric pass.duration  trigger=timer value=12.5",
    ]);
    expect(linesOf({ level: "info", format: "json" }).map((line): unknown => JSON.parse(line))[0]).toEqual({
      at: "2026-01-03T10:00:00.000Z",
      level: "info",
      message: "pass ended",
      fields: { cluster: "w1", reason: "two words", changes: 3 },
    });
  });

  it.each(["text", "json"] as const)("keeps an entry on one line whatever it contains (%s)", (format) => {
    const lines: string[] = [];
    const telemetry = createConsoleTelemetry({ format, clock, write: (line) => lines.push(line) });
    telemetry.warn("first\nsecond\u001b[31m", { reason: "a\nb\r\u001b[2J\u009b1m" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/\p{Cc}/u);
  });

  it("never throws when a line cannot be written", () => {
    const telemetry = createConsoleTelemetry({
      clock,
      write: () => {
        throw new Error("EPIPE");
      },
    });
    expect(() => telemetry.error("anything")).not.toThrow();
  });
});
