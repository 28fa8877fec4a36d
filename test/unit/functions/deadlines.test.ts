import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeadlineError, EVENT_LIMIT, FORCED_LIMIT, HTTP_LIMIT, within } from "../../../functions/deadlines.ts";
import { untilAborted } from "../../support/functions-host/fake-fleet-app.ts";

const LIMIT = { deadlineMs: 1_000, graceMs: 100 };

describe("within", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("returns what the work returns in time", async () => {
    await expect(within(LIMIT, () => Promise.resolve(7))).resolves.toEqual({ value: 7, late: false });
  });

  it("throws what the work throws in time", async () => {
    await expect(within(LIMIT, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  it("asks the work to stop at the deadline and takes what it still returns as late", async () => {
    const stopping = within(LIMIT, async (signal) => {
      await untilAborted(signal).catch(() => undefined);
      return "half";
    });
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(stopping).resolves.toEqual({ value: "half", late: true });
  });

  it.each([
    ["fails when it is asked to stop", (signal: AbortSignal) => untilAborted(signal)],
    ["never ends, whatever it is asked", () => untilAborted(undefined)],
  ])("throws DeadlineError when the work %s", async (_how, work) => {
    const given = within(LIMIT, work);
    const seen = expect(given).rejects.toBeInstanceOf(DeadlineError);
    await vi.advanceTimersByTimeAsync(1_100);
    await seen;
  });

  it("leaves no timer behind", async () => {
    await within(LIMIT, () => Promise.resolve());
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the limits", () => {
  it.each([
    ["a read over HTTP ends before Azure cuts the answer", HTTP_LIMIT, 230_000],
    ["a forced pass with its mark ends before Azure cuts the answer", FORCED_LIMIT, 230_000],
    ["an event is answered before Event Grid sends it again", EVENT_LIMIT, 30_000],
  ])("%s", (_rule, limit, platformMs) => {
    expect(limit.deadlineMs + limit.graceMs).toBeLessThan(platformMs);
  });

  it("leave 10 s for the mark behind a forced pass that was too long", () => {
    expect(FORCED_LIMIT.deadlineMs - HTTP_LIMIT.deadlineMs - HTTP_LIMIT.graceMs).toBeGreaterThanOrEqual(10_000);
  });
});
