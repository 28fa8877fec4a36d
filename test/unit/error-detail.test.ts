import { describe, expect, it } from "vitest";
import { boundedDetail } from "../../shared/error-detail.ts";

describe("boundedDetail", () => {
  it.each([
    ["a JWT", "token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln is bad", "token (token) is bad"],
    ["an authorization header", "sent Bearer abc.def-ghi", "sent Bearer (token)"],
    ["line breaks", "one\n  two\ttwo\r\n", "one two two"],
  ])("takes out %s", (_given, text, expected) => expect(boundedDetail(text)).toBe(expected));

  it("keeps beginning and end of a long text: the reason stands behind the object", () => {
    const bounded = boundedDetail(`spec is invalid: ${"x".repeat(5_000)}: unknown field "bogus"`);
    expect(bounded.length).toBeLessThanOrEqual(500);
    expect(bounded).toMatch(/^spec is invalid: x+ … x+: unknown field "bogus"$/);
  });
});
