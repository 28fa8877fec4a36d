import { describe, expect, it } from "vitest";
import { asNoAnswer, NoAnswerFailure, StatusFailure } from "../../../../shared/adapters/kubernetes/request-failure.ts";

function coded(code: string, cause?: unknown): Error {
  return Object.assign(new Error("failed", { cause }), { code });
}

describe("asNoAnswer", () => {
  it.each([
    ["a code of its own", coded("ECONNREFUSED"), "ECONNREFUSED", false],
    ["a code of its cause", new Error("fetch failed", { cause: coded("ECONNRESET") }), "ECONNRESET", false],
    ["an authority that is not trusted", coded("SELF_SIGNED_CERT_IN_CHAIN"), "SELF_SIGNED_CERT_IN_CHAIN", true],
    [
      "a leaf that cannot be verified",
      coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      true,
    ],
    ["a certificate for another name", coded("ERR_TLS_CERT_ALTNAME_INVALID"), "ERR_TLS_CERT_ALTNAME_INVALID", true],
    ["an expired certificate", coded("CERT_HAS_EXPIRED"), "CERT_HAS_EXPIRED", true],
    ["no code", new Error("broken"), "", false],
    ["something that is no error", "broken", "", false],
  ])("keeps the code of %s", (_given, caught, code, certificate) => {
    expect(asNoAnswer(caught)).toMatchObject({ code, certificate });
  });

  it("leaves a failure as it is", () => {
    const failure = new NoAnswerFailure("REQUEST_TIMEOUT", "no answer within 30 ms");
    expect(asNoAnswer(failure)).toBe(failure);
  });

  it("ends with a cause that is its own cause", () => {
    const loop: Error = new Error("loop");
    loop.cause = loop;
    expect(asNoAnswer(loop).code).toBe("");
  });
});

describe("StatusFailure", () => {
  it("reads reason, message, kind and causes of a Kubernetes Status", () => {
    const details = { kind: "dnsendpoints", causes: [{ reason: "R", message: "m", field: ".spec" }, "no cause"] };
    const body = JSON.stringify({ kind: "Status", reason: "Conflict", message: "no", details });
    expect(new StatusFailure({ status: 409, body, retryAfterMs: undefined })).toMatchObject({
      message: "answered 409 Conflict: no",
      detailKind: "dnsendpoints",
      causes: [
        { reason: "R", message: "m", field: ".spec" },
        { reason: "", message: "", field: "" },
      ],
    });
  });

  it.each([
    ["plain text", "404 page not found\n", "404 page not found"],
    ["a page", "<html><h1>502</h1></html>", "<html><h1>502</h1></html>"],
    ["nothing", "", "no body"],
    ["JSON that is no Status", '["a"]', '["a"]'],
  ])("has no reason for %s", (_given, body, detail) => {
    expect(new StatusFailure({ status: 502, body, retryAfterMs: undefined })).toMatchObject({ reason: "", detail });
  });
});
