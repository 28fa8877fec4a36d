import { describe, expect, it } from "vitest";
import { logLine } from "../../../../cli/serve/log-line.ts";

const NOON_MS = Date.UTC(2026, 0, 1, 12, 0, 15);

function entry(message: string, level: "information" | "warning" = "information") {
  return { level, category: "user", message, functionName: "reconcile_timer" } as const;
}

describe("logLine", () => {
  it.each([
    [
      entry(`{"message":"pass ended","ended":"complete","changes":3}`),
      "12:00:15 reconcile_timer pass ended, ended complete, changes 3",
    ],
    [entry(`{"message":"event dropped"}`, "warning"), "12:00:15 reconcile_timer warning: event dropped"],
    [entry("not one of ours"), "12:00:15 reconcile_timer not one of ours"],
    [entry(`["a list"]`), `12:00:15 reconcile_timer ["a list"]`],
    [{ level: "information", category: "system", message: "started" } as const, "12:00:15 host started"],
  ])("given %j, writes %s", (given, line) => {
    expect(logLine(given, NOON_MS)).toBe(line);
  });

  it("leaves measurements out", () => {
    expect(logLine(entry(`{"message":"metric","name":"x","value":1}`), NOON_MS)).toBeUndefined();
  });
});
