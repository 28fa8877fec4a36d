import { describe, expect, it } from "vitest";
import {
  canonicalIpv6,
  cnameTarget,
  conflicting,
  destinationOf,
  isAddress,
  recordContent,
} from "../../../../shared/core/naming/record-content.ts";

describe("recordContent", () => {
  it.each([
    ["CNAME", ["aks01-weu-internal.example.com"], 300, "CNAME aks01-weu-internal.example.com 300"],
    ["A", ["10.0.0.2", "10.0.0.1"], 30, "A 10.0.0.1,10.0.0.2 30"],
    ["AAAA", ["fd00::1"], 30, "AAAA fd00::1 30"],
    ["CNAME", ["x.example.com"], undefined, "CNAME x.example.com -"],
    ["CNAME", [], 300, "CNAME  300"],
  ])("of %s %o %s is %s", (type, targets, ttl, content) => expect(recordContent(type, targets, ttl)).toBe(content));

  it("leaves the targets it was given in their order", () => {
    const targets = ["b", "a"];
    recordContent("A", targets, 1);
    expect(targets).toEqual(["b", "a"]);
  });
});

describe("destinationOf", () => {
  it("is the content without its TTL: a TTL moves nobody", () => {
    expect(destinationOf("CNAME a.example.com 300")).toBe(destinationOf("CNAME a.example.com -"));
    expect(destinationOf("CNAME a.example.com 300")).not.toBe(destinationOf("CNAME b.example.com 300"));
  });
});

describe("what a content is", () => {
  it.each([
    ["CNAME a.example.com 300", "a.example.com", false],
    ["A 10.0.0.1 30", undefined, true],
    ["AAAA fd00::1 30", undefined, true],
    ["TXT heritage 300", undefined, false],
  ])("%s", (content, target, address) => {
    expect(cnameTarget(content)).toBe(target);
    expect(isAddress(content)).toBe(address);
  });
});

describe("conflicting", () => {
  it.each([
    ["A 10.0.0.1 30", "A 10.0.0.1 30", false],
    ["A 10.0.0.1 30", "A 10.0.0.2 30", true],
    ["A 10.0.0.1 30", "A 10.0.0.1 60", true],
    ["A 10.0.0.1 30", "AAAA fd00::1 30", false],
    ["A 10.0.0.1 30", "CNAME a.example.com 300", true],
    ["CNAME a.example.com 300", "AAAA fd00::1 30", true],
  ])("%s beside %s: %s", (left, right, expected) => {
    expect(conflicting(left, right)).toBe(expected);
    expect(conflicting(right, left)).toBe(expected);
  });
});

describe("canonicalIpv6", () => {
  it.each([
    ["2001:db8::1", "2001:0DB8:0:0:0:0:0:0001"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["fe80::", "FE80:0:0:0:0:0:0:0"],
    ["::", "0:0:0:0:0:0:0:0"],
  ])("spells %s and %s the same", (left, right) => expect(canonicalIpv6(left)).toBe(canonicalIpv6(right)));

  it("keeps different addresses apart", () =>
    expect(canonicalIpv6("2001:db8::1:0")).not.toBe(canonicalIpv6("2001:db8::1")));
});
