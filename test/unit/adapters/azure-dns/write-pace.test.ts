import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paceOf, PaceExceeded, WritePace, type WriteKind } from "../../../../shared/adapters/azure-dns/write-pace.ts";
import { createTestClock, type TestClock } from "../../../support/clock.ts";

const MINUTE_MS = 60_000;
const patient = { longestWaitMs: 10 * MINUTE_MS, signal: new AbortController().signal };
const impatient = { ...patient, longestWaitMs: 10_000 };

/** Turns that were given, as monotonic times, in the order in which they were given. */
function starting(clock: TestClock, pace: WritePace, kind: WriteKind, count: number): readonly number[] {
  const starts: number[] = [];
  for (let one = 0; one < count; one += 1) {
    void pace.turn(kind, patient).then(() => starts.push(clock.monotonicMs()));
  }
  return starts;
}

function mostInAMinute(starts: readonly number[]): number {
  return Math.max(0, ...starts.map((end) => starts.filter((at) => at > end - MINUTE_MS && at <= end).length));
}

describe("WritePace", () => {
  it("lets 50 writes of a kind start at once, and the next when the first is a minute old", async () => {
    const clock = createTestClock();
    const starts = starting(clock, new WritePace(clock), "create", 80);
    await nextTurn();
    expect(starts).toEqual(Array(50).fill(0));
    await clock.advance(MINUTE_MS - 1);
    expect(starts).toHaveLength(50);
    await clock.advance(1);
    expect(starts.slice(50)).toEqual(Array(30).fill(MINUTE_MS));
  });

  it("counts creates, updates and deletes apart", async () => {
    const clock = createTestClock();
    const pace = new WritePace(clock, 1);
    for (const kind of ["create", "update", "delete"] as const) await pace.turn(kind, impatient);
    await expect(pace.turn("delete", impatient)).rejects.toBeInstanceOf(PaceExceeded);
  });

  it("says at once how long it would be, when that is longer than the caller waits", async () => {
    const clock = createTestClock();
    const pace = new WritePace(clock, 1);
    await pace.turn("update", impatient);
    await clock.advance(20_000);
    await expect(pace.turn("update", impatient)).rejects.toMatchObject({ waitMs: 40_000 });
    await clock.advance(30_000);
    const turn = pace.turn("update", impatient);
    await clock.advance(10_000);
    await expect(turn).resolves.toBeUndefined();
  });

  it("gives the turn of a caller that stopped to nobody, and keeps the minute", async () => {
    const clock = createTestClock();
    const pace = new WritePace(clock, 2);
    const stop = new AbortController();
    const starts = [...starting(clock, pace, "create", 2)];
    const stopped = pace.turn("create", { ...patient, signal: stop.signal });
    const after = starting(clock, pace, "create", 2);
    stop.abort(new Error("stopped"));
    await expect(stopped).rejects.toBeInstanceOf(PaceExceeded);
    await clock.advance(MINUTE_MS);
    await clock.advance(MINUTE_MS);
    expect(after).toHaveLength(2);
    expect(mostInAMinute([...starts, ...after])).toBeLessThanOrEqual(2);
  });

  it("holds everybody while Azure asks to wait, those who wait already as well", async () => {
    const clock = createTestClock();
    const pace = new WritePace(clock, 1);
    await pace.turn("create", patient);
    const starts = starting(clock, pace, "create", 1);
    await clock.advance(MINUTE_MS - 1_000);
    pace.hold("create", 9_000);
    await clock.advance(8_000);
    expect(starts).toEqual([]);
    await clock.advance(1_000);
    expect(starts).toEqual([MINUTE_MS + 8_000]);
    await expect(pace.turn("update", impatient)).resolves.toBeUndefined();
  });

  it("never lets more start in any minute, whoever comes, stops or is told to wait, and gives everybody else a turn", async () => {
    const happening = fc.oneof(
      fc.record({ what: fc.constant("come" as const), stops: fc.boolean() }),
      fc.record({ what: fc.constant("hold" as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
      fc.record({ what: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (all, limit) => {
        const clock = createTestClock();
        const pace = new WritePace(clock, limit);
        const starts: number[] = [];
        const stops: AbortController[] = [];
        let waiting = 0;
        for (const one of all) {
          if (one.what === "pass") await clock.advance(one.ms);
          else if (one.what === "hold") pace.hold("create", one.ms);
          else {
            const stop = new AbortController();
            if (one.stops) stops.push(stop);
            else waiting += 1;
            void pace.turn("create", { longestWaitMs: 1e9, signal: stop.signal }).then(
              () => void starts.push(clock.monotonicMs()),
              () => {},
            );
          }
          await nextTurn();
          if (stops.length > 1) stops.shift()?.abort(new Error("stopped"));
        }
        for (const stop of stops) stop.abort(new Error("stopped"));
        for (let minute = 0; minute <= all.length; minute += 1) await clock.advance(2 * MINUTE_MS);
        expect(mostInAMinute(starts)).toBeLessThanOrEqual(limit);
        expect(starts.length).toBeGreaterThanOrEqual(waiting);
      }),
      { numRuns: 60 },
    );
  });
});

describe("paceOf", () => {
  it("is one pace for a zone in this process, and another for another zone or clock", () => {
    const clock = createTestClock();
    expect(paceOf(clock, "/a")).toBe(paceOf(clock, "/a"));
    expect(paceOf(clock, "/a")).not.toBe(paceOf(clock, "/b"));
    expect(paceOf(clock, "/a")).not.toBe(paceOf(createTestClock(), "/a"));
  });
});
