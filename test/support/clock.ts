/**
 * A clock that stands still until a test advances it.
 * `advance` wakes sleepers in the order of their time and lets each run before the next, so that a loop of
 * "work, sleep, work" unrolls as it would in real time. With `autoAdvance` a sleep moves the clock itself and returns at
 * once: for simulations, where nobody else would.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../shared/ports.ts";

export type TestClock = Clock & {
  /** Moves wall and monotonic time. */
  advance(ms: number): Promise<void>;
  /** Moves wall time only, also backwards: somebody set the clock. */
  jumpWall(ms: number): void;
};

/** Saturday 2026-01-03 10:00:00 UTC; a fixed moment, so that snapshots of output stay the same. */
export const TEST_START_MS = Date.UTC(2026, 0, 3, 10);

type Sleeper = { readonly dueMs: number; readonly wake: () => void };

export function createTestClock(
  options: { readonly startMs?: number; readonly autoAdvance?: boolean } = {},
): TestClock {
  let monotonicMs = 0;
  let wallOffsetMs = options.startMs ?? TEST_START_MS;
  const sleepers = new Set<Sleeper>();

  const nextDue = (untilMs: number): Sleeper | undefined =>
    [...sleepers].filter((one) => one.dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];

  const sleepUntil = (dueMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        dueMs,
        wake: () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  return {
    nowMs: () => wallOffsetMs + monotonicMs,
    monotonicMs: () => monotonicMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      if (options.autoAdvance === true) {
        monotonicMs += Math.max(0, ms);
        return;
      }
      if (ms > 0) await sleepUntil(monotonicMs + ms, signal);
    },
    advance: async (ms) => {
      const untilMs = monotonicMs + ms;
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        monotonicMs = Math.max(monotonicMs, due.dueMs);
        due.wake();
        await nextTurn();
      }
      monotonicMs = untilMs;
    },
    jumpWall: (ms) => {
      wallOffsetMs += ms;
    },
  };
}
