import { describe, expect, it } from "vitest";
import { parseSelector, selects } from "../../../../shared/core/external-dns/label-selector.ts";

const labels = { "router.io/region": "weu", app: "external-dns-weu", tier: "", rank: "7" };

describe("parseSelector and selects", () => {
  it.each([
    ["", true],
    ["  ", true],
    ["router.io/region=weu", true],
    ["router.io/region==weu", true],
    ["router.io/region = weu", true],
    ["router.io/region=neu", false],
    ["router.io/region!=neu", true],
    ["missing!=x", true],
    ["router.io/region in (neu, weu)", true],
    ["router.io/region in (weu)", true],
    ["router.io/region notin (weu,neu)", false],
    ["missing notin (x)", true],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["tier=", true],
    ["router.io/region in (weu),app=external-dns-weu", true],
    ["router.io/region in (weu,neu),app=external-dns-neu", false],
    ["rank>6,rank<8", true],
    ["rank > 7", false],
    ["app>1", false],
    ["missing<9", false],
  ])("with %j: %s", (text, selected) => {
    const terms = parseSelector(text);
    expect(terms === undefined ? "no selector" : selects(terms, labels)).toBe(selected);
  });

  it.each(["=weu", "a=b=c", "a in weu", "a in (b", "a b", "region=we u", "-a=b", "a,,b", "a>b"])(
    "knows that %j is no selector",
    (text) => expect(parseSelector(text)).toBeUndefined(),
  );
});
