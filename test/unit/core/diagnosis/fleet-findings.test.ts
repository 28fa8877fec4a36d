import { describe, expect, it } from "vitest";
import { hostingFindings } from "../../../../shared/core/diagnosis/azure-regions.ts";
import { backendFindings, refusalFindings } from "../../../../shared/core/diagnosis/route-findings.ts";
import { zoneFindings } from "../../../../shared/core/diagnosis/zone-findings.ts";
import type { Refusal } from "../../../../shared/model/desired.ts";
import type { ZoneListing } from "../../../../shared/model/zone-records.ts";

describe("hostingFindings", () => {
  it.each([
    ["West Europe", ["weu", "neu"], "weu"],
    ["West Europe", ["westeurope"], "westeurope"],
    ["France Central", ["weu", "FRC"], "FRC"],
  ])("of an app in %s and a fleet in %j names %s", (app, regions, region) =>
    expect(hostingFindings(app, regions)).toMatchObject([{ code: "AppInFleetRegion", severity: "warning", region }]),
  );

  it.each([
    ["Sweden Central", ["weu", "neu"]],
    ["West Europe", ["site-1"]],
    ["Somewhere New", ["sn"]],
    [undefined, ["weu"]],
  ])("of an app in %s and a fleet in %j says nothing", (app, regions) =>
    expect(hostingFindings(app, regions)).toEqual([]),
  );
});

describe("refusalFindings", () => {
  const refusal = (cluster: string, key: string, code: string): Refusal => ({
    place: { kind: "cluster", name: cluster },
    kind: "ServiceRoute",
    key,
    code,
    reason: `because of ${key}`,
  });

  it("names conflicts one by one, and counts all other refusals", () => {
    const findings = refusalFindings([
      refusal("w1", "b/b", "ValidationFailed"),
      refusal("w1", "a/a", "HostConflict"),
      refusal("w1", "c/c", "GatewayNotFound"),
    ]);
    expect(findings).toMatchObject([
      { code: "HostConflict", cluster: "w1", object: "ServiceRoute a/a", what: "because of a/a" },
      {
        code: "Refused",
        what: "2 resources are refused",
        names: ["ServiceRoute b/b (ValidationFailed)", "ServiceRoute c/c (GatewayNotFound)"],
      },
    ]);
  });
});

describe("backendFindings", () => {
  it("says per cluster how many hosts nothing answers, and which", () => {
    const unbound = ["a", "b"].map((host) => ({
      cluster: "w1",
      host,
      code: "NoReadyEndpoint" as const,
      reason: "no endpoint",
    }));
    expect(backendFindings({ unbound })).toMatchObject([
      {
        code: "RouteWithoutBackend",
        cluster: "w1",
        what: "2 hosts lead to nothing that answers",
        names: ["a: no endpoint", "b: no endpoint"],
      },
    ]);
  });
});

describe("zoneFindings", () => {
  const zone = (listing: ZoneListing) => ({
    region: "weu",
    zone: "example.com",
    source: { kind: "azure", subscription: "s", resourceGroup: "rg", zone: "example.com" } as const,
    readAtMs: 0,
    listing,
  });

  it.each([
    ["FORBIDDEN", "ZoneRoleMissing"],
    ["ZONE_UNREACHABLE", "ZoneNotRead"],
    ["ZONE_NOT_FOUND", "ZoneNotRead"],
  ])("of a zone that answers %s is %s", (code, expected) =>
    expect(zoneFindings([zone({ read: "not-read", code, reason: "why" })], [])).toMatchObject([
      { code: expected, region: "weu", object: "zone example.com", what: "why" },
    ]),
  );

  it("of a zone that was read is nothing yet", () =>
    expect(zoneFindings([zone({ read: "complete", recordSets: [] })], [])).toEqual([]));

  const at = { region: "weu", zone: "example.com", writes: "apply" } as const;
  const unreached = zone({ read: "not-read", code: "ZONE_UNREACHABLE", reason: "no answer" });

  it("of a zone that cannot be reached is said once, and not again by its rights", () =>
    expect(zoneFindings([unreached], [{ ...at, denied: "unknown", reason: "no answer" }])).toMatchObject([
      { code: "ZoneNotRead" },
    ]));

  it("are the rights of the same zone and region alone", () => {
    const denied = ["Microsoft.Network/privateDnsZones/A/write"] as const;
    const rights = [
      { ...at, region: "neu", denied },
      { ...at, zone: "b.example.com", denied },
    ];
    expect(zoneFindings([zone({ read: "complete", recordSets: [] })], rights)).toEqual([]);
    expect(zoneFindings([unreached], [...rights, { ...at, denied }])).toMatchObject([
      { code: "ZoneNotRead" },
      { code: "ZoneRoleMissing", names: denied },
    ]);
  });
});
