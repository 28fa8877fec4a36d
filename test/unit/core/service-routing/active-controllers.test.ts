import { describe, expect, it } from "vitest";
import { judgePolicy } from "../../../../shared/core/service-routing/active-controllers.ts";
import type { DnsPolicy, ExternalDnsController } from "../../../../shared/model/resources.ts";
import type { ResolvedPlacement } from "../../../../shared/model/placement.ts";
import { cluster, fleet, type ClusterOptions } from "../../../support/builders/fleet.ts";
import { policy } from "../../../support/builders/objects.ts";
import { fleetCluster } from "../../../support/builders/pass.ts";

/** This cluster is `n1` in neu; it serves frc and ita, which have no clusters; weu lives elsewhere. */
const controllers: readonly ExternalDnsController[] = [
  { name: "weu", region: "weu" },
  { name: "neu-2", region: "neu" },
  { name: "neu-1", region: "neu" },
  { name: "ita", region: "ita" },
  { name: "frc", region: "frc" },
];
const served: ResolvedPlacement = {
  revision: 0,
  adopters: new Map([
    ["ita", "n1"],
    ["frc", "n1"],
    ["esp", "w1"],
  ]),
  adoptions: [],
};
const options: ClusterOptions = { region: "neu", controllers };

function judge(spec: Partial<DnsPolicy["spec"]>, placement = served, more: ClusterOptions = options): string {
  const verdict = judgePolicy(policy("shop", spec).object, fleetCluster(fleet([cluster("n1", more)]), "n1"), placement);
  switch (verdict.kind) {
    case "active":
      return verdict.controllers.map(({ name }) => name).join(" ");
    case "inactive":
      return "inactive";
    case "unusable":
      return verdict.code;
  }
}

const own = "neu-2 neu-1";
const ownAndServed = "neu-2 neu-1 frc ita";
const all = "weu neu-2 neu-1 ita frc";

describe("judgePolicy", () => {
  it.each<[mode: "Active" | "RegionBound", region: string | undefined, cluster: string | undefined, outcome: string]>([
    // Active: bound to nothing or to the own region: own controllers, then those of the regions it serves, by name.
    ["Active", undefined, undefined, ownAndServed],
    ["Active", "", "", ownAndServed],
    ["Active", "neu", undefined, ownAndServed],
    ["Active", "neu", "n1", ownAndServed],
    ["Active", undefined, "n1", ownAndServed],
    // Another cluster of the own region is the home.
    ["Active", "neu", "n2", "inactive"],
    ["Active", undefined, "n2", "inactive"],
    // A region of others.
    ["Active", "weu", undefined, "inactive"],
    ["Active", "weu", "n1", "inactive"],
    ["Active", "weu", "w1", "inactive"],
    // Served by another cluster of this fleet.
    ["Active", "esp", undefined, "inactive"],
    // Bound to a region that it serves: that region's controllers only.
    ["Active", "frc", undefined, "frc"],
    ["Active", "frc", "", "frc"],
    // Home is compared as a pair: a region without clusters has no cluster n1.
    ["Active", "frc", "n1", "inactive"],
    ["Active", "frc", "f1", "inactive"],
    // RegionBound: all controllers, in the home or where the home is served.
    ["RegionBound", "neu", undefined, all],
    ["RegionBound", "neu", "n1", all],
    ["RegionBound", "neu", "n2", "inactive"],
    ["RegionBound", "weu", undefined, "inactive"],
    ["RegionBound", "frc", undefined, all],
    ["RegionBound", "frc", "f1", "inactive"],
    // Without a source region every cluster would publish to every zone.
    ["RegionBound", undefined, undefined, "ValidationFailed"],
    ["RegionBound", "", "n1", "ValidationFailed"],
  ])("%s, sourceRegion %s, sourceCluster %s: %s", (mode, sourceRegion, sourceCluster, outcome) =>
    expect(
      judge({
        mode,
        ...(sourceRegion === undefined ? {} : { sourceRegion }),
        ...(sourceCluster === undefined ? {} : { sourceCluster }),
      }),
    ).toBe(outcome),
  );

  const serving = (...regions: readonly string[]): ResolvedPlacement => ({
    ...served,
    adopters: new Map(regions.map((region) => [region, "n1"])),
  });

  it.each<[string, ResolvedPlacement, ClusterOptions, string]>([
    ["serves nothing", serving(), options, own],
    ["has no controller for its own region", serving(), { ...options, controllers: ["weu"] }, "NoUsableControllers"],
    [
      "serves a region, and has a controller only for that",
      serving("frc"),
      { ...options, controllers: ["frc"] },
      "external-dns-frc",
    ],
    [
      "lists a controller twice",
      serving(),
      {
        ...options,
        controllers: [...controllers, { name: "neu-1", region: "neu" }],
      },
      own,
    ],
    ["has no ClusterIdentity", serving(), { ...options, bare: true }, "ClusterIdentityNotAvailable"],
  ])("for a policy without bounds, of a cluster that %s", (_what, placement, more, outcome) =>
    expect(judge({}, placement, more)).toBe(outcome),
  );

  it("is not usable without a DNSConfiguration: what was published stays", () => {
    const world = fleet([cluster("n1", { region: "neu" })]);
    const { controllers: _none, ...without } = fleetCluster(world, "n1");
    expect(judgePolicy(policy("shop").object, without, served)).toMatchObject({
      kind: "unusable",
      code: "DNSConfigurationNotAvailable",
    });
  });

  it.each([
    [{ sourceRegion: "weu" }, "sourceRegion 'weu' does not match neu"],
    [{ sourceCluster: "n2" }, "sourceCluster 'n2' does not match n1"],
    [{ sourceRegion: "neu", sourceCluster: "n2" }, "sourceCluster 'n2' does not match n1"],
  ] as const)("says of %o why it is not active here", (spec, reason) =>
    expect(
      judgePolicy(policy("shop", spec).object, fleetCluster(fleet([cluster("n1", options)]), "n1"), served),
    ).toEqual({ kind: "inactive", reason: `DNSPolicy is not active for this cluster: ${reason}` }),
  );
});
