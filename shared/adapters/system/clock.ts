/**
 * The real clock. Wall time may jump; monotonic time never goes back, and counts from the start of the process.
 * On Linux the monotonic clock stands still while a machine or its VM is suspended, but a lease in the store does not. So
 * where wall time ran ahead of it, monotonic time follows: time that may have passed counts as passed. A wall clock that
 * is set forward therefore ends leases and deadlines early, which is the safe side.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../ports.ts";

/** Corrections of the wall clock below this are taken for what they are; a suspension is longer. */
const SUSPENSION_MS = 1_000;

/** Joins both clocks as described above. `wallMs` and `steadyMs` are read once per call. */
export function suspensionAware(wallMs: () => number, steadyMs: () => number): () => number {
  let last = { wallMs: wallMs(), steadyMs: steadyMs() };
  let totalMs = 0;
  return () => {
    const now = { wallMs: wallMs(), steadyMs: steadyMs() };
    const steadyPassed = Math.max(0, now.steadyMs - last.steadyMs);
    const wallPassed = now.wallMs - last.wallMs;
    totalMs += wallPassed > steadyPassed + SUSPENSION_MS ? wallPassed : steadyPassed;
    last = now;
    return totalMs;
  };
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: suspensionAware(
    () => Date.now(),
    () => performance.now(),
  ),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (caught) {
      // Node.js rejects with an AbortError of its own; callers want the reason they gave (a deadline, a lost lease).
      signal?.throwIfAborted();
      throw caught;
    }
  },
};
