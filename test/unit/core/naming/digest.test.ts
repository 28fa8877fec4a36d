import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, digest, digestOfTexts, Fingerprint } from "../../../../shared/core/naming/digest.ts";

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

describe("Fingerprint", () => {
  const of = (texts: readonly string[]): string => {
    const fingerprint = new Fingerprint();
    for (const text of texts) fingerprint.add(text);
    return fingerprint.text();
  };

  it("is the same for the same texts, and 16 hex characters", () => {
    expect(of(["uid-1", "10"])).toBe(of(["uid-1", "10"]));
    expect(of([])).toMatch(/^[0-9a-f]{16}$/);
  });

  it("tells apart where a text ends, what order they come in, and none from an empty one", () => {
    const all = [["ab", "c"], ["a", "bc"], ["c", "ab"], ["abc"], [], [""], ["", ""]];
    expect(new Set(all.map(of)).size).toBe(all.length);
  });

  it("differs for all versions of many objects", () => {
    const versions = Array.from({ length: 100_000 }, (_, version) => of(["3f1c2c3e-uid", String(version)]));
    expect(new Set(versions).size).toBe(versions.length);
  });
});
