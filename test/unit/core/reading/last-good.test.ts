import { describe, expect, it } from "vitest";
import { lastGoodOf } from "../../../../shared/core/reading/last-good.ts";
import { cluster, configure, fleet, unread, type World } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, route } from "../../../support/builders/objects.ts";
import { fleetCluster } from "../../../support/builders/pass.ts";

const ours = dnsEndpoint("shop/ours", [cname("api.example.com", "elsewhere.example.com")]);
const read = fleet([cluster("w1", { objects: [route("shop/cart"), ours] })]);
const empty = fleet([cluster("w1", { objects: [] })]);
const retiring = (world: World): World => configure(world, "w1", { writes: "retiring" });
const lastGood = (world: World) => lastGoodOf(fleetCluster(world, "w1"));

describe("lastGoodOf", () => {
  it("keeps a complete read with its digest and its time", () => {
    const { current, readDigest, readAtMs } = fleetCluster(read, "w1");
    expect(lastGood(read)).toMatchObject({ cluster: "w1", readAtMs, digest: readDigest });
    expect(lastGood(read)?.listings.ServiceRoute).toEqual(current.ServiceRoute);
    expect(lastGood(read)?.listings.OperatorLease).toBeUndefined();
  });

  it("keeps nothing of a cluster that was not read completely: what was known of it before stays", () =>
    expect(lastGood(unread(read, "w1", ["ServiceRoute"]))).toBeUndefined());

  it.each<[string, World, boolean]>([
    ["one that still publishes something of ours claims it", retiring(read), true],
    ["one that publishes nothing of ours claims nothing", retiring(empty), false],
    [
      "one that cannot be read claims nothing: it is gone by a person's word",
      unread(retiring(read), "w1", "all"),
      false,
    ],
  ])("of retiring clusters, %s", (_what, world, claims) =>
    expect(Object.keys(lastGood(world)?.listings ?? { missing: true }).length > 0).toBe(claims),
  );
});
