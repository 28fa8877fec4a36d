import { describe, expect, it } from "vitest";
import { asFleetError } from "../../../../shared/adapters/kubernetes/fleet-errors.ts";
import { NoAnswerFailure, StatusFailure } from "../../../../shared/adapters/kubernetes/request-failure.ts";
import { ClusterCertificateError, ForbiddenError } from "../../../../shared/errors.ts";

const what = "list services";
const running = new AbortController().signal;
const late = AbortSignal.abort(new DOMException("late", "TimeoutError"));

function status(code: number, retryAfterMs?: number): StatusFailure {
  return new StatusFailure({ status: code, body: "", retryAfterMs });
}

describe("asFleetError", () => {
  it.each<[string, unknown, AbortSignal, object]>([
    ["no connection", new NoAnswerFailure("ECONNREFUSED", "refused"), running, { code: "CLUSTER_UNREACHABLE" }],
    ["a wrong CA", new NoAnswerFailure("SELF_SIGNED_CERT_IN_CHAIN", ""), running, { code: "CLUSTER_CERTIFICATE" }],
    ["401", status(401), running, { code: "CLUSTER_UNAUTHORIZED" }],
    ["403", status(403), running, { code: "FORBIDDEN", what, place: "cluster/w1" }],
    ["429", status(429, 7_000), running, { code: "THROTTLED", retryAfterMs: 7_000 }],
    [
      "500",
      status(500),
      running,
      {
        code: "CLUSTER_UNREACHABLE",
        message: expect.stringMatching(/^cluster w1 gives no usable answer: .*500/) as unknown,
      },
    ],
    ["an odd answer", status(302), running, { code: "CLUSTER_UNREACHABLE" }],
    ["a deadline", late.reason, late, { code: "CLUSTER_UNREACHABLE" }],
    [
      "a deadline in the middle of retries",
      new NoAnswerFailure("ECONNRESET", ""),
      late,
      { code: "CLUSTER_UNREACHABLE" },
    ],
    ["an answer just before the deadline", status(403), late, { code: "FORBIDDEN" }],
  ])("calls %s by its name", (_given, caught, signal, expected) => {
    const error = asFleetError(caught, { cluster: "w1", what, signal });
    expect(error).toMatchObject(expected);
    expect(error).toHaveProperty("cause", caught);
  });

  it("passes on the reason of a caller who stopped, and a FleetError as it is", () => {
    const reason = new Error("the lease is lost");
    const stopped = AbortSignal.abort(reason);
    expect(asFleetError(new NoAnswerFailure("", ""), { cluster: "w1", what, signal: stopped })).toBe(reason);
    const forbidden = new ForbiddenError("cluster/w1", what);
    expect(asFleetError(forbidden, { cluster: "w1", what, signal: stopped })).toBe(forbidden);
  });

  it("does not dress up a bug of ours", () => {
    const bug = new TypeError("x is undefined");
    expect(asFleetError(bug, { cluster: "w1", what, signal: running })).toBe(bug);
  });
});

describe("ClusterCertificateError", () => {
  it.each([
    ["ERR_TLS_CERT_ALTNAME_INVALID", /is for another name .*tls-server-name/],
    ["SELF_SIGNED_CERT_IN_CHAIN", /is not trusted .*check the CA/],
  ])("says of %s what is wrong with the certificate", (code, message) =>
    expect(new ClusterCertificateError("w1", code).message).toMatch(message),
  );
});
