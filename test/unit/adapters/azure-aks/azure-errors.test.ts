import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { asAzureError, refuseLongWaits } from "../../../../shared/adapters/azure-aks/azure-errors.ts";
import { ForbiddenError } from "../../../../shared/errors.ts";

const meaning = { place: "cluster/w1", what: "read its address", role: "Reader" };

/** As @azure/core-rest-pipeline throws it: with the request, its token included. */
function restError(statusCode: number, code: string, retryAfter?: string): Error {
  const headers = new Map([["retry-after", retryAfter]]);
  return Object.assign(new Error("whole response"), {
    name: "RestError",
    statusCode,
    code,
    request: { headers: { authorization: "Bearer secret" } },
    response: { headers },
  });
}

describe("asAzureError", () => {
  it.each<[string, unknown, object]>([
    [
      "403",
      restError(403, "AuthorizationFailed"),
      { code: "FORBIDDEN", message: expect.stringContaining('role "Reader"') },
    ],
    ["429 in seconds", restError(429, "Throttled", "7"), { code: "THROTTLED", retryAfterMs: 7_000 }],
    ["429 without a time", restError(429, "Throttled"), { code: "THROTTLED", retryAfterMs: 0 }],
    [
      "500",
      restError(500, "InternalServerError"),
      { code: "AZURE_UNAVAILABLE", message: expect.stringContaining("500 InternalServerError") },
    ],
    ["no connection", Object.assign(new Error("x"), { code: "ECONNREFUSED" }), { code: "AZURE_UNAVAILABLE" }],
  ])("calls %s by its name, without the request", (_given, caught, expected) => {
    const error = asAzureError(caught, meaning);
    expect(error).toMatchObject(expected);
    expect(inspect(error, { depth: 20 })).not.toContain("secret");
  });

  it("leaves a FleetError as it is", () => {
    const forbidden = new ForbiddenError("cluster/w1", "list");
    expect(asAzureError(forbidden, meaning)).toBe(forbidden);
  });
});

describe("refuseLongWaits", () => {
  it.each([
    [429, "5", false],
    [429, "60", true],
    [429, undefined, false],
    [503, "60", false],
  ])("of %i with Retry-After %s throws: %s", (status, retryAfter, throws) => {
    const call = (): void => refuseLongWaits(status, retryAfter);
    if (throws) expect(call).toThrow(/throttling/);
    else expect(call).not.toThrow();
  });
});
