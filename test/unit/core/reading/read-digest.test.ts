import { describe, expect, it } from "vitest";
import { keptListings, readDigest } from "../../../../shared/core/reading/read-digest.ts";
import { cluster, listingsOf } from "../../../support/builders/fleet.ts";
import { operatorLease, route, unparsable } from "../../../support/builders/objects.ts";

const cart = route("shop/cart");
const before = listingsOf(cluster("w1", { objects: [cart] }));
const digestWith = (options: Parameters<typeof cluster>[1]) => readDigest(listingsOf(cluster("w1", options)));

describe("readDigest", () => {
  it("is equal while nothing came, went or changed", () =>
    expect(digestWith({ objects: [route("shop/cart")] })).toBe(readDigest(before)));

  it.each([
    ["an object came", { objects: [cart, route("shop/api")] }],
    ["an object went", { objects: [] }],
    ["an object changed", { objects: [route("shop/cart", {}, { meta: { resourceVersion: "11" } })] }],
    ["an object was made again", { objects: [route("shop/cart", {}, { meta: { uid: "another" } })] }],
    ["one no longer parses", { objects: [], rejected: [unparsable("ServiceRoute", "shop/cart")] }],
    ["a kind was not read", { objects: [cart], unread: ["IstioGateway"] as const }],
  ])("differs when %s", (_what, options) => expect(digestWith(options)).not.toBe(readDigest(before)));

  it("does not look at the operator's Lease, which is renewed all the time", () =>
    expect(digestWith({ objects: [cart, operatorLease(1)] })).toBe(readDigest(before)));
});

describe("keptListings", () => {
  it("are those that claims come from", () => {
    const kept = Object.keys(keptListings(before));
    expect(kept).toContain("DNSEndpoint");
    expect(kept).not.toContain("OperatorLease");
    expect(kept).not.toContain("OperatorDeployment");
  });
});
