import { describe, expect, it } from "vitest";
import { isInZone, zoneOfName } from "../../../shared/model/zone-records.ts";

describe("isInZone", () => {
  it.each([
    ["example.com", true],
    ["a.example.com", true],
    ["a.b.example.com", true],
    ["badexample.com", false],
    ["com", false],
  ])("of %s in example.com is %s", (name, expected) => expect(isInZone(name, "example.com")).toBe(expected));
});

describe("zoneOfName", () => {
  const zones = ["example.com", "b.example.com", "a.b.example.com", "other.org"].map((zone) => ({ zone }));
  it.each([
    ["x.example.com", "example.com"],
    ["x.b.example.com", "b.example.com"],
    ["b.example.com", "b.example.com"],
    ["x.y.a.b.example.com", "a.b.example.com"],
    ["ab.example.com", "example.com"],
    ["x.elsewhere.net", undefined],
  ])("takes for %s the longest zone that it lies in, in any order: %s", (name, expected) => {
    expect(zoneOfName(name, zones)?.zone).toBe(expected);
    expect(zoneOfName(name, zones.toReversed())?.zone).toBe(expected);
  });
});
