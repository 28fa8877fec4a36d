import { describe, expect, it } from "vitest";
import { DeadlineError } from "../../../functions/deadlines.ts";
import { failureAnswer, failureOf } from "../../../functions/failures.ts";
import {
  ConfigurationError,
  ForbiddenError,
  InvariantError,
  LeaseHeldError,
  StoreUnavailableError,
} from "../../../shared/errors.ts";

describe("failureOf", () => {
  it.each([
    ["a store that may be back in a moment", new StoreUnavailableError("timeout"), 503, "STORE_UNAVAILABLE"],
    ["a lease somebody holds", new LeaseHeldError("reconcile", "functions-2"), 503, "LEASE_HELD"],
    ["our own deadline", new DeadlineError(200_000), 503, "DEADLINE"],
    ["a missing right", new ForbiddenError("w1", "list services"), 500, "FORBIDDEN"],
    ["a broken assumption of ours", new InvariantError("zones overlap"), 500, "INVARIANT"],
    ["an error of an SDK", new TypeError("fetch failed: Bearer eyJ0"), 500, "INTERNAL"],
    ["a value that is no error", "boom", 500, "INTERNAL"],
  ])("answers %s with a status, a code, a sentence and a next step", (_what, caught, status, code) => {
    const failure = failureOf(caught);
    expect(failure).toMatchObject({ status, code });
    expect(failure.message).not.toBe("");
    expect(failure.next).not.toBe("");
  });

  it("says nothing of an error it does not know: its message may hold a token or a body", () => {
    const told = JSON.stringify(failureAnswer(failureOf(new Error("Authorization: Bearer eyJ0")), "invocation-1"));
    expect(told).not.toContain("eyJ0");
    expect(told).not.toContain("    at ");
    expect(told).toContain("invocation-1");
  });

  it("names every fault of the configuration by its path", () => {
    const faults = [
      { path: "clusters[0].name", message: "is required" },
      { path: "store.kind", message: "must be one of file, blob" },
    ];
    expect(failureOf(new ConfigurationError("fleet.yaml", faults))).toMatchObject({
      status: 500,
      code: "CONFIGURATION",
      faults,
    });
  });
});
