import { describe, expect, it } from "vitest";
import { suspensionAware, systemClock } from "../../../../shared/adapters/system/clock.ts";

describe("suspensionAware", () => {
  it.each([
    ["both clocks run alike", [[100, 100]], 100],
    ["the wall clock is corrected by less than a second", [[1_100, 100]], 100],
    ["the machine was suspended for an hour", [[3_600_100, 100]], 3_600_100],
    ["the wall clock was set back", [[-50_000, 100]], 100],
    [
      "it was set back and forth",
      [
        [-50_000, 100],
        [50_100, 100],
      ],
      50_200,
    ],
    ["nothing passes", [[0, 0]], 0],
  ] as const)("when %s, gives the time that may have passed", (_when, steps, totalMs) => {
    let wall = 5_000;
    let steady = 7;
    const clock = suspensionAware(
      () => wall,
      () => steady,
    );
    let last = clock();
    for (const [wallPassed, steadyPassed] of steps) {
      wall += wallPassed;
      steady += steadyPassed;
      expect(clock()).toBeGreaterThanOrEqual(last);
      last = clock();
    }
    expect(last).toBe(totalMs);
  });
});

describe("systemClock", () => {
  it("ends a sleep with the reason of the signal, before and during it", async () => {
    const reason = new Error("deadline");
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });

  it("sleeps without a signal", async () => {
    await expect(systemClock.sleep(0)).resolves.toBeUndefined();
  });
});
