import { describe, expect, it } from "vitest";
import { createTestClock, TEST_START_MS } from "../../support/clock.ts";

describe("createTestClock", () => {
  it("stands still until it is advanced", async () => {
    const clock = createTestClock();
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([TEST_START_MS, 0]);
    await clock.advance(250);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([TEST_START_MS + 250, 250]);
  });

  it("wakes sleepers in the order of their time, each at its time, also those that come on the way", async () => {
    const clock = createTestClock();
    const woken: string[] = [];
    const loop = async (name: string, ms: number): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await clock.sleep(ms);
        woken.push(`${name}@${clock.monotonicMs()}`);
      }
    };
    const loops = [loop("slow", 30), loop("fast", 20)];
    await clock.advance(65);
    expect(woken).toEqual(["fast@20", "slow@30", "fast@40", "slow@60", "fast@60"]);
    await clock.advance(100);
    await Promise.all(loops);
    expect(clock.monotonicMs()).toBe(165);
  });

  it("moves by itself with autoAdvance", async () => {
    const clock = createTestClock({ autoAdvance: true, startMs: 0 });
    await clock.sleep(1_000);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 1_000]);
  });

  it("sets the wall clock without moving monotonic time", () => {
    const clock = createTestClock({ startMs: 10_000 });
    clock.jumpWall(-4_000);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([6_000, 0]);
  });

  it("ends a sleep with the reason of the signal", async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(new Error("deadline"));
    await expect(sleeping).rejects.toThrow("deadline");
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow("deadline");
    await clock.advance(20);
  });
});
