import { describe, expect, it } from "vitest";
import { hasWithdrawn } from "../../../../shared/core/reading/retired.ts";
import { cluster, configure, fleet, unread, type World } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, type WorldObject } from "../../../support/builders/objects.ts";
import { fleetCluster } from "../../../support/builders/pass.ts";

const world = (writes: "apply" | "retiring", ...objects: readonly WorldObject[]): World =>
  configure(fleet([cluster("w1", { objects })]), "w1", { writes });
const record = [cname("api.example.com", "elsewhere.example.com")];
const ours = dnsEndpoint("shop/ours", record);
const foreign = dnsEndpoint("shop/foreign", record, { ours: false });

describe("hasWithdrawn", () => {
  it.each<[string, World, boolean]>([
    ["a retiring cluster without a DNSEndpoint", world("retiring"), true],
    ["a retiring cluster with one of somebody else, whatever its region label", world("retiring", foreign), true],
    ["a retiring cluster with one of ours", world("retiring", foreign, ours), false],
    ["a retiring cluster whose DNSEndpoints were not read", unread(world("retiring"), "w1", ["DNSEndpoint"]), false],
    ["a cluster that is not retiring", world("apply"), false],
  ])("%s", (_what, given, expected) => expect(hasWithdrawn(fleetCluster(given, "w1"))).toBe(expected));
});
