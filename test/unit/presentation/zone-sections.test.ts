import { describe, expect, it } from "vitest";
import { presentFleetStatus } from "../../../shared/presentation/status-fleet.ts";
import { presentRegionStatus } from "../../../shared/presentation/status-region.ts";
import { presentRouteStatus } from "../../../shared/presentation/status-route.ts";
import { cluster, fleet, ingress, later } from "../../support/builders/fleet.ts";
import { hostOf, policy, route } from "../../support/builders/objects.ts";
import { play, settle } from "../../support/builders/pass.ts";
import { previewOf } from "../../support/builders/report.ts";
import { ownershipSet, putRecord, removeRecord, txtName, unreadZone, withZones } from "../../support/builders/zones.ts";

const objects = [...ingress(), policy("shop"), route("shop/cart"), route("shop/pay")];
const two = settle(withZones(settle(fleet([cluster("w1", { objects, controllers: ["weu", "neu"] })])).world)).world;

/** Lines of the status that have one of these words, without runs of spaces. */
function lines(world: typeof two, ...words: readonly string[]): readonly string[] {
  const text = presentFleetStatus(previewOf(world), {}, { format: "text", width: 240 });
  return text
    .split("\n")
    .filter((line) => words.some((word) => line.includes(word)))
    .map((line) => line.trim().replaceAll(/ {2,}/g, "  "));
}

describe("the zones of a status", () => {
  it("say how many names are verified in each", () =>
    expect(lines(two, "verified")).toEqual(["neu  -  1  0  0  1 verified  w1 1", "weu  -  3  0  0  3 verified  w1 3"]));

  it("count troubles by kind, and list each name with stage, time and reason", () => {
    const orphaned = removeRecord(two, "weu", "TXT", txtName("CNAME", hostOf("shop/cart")));
    const troubled = removeRecord(orphaned, "weu", "CNAME", hostOf("shop/pay"));
    expect(lines(troubled, "1 verified, ", "CNAME ").filter((line) => !line.startsWith("w1"))).toEqual([
      "weu  -  3  0  0  1 verified, 1 missing, 1 orphan  w1 3",
      `CNAME ${hostOf("shop/cart")}  weu  orphan  -  0 ms  the CNAME record ${hostOf("shop/cart")} has no ownership TXT; ExternalDNS never touches it until the TXT is written`,
      `CNAME ${hostOf("shop/pay")}  weu  missing  refused  0 ms  no CNAME record; ExternalDNS has read its DNSEndpoint, and the zone did not take it; see the log of ExternalDNS`,
    ]);
  });

  it("say which zone was not read, and what that means", () =>
    expect(lines(unreadZone(two, "neu"), "neu")).toEqual([
      "neu  -  1  0  0  not read (FORBIDDEN)  w1 1",
      "neu: not allowed to read. What its names said before stays, and nothing is cleaned up there.",
    ]));

  it("point at records that nobody claims", () => {
    const stale = putRecord(
      putRecord(two, "weu", ownershipSet("CNAME", hostOf("shop/gone"), "external-dns-weu")),
      "weu",
      {
        ...ownershipSet("CNAME", "x", "y"),
        type: "CNAME",
        name: hostOf("shop/gone"),
        values: ["w1-weu-internal.example.com"],
      },
    );
    expect(lines(stale, "nobody claims")).toEqual([
      "weu: 1 record that nobody claims any more, 0 of them past the grace time; see `service-router garbage`",
    ]);
  });
});

describe("zones that nobody can see into", () => {
  const mistyped = {
    ...two,
    zones: (two.zones ?? []).map((zone) => (zone.region === "weu" ? { ...zone, zone: "other.tld" } : zone)),
  };

  it("are counted as names in no zone, and named as what they are", () =>
    expect(lines(mistyped, "no zone", "none of the zones")).toEqual([
      "weu  -  3  0  0  0 verified, 3 in no zone  w1 3",
      "weu: 3 names lie in none of the zones that are configured for this region; correct regions[].zones",
    ]));

  it("say at the route that no zone holds its host", () => {
    const text = presentRouteStatus(previewOf(mistyped), "shop/pay", {}, { format: "text", width: 240 });
    expect(text).toContain(`no zone of region weu holds ${hostOf("shop/pay")}`);
  });

  it("say at the route that its zone was not read in this pass", () => {
    const text = presentRouteStatus(previewOf(unreadZone(two, "weu")), "shop/pay", {}, { format: "text", width: 240 });
    expect(text).toContain("zone weu: not read in this pass (FORBIDDEN); what DNSVerified says of it is from before");
  });
});

describe("the status of a region", () => {
  it("does not call published what the zone shows to be somebody else's", () => {
    const taken = putRecord(two, "weu", ownershipSet("CNAME", hostOf("shop/pay"), "external-dns-other"));
    const text = presentRegionStatus(previewOf(taken), "weu", {}, { format: "text", width: 240 });
    expect(text).toContain("1 service host published in its zone");
    expect(text.slice(text.indexOf("Not published here"))).toContain(hostOf("shop/pay"));
  });
});

describe("the status of a route", () => {
  it("says since when each zone is not as it should be, and how far it came", () => {
    const troubled = removeRecord(two, "weu", "CNAME", hostOf("shop/pay"));
    const written = later(play(troubled).after, 5 * 60_000);
    const text = presentRouteStatus(previewOf(written), "shop/pay", {}, { format: "text", width: 240 });
    expect(text).toContain("zone weu: missing for 5 min (since ");
    expect(text).toContain("), stuck at refused");
    expect(text).toContain("RecordMissing");
  });
});
