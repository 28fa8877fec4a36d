/**
 * Which failures are worth another try, and after what wait. Every request of this adapter may be repeated: reads, applies
 * and deletes with preconditions, status patches, and Events with a name of their own; so only the failure decides.
 * Waits have full jitter (a fleet of callers must not come back together), honour `Retry-After`, and end with the caller's signal.
 */
import { setTimeout as delay } from "node:timers/promises";
import pRetry from "p-retry";
import { ThrottledError } from "../../errors.ts";
import { NoAnswerFailure, StatusFailure } from "./request-failure.ts";

export type RetryPolicy = {
  /** Requests in all, the first included. */
  readonly attempts: number;
  /** Upper end of the first wait; doubles each time. */
  readonly baseMs: number;
  readonly capMs: number;
  /** A server that asks for a longer wait than this is left alone until the next pass. */
  readonly longestAskedWaitMs: number;
};

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 4,
  baseMs: 200,
  capMs: 5_000,
  longestAskedWaitMs: 10_000,
};

/** Time and chance, so that tests need neither. */
export type Waiting = {
  /** Rejects when the signal fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** In [0, 1). */
  readonly random: () => number;
};

export const REAL_WAITING: Waiting = {
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: Math.random,
};

export type RetryOptions = {
  readonly place: string;
  readonly signal: AbortSignal;
  /** Reads repeat after any 5xx. A write that got 500 was judged, mostly by a webhook that failed: no second time. */
  readonly access: "read" | "write";
  readonly policy?: RetryPolicy;
  readonly waiting?: Waiting;
};

export type RetryDecision =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  | { readonly kind: "give-up" };

/**
 * @param attempt the one that failed, from 1.
 * @param random in [0, 1).
 */
export function decideRetry(options: {
  readonly failure: unknown;
  readonly attempt: number;
  readonly access: RetryOptions["access"];
  readonly policy: RetryPolicy;
  readonly random: number;
}): RetryDecision {
  const { failure, attempt, policy } = options;
  if (!isTransient(failure, options.access)) return { kind: "give-up" };
  const askedMs = failure instanceof StatusFailure ? failure.retryAfterMs : undefined;
  const throttled = failure instanceof StatusFailure && failure.status === 429;
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
  const jitterMs = Math.floor(options.random * ceilingMs);
  // Never earlier than asked; the jitter comes on top, so that those who were refused together spread out.
  const ms = (askedMs ?? 0) + jitterMs;
  const tooLong = askedMs !== undefined && askedMs > policy.longestAskedWaitMs;
  if (tooLong || attempt >= policy.attempts) {
    return throttled ? { kind: "throttled", retryAfterMs: askedMs ?? ceilingMs } : { kind: "give-up" };
  }
  return { kind: "wait", ms };
}

function isTransient(failure: unknown, access: RetryOptions["access"]): boolean {
  if (failure instanceof NoAnswerFailure) return !failure.certificate;
  if (!(failure instanceof StatusFailure)) return false;
  if (failure.status === 429 || (failure.status > 500 && failure.status < 600)) return true;
  return failure.status === 500 && (access === "read" || failure.retryAfterMs !== undefined);
}

/**
 * Runs the operation until it succeeds, fails for good, or the policy ends.
 * @throws what the last attempt threw; ThrottledError when the server asks for a longer wait than there is.
 */
export async function withRetries<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const policy = options.policy ?? DEFAULT_RETRY_POLICY;
  const waiting = options.waiting ?? REAL_WAITING;
  return await pRetry(operation, {
    retries: policy.attempts - 1,
    // The waiting is done below: p-retry's own has no full jitter and does not know Retry-After.
    minTimeout: 0,
    shouldRetry: () => true,
    onFailedAttempt: async ({ error, attemptNumber }) => {
      if (options.signal.aborted) throw error;
      const decision = decideRetry({
        failure: error,
        attempt: attemptNumber,
        access: options.access,
        policy,
        random: waiting.random(),
      });
      if (decision.kind === "give-up") throw error;
      if (decision.kind === "throttled") throw new ThrottledError(options.place, decision.retryAfterMs, error);
      await waitOrThrow({ options, waiting, error, ms: decision.ms });
    },
  });
}

/** A wait that the caller's signal ends means that there was not enough time left for it. */
async function waitOrThrow(wait: {
  readonly options: RetryOptions;
  readonly waiting: Waiting;
  readonly error: Error;
  readonly ms: number;
}): Promise<void> {
  try {
    await wait.waiting.sleep(wait.ms, wait.options.signal);
  } catch {
    const { error } = wait;
    if (error instanceof StatusFailure && error.status === 429 && isDeadline(wait.options.signal)) {
      throw new ThrottledError(wait.options.place, error.retryAfterMs ?? wait.ms, error);
    }
    throw error;
  }
}

/** Whether the signal fired because time was up, and not because the caller stopped for another reason. */
export function isDeadline(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof Error && reason.name === "TimeoutError";
}
