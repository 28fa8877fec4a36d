import { describe, expect, it } from "vitest";
import { servedElsewhere } from "../../../../shared/core/verification/served-elsewhere.ts";
import { verification } from "../../../../shared/core/verification/verify-record.ts";
import type { Zones } from "../../../../shared/model/claim.ts";
import { cluster, fleet, type World } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, metaOf } from "../../../support/builders/objects.ts";
import { runPass } from "../../../support/builders/pass.ts";
import {
  ownershipSet,
  putRecord,
  removeRecord,
  txtName,
  unreadZone,
  withZones,
} from "../../../support/builders/zones.ts";

const host = "api.example.com";
const content = "CNAME w1-weu-internal.example.com 300";
const published = { zone: "weu", name: host, content };
const labels = { "router.io/region": "weu" };
const endpoint = dnsEndpoint("shop/api", [cname(host, "w1-weu-internal.example.com")], { meta: { labels } });

/** w1 claims the name; w2 publishes the very same content as well (a mirror). */
const mirrored = withZones(fleet([cluster("w1", { objects: [endpoint] }), cluster("w2", { objects: [endpoint] })]));
const zones: Zones = new Map([
  ["weu", new Map([[host, { winner: { ...published, cluster: "w1", source: metaOf("ServiceRoute", "shop/api") } }]])],
]);

function isServed(world: World, from: string): boolean {
  const { fleet: seen } = runPass(world).assessment;
  const { regions } = world.configuration;
  const seenZones = verification({ fleet: seen, regions, zones: world.zones ?? [], marks: {} });
  return servedElsewhere(zones, seenZones)(from, published);
}

describe("servedElsewhere", () => {
  it("is true where the zone holds what another cluster publishes", () => expect(isServed(mirrored, "w2")).toBe(true));

  it("is false for the cluster that the name belongs to", () => expect(isServed(mirrored, "w1")).toBe(false));

  it.each<readonly [string, (world: World) => World]>([
    ["the zone was not read", (world) => unreadZone(world, "weu")],
    ["the record is not there", (world) => removeRecord(world, "weu", "CNAME", host)],
    ["the record has no owner", (world) => removeRecord(world, "weu", "TXT", txtName("CNAME", host))],
    ["the record is somebody else's", (world) => putRecord(world, "weu", ownershipSet("CNAME", host, "other"))],
  ])("is false where %s", (_what, change) => expect(isServed(change(mirrored), "w2")).toBe(false));

  it("is false where nobody else publishes it, whatever still stands in the zone", () => {
    const alone = { ...mirrored, clusters: mirrored.clusters.map((one) => (one.name === "w1" ? cluster("w1") : one)) };
    expect(isServed(alone, "w2")).toBe(false);
  });
});
