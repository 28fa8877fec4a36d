/**
 * How fast one zone is written to. Azure takes 60 creates, 60 updates and 60 deletes per zone in any minute, from all
 * callers together, and answers the rest with 429. We stop at 50 of each: the ExternalDNS instances of the zone write there
 * as well, do not try a throttled create again before their next pass, and may lose one for good. Ten are five names.
 * Counted in this process alone: after a restart, or with a second app, Azure's 429 has the last word.
 */
import type { Clock } from "../../ports.ts";

export type WriteKind = "create" | "update" | "delete";

/** Of each kind, in any 60 s. */
export const WRITES_PER_MINUTE = 50;
const WINDOW_MS = 60_000;
/** Somebody may be told to wait while we do; more often than this within one wait, and the caller is told instead. */
const MAX_DELAYS = 10;

/** The wait would be longer than the caller allows, or its signal ended it. Nothing was sent. */
export class PaceExceeded extends Error {
  override readonly name = "PaceExceeded";
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`no write may start for another ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}

type Lane = {
  /** When writes started or are going to, monotonic ms, ascending; those of the last minute and later. */
  starts: readonly number[];
  /** Azure asked us to wait until then. */
  heldUntilMs: number;
};

export class WritePace {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #lanes = new Map<WriteKind, Lane>();
  constructor(clock: Clock, perMinute = WRITES_PER_MINUTE) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /**
   * Resolves when a write of this kind may be sent, and counts it. First come, first served.
   * @throws PaceExceeded at once when the wait would pass `longestWaitMs`, or when the signal ends it.
   */
  async turn(
    kind: WriteKind,
    options: { readonly longestWaitMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const endMs = this.#clock.monotonicMs() + options.longestWaitMs;
    for (let delays = 0; delays < MAX_DELAYS; delays += 1) {
      const nowMs = this.#clock.monotonicMs();
      const lane = this.#lane(kind, nowMs);
      const startMs = this.#earliest(lane, nowMs);
      if (startMs > endMs) throw new PaceExceeded(startMs - nowMs);
      lane.starts = [...lane.starts, startMs];
      if (startMs === nowMs) return;
      const waited = await this.#wait(startMs - nowMs, options.signal);
      if (waited && lane.heldUntilMs <= this.#clock.monotonicMs()) return;
      lane.starts = without(lane.starts, startMs);
      if (!waited) throw new PaceExceeded(startMs - nowMs);
    }
    throw new PaceExceeded(options.longestWaitMs);
  }

  /** Azure answered 429: nobody writes in this way before `ms` have passed. */
  hold(kind: WriteKind, ms: number): void {
    const nowMs = this.#clock.monotonicMs();
    const lane = this.#lane(kind, nowMs);
    lane.heldUntilMs = Math.max(lane.heldUntilMs, nowMs + ms);
  }

  /** Never before one that has its turn already, so that a turn that was given back shortens nobody's minute. */
  #earliest(lane: Lane, nowMs: number): number {
    const { starts, heldUntilMs } = lane;
    const full = starts.at(-this.#perMinute);
    return Math.max(nowMs, heldUntilMs, starts.at(-1) ?? 0, full === undefined ? 0 : full + WINDOW_MS);
  }

  #lane(kind: WriteKind, nowMs: number): Lane {
    const lane = this.#lanes.get(kind) ?? { starts: [], heldUntilMs: 0 };
    this.#lanes.set(kind, lane);
    lane.starts = lane.starts.filter((startMs) => startMs > nowMs - WINDOW_MS);
    return lane;
  }

  async #wait(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.sleep(ms, signal);
      return true;
    } catch {
      return false;
    }
  }
}

function without(starts: readonly number[], startMs: number): readonly number[] {
  const index = starts.indexOf(startMs);
  return index < 0 ? starts : [...starts.slice(0, index), ...starts.slice(index + 1)];
}

const paces = new WeakMap<Clock, Map<string, WritePace>>();

/** The one pace of a zone in this process, whoever opened it: Azure counts per zone. @param zoneId in lower case. */
export function paceOf(clock: Clock, zoneId: string): WritePace {
  const zones = paces.get(clock) ?? new Map<string, WritePace>();
  paces.set(clock, zones);
  const pace = zones.get(zoneId) ?? new WritePace(clock);
  zones.set(zoneId, pace);
  return pace;
}
