/**
 * How long each function may take. The platform's own limits end the whole process or the connection, so ours come first:
 * functionTimeout in host.json (10 min) kills the worker with everything in it, Azure cuts HTTP answers at 230 s, and
 * Event Grid sends again after 30 s.
 */
import { FleetError } from "../shared/errors.ts";

export type Limit = {
  /** Then the work is asked to stop. */
  readonly deadlineMs: number;
  /** How long it may take to stop (give back its lease, write its report). Then it is left alone. */
  readonly graceMs: number;
};

export const TICK_LIMIT: Limit = { deadlineMs: 300_000, graceMs: 60_000 };
export const HTTP_LIMIT: Limit = { deadlineMs: 200_000, graceMs: 12_000 };
/** A forced pass gets HTTP_LIMIT; the mark that is left when it was too short comes after that, still within 230 s. */
export const FORCED_LIMIT: Limit = { deadlineMs: 224_000, graceMs: 2_000 };
export const EVENT_LIMIT: Limit = { deadlineMs: 20_000, graceMs: 5_000 };

/** Our own deadline passed. What was asked may still be under way elsewhere; nothing is lost by asking again. */
export class DeadlineError extends FleetError {
  override readonly name = "DeadlineError";
  readonly code = "DEADLINE";
  readonly retryable = true;
  constructor(deadlineMs: number) {
    super(`no result within ${deadlineMs / 1000} s`);
  }
}

/**
 * @param work gets a signal that is aborted at the deadline; it should then stop and may still return what it has.
 * @returns what the work returned; `late` when that was after the deadline, so that it may be unfinished.
 * @throws what the work threw before the deadline; DeadlineError when it threw after it, or never ended.
 */
export async function within<T>(
  limit: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly value: T; readonly late: boolean }> {
  const deadline = new DeadlineError(limit.deadlineMs);
  const stop = new AbortController();
  const atDeadline = setTimeout(() => stop.abort(deadline), limit.deadlineMs);
  let atEnd: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    atEnd = setTimeout(() => reject(deadline), limit.deadlineMs + limit.graceMs);
  });
  try {
    // The race also observes work that fails after it was left alone: a stray rejection would kill the worker.
    const value = await Promise.race([work(stop.signal), silence]);
    return { value, late: stop.signal.aborted };
  } catch (caught) {
    throw stop.signal.aborted ? deadline : caught;
  } finally {
    clearTimeout(atDeadline);
    clearTimeout(atEnd);
  }
}
