import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NoAnswerFailure, StatusFailure } from "../../../../shared/adapters/kubernetes/request-failure.ts";
import {
  decideRetry,
  DEFAULT_RETRY_POLICY,
  type RetryOptions,
  type RetryPolicy,
  withRetries,
} from "../../../../shared/adapters/kubernetes/retry.ts";

const policy: RetryPolicy = { attempts: 4, baseMs: 200, capMs: 500, longestAskedWaitMs: 10_000 };

function status(code: number, retryAfterMs?: number): StatusFailure {
  return new StatusFailure({ status: code, body: "", retryAfterMs });
}

describe("decideRetry", () => {
  it.each<[string, unknown, RetryOptions["access"], number, object]>([
    ["a broken connection", new NoAnswerFailure("ECONNRESET", ""), "read", 1, { kind: "wait", ms: 100 }],
    ["the second time", new NoAnswerFailure("ECONNRESET", ""), "read", 2, { kind: "wait", ms: 200 }],
    ["the third time, at the cap", new NoAnswerFailure("ECONNRESET", ""), "write", 3, { kind: "wait", ms: 250 }],
    ["the last attempt", new NoAnswerFailure("ECONNRESET", ""), "read", 4, { kind: "give-up" }],
    ["a certificate", new NoAnswerFailure("CERT_HAS_EXPIRED", ""), "read", 1, { kind: "give-up" }],
    ["500 on a read", status(500), "read", 1, { kind: "wait", ms: 100 }],
    ["500 on a write", status(500), "write", 1, { kind: "give-up" }],
    ["500 on a write that may come again", status(500, 1_000), "write", 1, { kind: "wait", ms: 1_100 }],
    ["503", status(503), "write", 1, { kind: "wait", ms: 100 }],
    ["503 that asks for a long wait", status(503, 60_000), "write", 1, { kind: "give-up" }],
    ["429 without a time", status(429), "write", 1, { kind: "wait", ms: 100 }],
    ["429 with a time", status(429, 2_000), "write", 1, { kind: "wait", ms: 2_100 }],
    ["429 with a long time", status(429, 60_000), "write", 1, { kind: "throttled", retryAfterMs: 60_000 }],
    ["429 on the last attempt", status(429), "read", 4, { kind: "throttled", retryAfterMs: 500 }],
    ["403", status(403), "read", 1, { kind: "give-up" }],
    ["404", status(404), "read", 1, { kind: "give-up" }],
    ["409", status(409), "write", 1, { kind: "give-up" }],
    ["410", status(410), "read", 1, { kind: "give-up" }],
    ["a bug of ours", new TypeError("x is undefined"), "read", 1, { kind: "give-up" }],
  ])("given %s, decides as it should", (...[, failure, access, attempt, expected]) => {
    expect(decideRetry({ failure, attempt, access, policy, random: 0.5 })).toEqual(expected);
  });

  it("never waits shorter than asked, nor longer than asked and the cap together", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const asked = fc.option(fc.nat({ max: policy.longestAskedWaitMs }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom(429, 503),
        asked,
        fc.integer({ min: 1, max: 3 }),
        random,
        (code, ms, attempt, chance) => {
          const decision = decideRetry({ failure: status(code, ms), attempt, access: "write", policy, random: chance });
          if (decision.kind !== "wait") throw new Error(decision.kind);
          expect(decision.ms).toBeGreaterThanOrEqual(ms ?? 0);
          expect(decision.ms).toBeLessThanOrEqual((ms ?? 0) + policy.capMs);
        },
      ),
    );
  });
});

const failing = (failures: readonly Error[]): (() => Promise<string>) => {
  const left = [...failures];
  return () => {
    const next = left.shift();
    return next === undefined ? Promise.resolve("done") : Promise.reject(next);
  };
};
const options = (waits: number[], signal = new AbortController().signal): RetryOptions => ({
  place: "cluster/w1",
  signal,
  access: "read",
  policy,
  waiting: {
    sleep: (ms) => {
      waits.push(ms);
      return signal.aborted ? Promise.reject(new Error("aborted")) : Promise.resolve();
    },
    random: () => 0.5,
  },
});

describe("withRetries", () => {
  it("goes on until it succeeds, with growing waits", async () => {
    const waits: number[] = [];
    await expect(withRetries(failing([status(503), status(502), status(500)]), options(waits))).resolves.toBe("done");
    expect(waits).toEqual([100, 200, 250]);
  });

  it("throws the last failure when the attempts are used up", async () => {
    const last = status(503);
    const all = [status(500), status(500), status(500), last, status(500)];
    await expect(withRetries(failing(all), options([]))).rejects.toBe(last);
  });

  it("throws at once what no retry can help", async () => {
    const waits: number[] = [];
    const forbidden = status(403);
    await expect(withRetries(failing([forbidden]), options(waits))).rejects.toBe(forbidden);
    expect(waits).toEqual([]);
  });

  it("does not hide a bug of ours behind retries", async () => {
    const bug = new TypeError("x is undefined");
    await expect(withRetries(failing([bug]), options([]))).rejects.toBe(bug);
  });

  it("says what was asked for when the wait would be too long", async () => {
    await expect(withRetries(failing([status(429, 60_000)]), options([]))).rejects.toMatchObject({
      code: "THROTTLED",
      retryAfterMs: 60_000,
    });
  });

  it("starts nothing more once the caller's signal fired", async () => {
    const stop = new AbortController();
    const failure = status(503);
    let calls = 0;
    const operation = (): Promise<string> => {
      calls += 1;
      stop.abort();
      return Promise.reject(failure);
    };
    await expect(withRetries(operation, options([], stop.signal))).rejects.toBe(failure);
    expect(calls).toBe(1);
  });

  it("makes at most as many attempts as the policy says, whatever fails", async () => {
    const codes = fc.array(fc.constantFrom(429, 500, 502, 503, 504), { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(codes, async (all) => {
        let calls = 0;
        const run = failing(all.map((code) => status(code)));
        const counted = (): Promise<string> => {
          calls += 1;
          return run();
        };
        await expect(withRetries(counted, options([]))).rejects.toBeInstanceOf(Error);
        expect(calls).toBe(policy.attempts);
      }),
    );
  });

  it("has a default that ends within the deadline of a snapshot", () => {
    const { attempts, capMs } = DEFAULT_RETRY_POLICY;
    expect((attempts - 1) * capMs).toBeLessThanOrEqual(15_000);
  });
});
