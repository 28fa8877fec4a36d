import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseApprovalRequest,
  parseGridEvent,
  parsePlanRequest,
  parseReconcileRequest,
  parseStatusRequest,
  type ParsedRequest,
} from "../../../shared/contracts/requests.ts";

function answerOf(parsed: ParsedRequest<unknown>): unknown {
  return parsed.ok ? parsed.value : parsed.faults.map(({ path, message }) => `${path}: ${message}`);
}

describe("parseReconcileRequest", () => {
  it.each([
    ["nothing", undefined, { wait: true, dryRun: false }],
    ["null, an empty body", null, { wait: true, dryRun: false }],
    ["a scope", { cluster: "w1", namespace: "shop" }, { cluster: "w1", namespace: "shop", wait: true, dryRun: false }],
    ["words of a query", { wait: "false", dryRun: "1" }, { wait: false, dryRun: true }],
    ["booleans of a body", { wait: false, dryRun: true }, { wait: false, dryRun: true }],
    ["parameters of the host", { code: "function-key", clientId: "default" }, { wait: true, dryRun: false }],
    ["a word that is no boolean", { wait: "later" }, ["wait: must be true or false"]],
    [
      "a name that is none",
      { cluster: "W 1" },
      ["cluster: must be a name of lower-case letters, digits and inner hyphens"],
    ],
    ["a mistyped key", { dryrun: true }, ["dryrun: is not known; did you mean dryRun?"]],
    ["a list", [1], [": must be an object, not a list"]],
    ["a word", "now", [": must be an object, not a string"]],
  ])("reads %s", (_what, raw, answer) => {
    expect(answerOf(parseReconcileRequest(raw))).toEqual(answer);
  });

  it("never repeats what it was given, because it may be a key", () => {
    const secret = "aGVsbG8gd29ybGQ=";
    expect(JSON.stringify(parseReconcileRequest({ cluster: secret, wait: secret, code: secret }))).not.toContain(
      secret,
    );
  });
});

describe("parsePlanRequest", () => {
  it.each([
    ["nothing", {}, { output: "text" }],
    ["a form and a scope", { output: "markdown", cluster: "w1" }, { output: "markdown", cluster: "w1" }],
    ["a form that does not exist", { output: "xml" }, ["output: must be one of text, json, markdown"]],
  ])("reads %s", (_what, raw, answer) => {
    expect(answerOf(parsePlanRequest(raw))).toEqual(answer);
  });
});

describe("parseStatusRequest", () => {
  it.each([
    ["nothing", {}, { output: "text" }],
    ["one region", { region: "weu", output: "json" }, { region: "weu", output: "json" }],
    ["one route", { route: "shop/orders" }, { route: "shop/orders", output: "text" }],
    ["a route without namespace", { route: "orders" }, ["route: must be namespace/name of a ServiceRoute"]],
  ])("reads %s", (_what, raw, answer) => {
    expect(answerOf(parseStatusRequest(raw))).toEqual(answer);
  });

  it("refuses a region and a route together", () => {
    expect(parseStatusRequest({ region: "weu", route: "shop/orders" }).ok).toBe(false);
  });
});

describe("parseApprovalRequest", () => {
  it.each([
    [
      "a whole approval, trimmed",
      { digest: "0123456789ab", by: " ada ", reason: " planned move " },
      { digest: "0123456789ab", by: "ada", reason: "planned move" },
    ],
    ["one without a name", { digest: "0123456789ab", reason: "ok" }, { digest: "0123456789ab", reason: "ok" }],
    ["nothing", undefined, ["digest: is required", "reason: is required"]],
    [
      "a digest that is cut, and no reason in it",
      { digest: "0123", reason: "  " },
      [
        "digest: must be the 12 hexadecimal characters that the plan shows beside held changes",
        "reason: must not be empty",
      ],
    ],
  ])("reads %s", (_what, raw, answer) => {
    expect(answerOf(parseApprovalRequest(raw))).toEqual(answer);
  });
});

describe("parseGridEvent", () => {
  const subject = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/example.com/A/x";
  const data = {
    operationName: "Microsoft.Network/privateDnsZones/A/write",
    claims: {
      appid: "AAAA",
      "http://schemas.microsoft.com/identity/claims/objectidentifier": "bbbb",
      oid: "bbbb",
      aud: "https://management.core.windows.net/",
    },
  };
  const type = "Microsoft.Resources.ResourceWriteSuccess";
  const read = { id: "1", type, subject, operationName: data.operationName, callerIds: ["aaaa", "bbbb"] };

  it.each([
    ["the Event Grid schema", { id: "1", topic: "t", subject, eventType: type, dataVersion: "2", data }, read],
    ["CloudEvents", { specversion: "1.0", id: "1", source: "/s", subject, type, data }, read],
    [
      "a CloudEvent without subject",
      { specversion: "1.0", id: "1", source: "/s", type },
      { id: "1", type, subject: "/s", callerIds: [] },
    ],
    ["an event without data", { id: "1", subject, eventType: type }, { id: "1", type, subject, callerIds: [] }],
    [
      "data of any shape",
      { id: "1", subject, eventType: type, data: { operationName: 7, claims: ["x"] } },
      { id: "1", type, subject, callerIds: [] },
    ],
    [
      "claims of any shape",
      { id: "1", subject, eventType: type, data: { claims: { appid: 7, oid: "" } } },
      { id: "1", type, subject, callerIds: [] },
    ],
    ["an event without id and type", { subject, data }, ["id: is required", "eventType: is required"]],
    [
      "a CloudEvent of another version",
      { specversion: "0.3", id: "1", source: "/s", type },
      ["specversion: must be one of 1.0"],
    ],
    ["no event", null, [": must be an object, not empty (null)"]],
  ])("reads %s", (_what, raw, answer) => {
    expect(answerOf(parseGridEvent(raw))).toEqual(answer);
  });
});

describe("every request parser", () => {
  it("answers any JSON with a value or with faults", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom<(raw: unknown) => ParsedRequest<unknown>>(
          parseReconcileRequest,
          parsePlanRequest,
          parseStatusRequest,
          parseApprovalRequest,
          parseGridEvent,
        ),
        (raw, parse) => {
          const parsed = parse(raw);
          if (!parsed.ok) expect(parsed.faults.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
