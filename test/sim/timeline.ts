/**
 * Time of a simulated run: a queue of things that happen at a moment. Nothing here waits for real time. Between two events
 * the code under test runs until all of it waits again, so that the same seed gives the same order of everything.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { TestClock } from "../support/clock.ts";

type Happening = {
  readonly dueMs: number;
  readonly number: number;
  readonly resumes: boolean;
  readonly run: () => void;
};

/** More events than any run has: a run that does not end is a defect, not a long run. */
const mostEvents = 200_000;

export class Timeline {
  readonly clock: TestClock;
  /** Latest first, so that the next one is taken from the end. */
  readonly #queue: Happening[] = [];
  #number = 0;
  #happened = 0;

  constructor(clock: TestClock) {
    this.clock = clock;
  }

  /** Something of the world; with `resumes` the product goes on because of it, before the next event. */
  after(ms: number, run: () => void, resumes = false): void {
    this.#add(ms, run, resumes);
  }

  /** Resolves when the moment is there; whoever waits goes on before the next event. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#add(ms, resolve, true);
    });
  }

  /** Lets time pass until `done`, at most to `untilMs` on the monotonic clock. */
  async run(done: () => boolean, untilMs = Infinity): Promise<void> {
    await nextTurn();
    while (!done()) {
      const next = this.#queue.at(-1);
      if (next === undefined || next.dueMs > untilMs) {
        if (untilMs !== Infinity) await this.#advanceTo(untilMs);
        return;
      }
      this.#happened += 1;
      if (this.#happened > mostEvents) throw new Error(`the run did not end after ${mostEvents} events`);
      this.#queue.pop();
      await this.#advanceTo(next.dueMs);
      next.run();
      if (next.resumes) await nextTurn();
    }
  }

  async #advanceTo(dueMs: number): Promise<void> {
    const ms = dueMs - this.clock.monotonicMs();
    if (ms > 0) await this.clock.advance(ms);
  }

  #add(ms: number, run: () => void, resumes: boolean): void {
    this.#number += 1;
    const happening = { dueMs: this.clock.monotonicMs() + Math.max(0, ms), number: this.#number, resumes, run };
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#queue[middle];
      if (other !== undefined && isLater(other, happening)) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, happening);
  }
}

function isLater(one: Happening, other: Happening): boolean {
  return one.dueMs > other.dueMs || (one.dueMs === other.dueMs && one.number > other.number);
}
