import { describe, expect, it } from "vitest";
import { contradicting, plainName, plainTarget, sameContent } from "../../../../shared/core/verification/spelling.ts";

describe("plainName", () => {
  it.each([
    ["api.example.com", "api.example.com"],
    ["API.Example.COM", "api.example.com"],
    ["api.example.com.", "api.example.com"],
  ])("spells %s as %s", (name, plain) => {
    expect(plainName(name)).toBe(plain);
  });
});

describe("plainTarget", () => {
  it("spells one IPv6 address in one way", () => {
    expect(new Set(["fd00::1", "FD00::1", "fd00:0:0:0:0:0:0:1", "fd00::0001"].map(plainTarget)).size).toBe(1);
  });
});

describe("sameContent", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["CNAME gw.example.com 300", "CNAME GW.example.com. 300", true],
    ["CNAME gw.example.com 300", "CNAME gw.example.com 60", false],
    ["CNAME gw.example.com 300", "CNAME other.example.com 300", false],
    ["CNAME gw.example.com -", "CNAME gw.example.com 300", false],
    ["AAAA fd00::1 30", "AAAA fd00:0::1 30", true],
    ["A 10.0.0.1,10.0.0.2 30", "A 10.0.0.2,10.0.0.1 30", true],
    ["AAAA FD00::2,fd00::1 30", "AAAA fd00::1,fd00::2 30", true],
  ];

  it.each(rows)("of %s and %s: %s", (left, right, same) => {
    expect(sameContent(left, right)).toBe(same);
    expect(contradicting(left, right)).toBe(!same);
  });

  it("does not call an A and an AAAA of one name contradicting", () => {
    expect(contradicting("A 10.0.0.1 30", "AAAA fd00::1 30")).toBe(false);
    expect(contradicting("A 10.0.0.1 30", "CNAME gw.example.com 300")).toBe(true);
  });
});
