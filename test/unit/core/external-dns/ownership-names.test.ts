import { describe, expect, it } from "vitest";
import { fits, longestFirstLabel, ownershipNameOf } from "../../../../shared/core/external-dns/ownership-names.ts";

const affix = (txtPrefix = "", txtSuffix = "", txtWildcardReplacement = "") => ({
  txtPrefix,
  txtSuffix,
  txtWildcardReplacement,
});

describe("ownershipNameOf", () => {
  it.each([
    [affix(), "CNAME", "foo.z", "cname-foo.z"],
    [affix("x."), "CNAME", "foo.z", "x.cname-foo.z"],
    [affix("_xdns-%{record_type}."), "CNAME", "foo.z", "_xdns-cname.foo.z"],
    [affix("Weu-Dev-"), "A", "foo.z", "weu-dev-a-foo.z"],
    [affix("", "-t"), "CNAME", "foo.z", "cname-foo-t.z"],
    [affix("", "-%{record_type}"), "AAAA", "foo.z", "foo-aaaa.z"],
    [affix("_xdns-%{record_type}.", "", "any"), "CNAME", "*.z", "_xdns-cname.any.z"],
    [affix(), "A", "*.z", "a-*.z"],
    [affix(), "A", "z", "a-z"],
  ])("with %o for %s %s is %s", (given, type, host, name) => expect(ownershipNameOf(given, type, host)).toBe(name));
});

describe("longestFirstLabel", () => {
  it.each([
    [affix("_xdns-%{record_type}."), 63],
    [affix(), 57],
    [affix("weu-p-aks-"), 47],
    [affix("x."), 57],
    [affix("", "-owner"), 51],
    [affix("x".repeat(70)), 0],
  ])("with %o is %i", (given, length) => expect(longestFirstLabel(given)).toBe(length));
});

describe("fits", () => {
  it.each([
    ["a label of 63", `${"a".repeat(63)}.z`, true],
    ["a label of 64", `${"a".repeat(64)}.z`, false],
    ["253 characters", `${"a.".repeat(126)}b`, true],
    ["254 characters", `${"a.".repeat(126)}bc`, false],
  ])("is told of %s", (_what, name, yes) => expect(fits(name)).toBe(yes));
});
