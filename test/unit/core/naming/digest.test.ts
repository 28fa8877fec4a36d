import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, digest, digestOfTexts } from "../../../../shared/core/naming/digest.ts";

describe("canonicalJson", () => {
  it.each([
    [{ b: 1, a: [2, { d: null, c: "x" }] }, '{"a":[2,{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    ["text", '"text"'],
    [undefined, "null"],
    [[], "[]"],
  ])("%j is %s", (value, text) => expect(canonicalJson(value)).toBe(text));

  it("is JSON of the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("digest", () => {
  it("does not depend on the order of keys, and depends on the order of lists", () => {
    expect(digest({ a: 1, b: 2 })).toBe(digest({ b: 2, a: 1 }));
    expect(digest([1, 2])).not.toBe(digest([2, 1]));
  });

  it("is 12 lower-case hex characters unless told otherwise", () => {
    expect(digest("x")).toMatch(/^[0-9a-f]{12}$/);
    expect(digest("x", 32)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("digestOfTexts", () => {
  it("tells texts apart by where they end", () => {
    expect(digestOfTexts(["ab", "c"])).not.toBe(digestOfTexts(["a", "bc"]));
    expect(digestOfTexts(["a", "b"])).toBe(digestOfTexts(["a", "b"]));
    expect(digestOfTexts([])).not.toBe(digestOfTexts([""]));
  });
});
