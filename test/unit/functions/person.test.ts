import { describe, expect, it } from "vitest";
import { personOf } from "../../../functions/person.ts";

function principal(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}

function requestWith(headers: Readonly<Record<string, string>>) {
  return { headers: new Headers(headers) };
}

const ANNA = principal({
  auth_typ: "aad",
  name_typ: "upn",
  claims: [
    { typ: "name", val: "Anna Ebert" },
    { typ: "upn", val: "anna@example.com" },
  ],
});

describe("personOf", () => {
  it.each([
    ["the platform's name header", { "x-ms-client-principal": ANNA, "x-ms-client-principal-name": "anna" }, "anna"],
    ["the claim that the principal calls its name", { "x-ms-client-principal": ANNA }, "anna@example.com"],
    [
      "the application of a workload without a name",
      { "x-ms-client-principal": principal({ claims: [{ typ: "appid", val: "8d1f" }] }) },
      "8d1f",
    ],
    [
      "one line of at most 200 characters",
      { "x-ms-client-principal": principal({ claims: [{ typ: "name", val: `a\n\u001b[31mb${"x".repeat(300)}` }] }) },
      `a [31mb${"x".repeat(193)}`,
    ],
  ])("takes %s as verified where the platform authenticates", (_what, headers, name) => {
    expect(personOf(requestWith(headers), "somebody else", true)).toEqual({ name, verified: true });
  });

  it("never verifies anybody where the platform does not authenticate: a caller can write these headers", () => {
    const request = requestWith({ "x-ms-client-principal": ANNA, "x-ms-client-principal-name": "anna" });
    expect(personOf(request, "Bert", false)).toEqual({ name: "Bert", verified: false });
  });

  it.each([
    ["no principal", {}],
    ["a name without a principal", { "x-ms-client-principal-name": "anna" }],
    ["a principal that is no JSON", { "x-ms-client-principal": "%%%" }],
    ["a principal that is a list", { "x-ms-client-principal": principal([1]) }],
    ["a principal without claims", { "x-ms-client-principal": principal({ claims: "none" }) }],
    ["claims of other shapes", { "x-ms-client-principal": principal({ claims: [null, 3, { typ: 1, val: {} }] }) }],
  ])("given %s, answers the claimed name or unverified", (_given, headers) => {
    expect(personOf(requestWith(headers), "Bert", true)).toEqual({ name: "Bert", verified: false });
    expect(personOf(requestWith(headers), undefined, true)).toEqual({ name: "unverified", verified: false });
  });
});
