/** Which ownership is copied to the region's prefix, and what is left alone. */
import { describe, expect, it } from "vitest";
import { findOwnershipCopies } from "../../../../shared/core/verification/ownership-copies.ts";
import { newOwnershipValue } from "../../../../shared/core/verification/ownership.ts";
import type { RecordSetType } from "../../../../shared/model/zone-records.ts";
import { add, cluster, ingress, type World } from "../../../support/builders/fleet.ts";
import { GATEWAY_HOST, GONE_HOST, OWNER, tidyFleet, withRecords } from "../../../support/builders/litter.ts";
import { cname, dnsEndpoint, hostOf, policy, route } from "../../../support/builders/objects.ts";
import { runPass } from "../../../support/builders/pass.ts";
import { ownershipSet, recordSet, removeRecord, txtName } from "../../../support/builders/zones.ts";

const cart = hostOf("shop/cart");

function copiesIn(world: World, ...fromOwners: readonly string[]) {
  const view = runPass(world).views.read.get("weu");
  if (view === undefined) throw new Error("weu was read");
  return findOwnershipCopies(view, fromOwners);
}

function names(world: World, ...fromOwners: readonly string[]): readonly string[] {
  return copiesIn(world, ...fromOwners).copies.map(({ txtName: name }) => name);
}

/** A TXT about a record under the prefix `old-`. */
function oldTxt(type: RecordSetType, host: string, owner = OWNER) {
  return { ...ownershipSet(type, host, owner), name: `old-${type.toLowerCase()}-${host}` };
}

/** Cart's record is owned under the old prefix only. */
function moved(owner = OWNER): World {
  return withRecords(removeRecord(tidyFleet(), "weu", "TXT", txtName("CNAME", cart)), oldTxt("CNAME", cart, owner));
}

describe("findOwnershipCopies", () => {
  it("copies the text as it is to the region's prefix", () => {
    expect(copiesIn(moved()).copies).toMatchObject([
      {
        txtName: txtName("CNAME", cart),
        txtValue: newOwnershipValue(OWNER, "crd/shop/cart"),
        redirects: false,
        copiedFrom: { name: `old-cname-${cart}` },
      },
    ]);
  });

  it("makes the record of another owner the region's, where that owner is named", () => {
    expect(names(moved("default"))).toEqual([]);
    expect(copiesIn(moved("default"), "default").copies).toMatchObject([
      { txtValue: newOwnershipValue(OWNER, "crd/shop/cart") },
    ]);
  });

  it("copies A and AAAA of a host each for itself", () => {
    const both = (["A", "AAAA"] as const).flatMap((type) => [
      recordSet(type, GONE_HOST, type === "A" ? "10.1.1.1" : "fd00::1"),
      oldTxt(type, GONE_HOST),
    ]);
    expect(names(withRecords(tidyFleet(), ...both))).toEqual([txtName("A", GONE_HOST), txtName("AAAA", GONE_HOST)]);
  });

  it("copies a name that another cluster stands by for: that one writes nothing", () => {
    const world = moved();
    const w2 = cluster("w2", { objects: [...ingress("10.0.0.2"), policy("shop"), route("shop/cart")] });
    const { configuration } = world;
    const configured = { ...configuration, clusters: [...configuration.clusters, w2.configured] };
    const both = { ...world, clusters: [...world.clusters, w2], configuration: configured };
    expect(copiesIn(both).leftOut).toEqual([]);
    expect(names(both)).toEqual([txtName("CNAME", cart)]);
  });

  it("says where ExternalDNS will lead a record that it owns again", () => {
    const world = withRecords(moved(), recordSet("CNAME", cart, "stale.example.com"));
    expect(copiesIn(world).copies).toMatchObject([
      { redirects: true, reason: expect.stringContaining(`ExternalDNS will lead it to ${GATEWAY_HOST}`) },
    ]);
  });

  it.each<readonly [string, World]>([
    ["a record that is owned already", withRecords(tidyFleet(), oldTxt("CNAME", cart))],
    ["an orphan", removeRecord(tidyFleet(), "weu", "TXT", txtName("CNAME", cart))],
    [
      "a TXT about another type",
      withRecords(tidyFleet(), recordSet("AAAA", GONE_HOST, "fd00::1"), oldTxt("A", GONE_HOST)),
    ],
    [
      "a TXT with a second value",
      withRecords(moved(), { ...oldTxt("CNAME", cart), values: [newOwnershipValue(OWNER, "crd/a/b"), '"v=spf1"'] }),
    ],
    ["a fenced record", withRecords(moved(), ownershipSet("CNAME", cart, "service-router"))],
  ])("does not copy for %s", (_what, world) => {
    expect(names(world, "default")).toEqual([]);
  });

  it.each<readonly [string, World, string, readonly string[]]>([
    [
      "what nobody in the fleet knows",
      withRecords(tidyFleet(), recordSet("A", "www.example.com", "10.1.1.1"), oldTxt("A", "www.example.com")),
      "no DNSEndpoint of the fleet publishes it",
      [],
    ],
    [
      "another owner's record that nobody wants",
      withRecords(tidyFleet(), recordSet("CNAME", GONE_HOST, GATEWAY_HOST), oldTxt("CNAME", GONE_HOST, "default")),
      "no DNSEndpoint of the fleet publishes it",
      ["default"],
    ],
    [
      "a name that is wanted in two ways",
      add(moved(), "w1", dnsEndpoint("team/x", [cname(cart, "else.example.com")], { ours: false })),
      "would write them in turn",
      [],
    ],
    [
      "another owner under the region's own prefix",
      withRecords(tidyFleet(), ownershipSet("CNAME", cart, "default")),
      "has the region's prefix already",
      ["default"],
    ],
    [
      "a record that this product holds itself, though its owner is named",
      moved("service-router"),
      "this product itself holds the record",
      ["service-router"],
    ],
    [
      "a record that this product holds under the region's prefix",
      withRecords(moved(), ownershipSet("CNAME", cart, "service-router")),
      "this product itself holds the record",
      ["service-router"],
    ],
    [
      "a record that this product holds beside an older TXT of the region's owner",
      withRecords(moved(), { ...ownershipSet("CNAME", cart, "service-router"), name: `x-cname-${cart}` }),
      "this product itself holds the record",
      [],
    ],
  ])("leaves out %s, and says why", (_what, world, reason, owners) => {
    const { copies, leftOut } = copiesIn(world, ...owners);
    expect([copies, leftOut]).toMatchObject([[], [{ reason: expect.stringContaining(reason) }]]);
  });
});
