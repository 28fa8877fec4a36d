import { describe, expect, it } from "vitest";
import {
  describe as describeFailure,
  refusalOf,
  retryAfterMs,
  withoutRequest,
} from "../../../../shared/contracts/azure/request-failure.ts";

const NOW_MS = Date.UTC(2026, 0, 3, 10);

describe("refusalOf", () => {
  it.each([
    ["Resource Manager's wrapping", { error: { code: "A", message: "b c" } }, { code: "A", sentence: "b c" }],
    ["what the service behind it says bare", { code: "A", message: "b\nc" }, { code: "A", sentence: "b c" }],
    ["a token that was printed", { code: "A", message: "Bearer x.y" }, { code: "A", sentence: "Bearer (token)" }],
    ["a page of HTML", "<html>", { code: "", sentence: "" }],
    ["nothing", undefined, { code: "", sentence: "" }],
    ["another shape", { error: 7, code: "A" }, { code: "", sentence: "" }],
  ])("reads %s", (_what, body, expected) => expect(refusalOf(body)).toEqual(expected));
});

describe("describe", () => {
  it.each([
    [Object.assign(new Error("whole response"), { statusCode: 404, code: "NotFound" }), "404 NotFound"],
    [Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [new TypeError("x"), "TypeError"],
    ["text", "unknown error"],
  ])("of %s is %s", (caught, text) => expect(describeFailure(caught)).toBe(text));
});

describe("withoutRequest", () => {
  it("leaves out the request, its token and the whole response", () => {
    const caught = Object.assign(new Error("body with secret"), { statusCode: 500, request: { token: "secret" } });
    expect(withoutRequest(caught)).toEqual(new Error("Error: 500"));
  });
});

describe("retryAfterMs", () => {
  it.each([
    ["7", 7_000],
    ["Sat, 03 Jan 2026 10:00:09 GMT", 9_000],
    ["Sat, 03 Jan 2026 09:00:00 GMT", 0],
    ["soon", 0],
  ])("of %s is %i", (header, ms) => expect(retryAfterMs(header, NOW_MS)).toBe(ms));
});
