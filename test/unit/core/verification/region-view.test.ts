/** Which regions can be judged, and which names are ours in every one of them. */
import { describe, expect, it } from "vitest";
import { cluster, fleet, type World } from "../../../support/builders/fleet.ts";
import { hostOf } from "../../../support/builders/objects.ts";
import { runPass } from "../../../support/builders/pass.ts";
import { unreadZone, withZones } from "../../../support/builders/zones.ts";

/** Only weu has a cluster; frc has no zone. */
function threeRegions(): World {
  const world = withZones(fleet([cluster("w1")], { regions: ["weu", "neu", "frc"] }));
  const regions = world.configuration.regions.map((one) => (one.name === "frc" ? { ...one, zones: [] } : one));
  return { ...world, configuration: { ...world.configuration, regions } };
}

describe("regionViews", () => {
  it("has a region that was read or says why it was not, and none without zones", () => {
    const { read, notRead } = runPass(unreadZone(threeRegions(), "neu")).views;
    expect([...read.keys()]).toEqual(["weu"]);
    expect(notRead).toEqual([{ region: "neu", reason: expect.stringContaining("was not read") }]);
  });

  it("takes names for ours whose region has no cluster any more, or no zone", () => {
    const isOwnHost = runPass(threeRegions()).views.read.get("weu")?.isOwnHost;
    const names = [hostOf("shop/cart"), ...["neu", "frc", "xyz"].map((region) => `n1-${region}-internal.example.com`)];
    expect(names.map((name) => isOwnHost?.(name))).toEqual([true, true, true, false]);
  });
});
