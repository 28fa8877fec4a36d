import { describe, expect, it } from "vitest";
import { isUnlimited, reachOf } from "../../../../shared/core/external-dns/domain-filter.ts";

const none = {
  domainFilters: [],
  excludedDomains: [],
  regexDomainFilter: "",
  regexDomainExclusion: "",
  zoneNameFilters: [],
};

describe("reachOf", () => {
  it.each([
    ["no filter", {}],
    ["the zone itself", { domainFilters: ["example.com"] }],
    ["the zone in capitals with a dot", { domainFilters: ["Example.com."] }],
    ["a parent of it", { domainFilters: ["other.org", "com"] }],
    ["its parent's names", { domainFilters: [".com"] }],
    ["an empty filter, as the chart writes it", { domainFilters: [""] }],
    ["another domain excluded", { excludedDomains: ["internal.example.com"] }],
    ["a pattern that matches", { regexDomainFilter: "^example\\.com$", domainFilters: ["other.org"] }],
    ["a pattern that we cannot read", { regexDomainFilter: "(?P<x>a)" }],
    [
      "a pattern that could take for ever here",
      { regexDomainFilter: "^(([a-z])+.)+[A-Z]([a-z])+$", regexDomainExclusion: "^(a+)+$" },
    ],
    [
      "the zone named and a part of its names",
      { zoneNameFilters: ["example.com"], domainFilters: ["api.example.com"] },
    ],
  ])("with %s the zone is reached", (_what, filters) =>
    expect(reachOf({ ...none, ...filters }, "example.com")).toEqual({ kind: "reached" }),
  );

  it.each([
    ["another domain", { domainFilters: ["example.org"] }, "--domain-filter example.org"],
    ["a name that only ends alike", { domainFilters: ["ample.com"] }, "--domain-filter ample.com"],
    ["a part of its names", { domainFilters: ["api.example.com"] }, "--domain-filter api.example.com"],
    ["only names below it", { domainFilters: [".example.com"] }, "--domain-filter .example.com"],
    [
      "the zone named and another domain",
      { zoneNameFilters: ["example.com"], domainFilters: ["x.org"] },
      "--domain-filter x.org",
    ],
    ["itself excluded", { excludedDomains: ["example.com"] }, "--exclude-domains example.com"],
    ["its parent excluded", { domainFilters: ["example.com"], excludedDomains: ["com"] }, "--exclude-domains com"],
    ["a pattern that does not match", { regexDomainFilter: "\\.org$" }, "--regex-domain-filter \\.org$"],
    ["a pattern that excludes it", { regexDomainExclusion: "example" }, "--regex-domain-exclusion example"],
  ])("with %s it is missed", (_what, filters, because) =>
    expect(reachOf({ ...none, ...filters }, "example.com")).toEqual({ kind: "missed", because }),
  );
});

describe("isUnlimited", () => {
  it("is told from all filters, empty ones left out", () => {
    expect(isUnlimited({ ...none, domainFilters: ["", " "] })).toBe(true);
    expect(isUnlimited({ ...none, zoneNameFilters: ["example.com"] })).toBe(false);
    expect(isUnlimited({ ...none, regexDomainExclusion: "x" })).toBe(false);
  });
});
