/** Which records get the ownership that they are missing. */
import { describe, expect, it } from "vitest";
import { gatewayRecordsOf } from "../../../../shared/app/verify-fleet.ts";
import { findOrphans } from "../../../../shared/core/verification/orphans.ts";
import { newOwnershipValue } from "../../../../shared/core/verification/ownership.ts";
import { wantedRecords } from "../../../../shared/core/verification/verify-zones.ts";
import { add, remove, unread, type World } from "../../../support/builders/fleet.ts";
import { GATEWAY_HOST, GONE_HOST, OWNER, tidyFleet, withRecords } from "../../../support/builders/litter.ts";
import { cname, dnsEndpoint, hostOf } from "../../../support/builders/objects.ts";
import { runPass } from "../../../support/builders/pass.ts";
import { ownershipSet, recordSet, removeRecord, txtName, unreadZone } from "../../../support/builders/zones.ts";

const cart = hostOf("shop/cart");

function found(world: World) {
  const { assessment, desired, verification } = runPass(world);
  return findOrphans(assessment.fleet, wantedRecords(desired.zones, gatewayRecordsOf(desired)), verification);
}

const orphansIn = (world: World) => found(world).missing;

/** Cart's TXT is missing. */
function orphaned(): World {
  return removeRecord(tidyFleet(), "weu", "TXT", txtName("CNAME", cart));
}

describe("findOrphans", () => {
  it("gives a record the region's TXT, with the DNSEndpoint that publishes it", () => {
    expect(orphansIn(orphaned())).toMatchObject([
      {
        region: "weu",
        txtName: txtName("CNAME", cart),
        txtValue: newOwnershipValue(OWNER, "crd/shop/cart-external-dns-weu"),
        ttlSeconds: 300,
        redirects: false,
      },
    ]);
  });

  it("gives it to a gateway's address, too", () => {
    const world = removeRecord(tidyFleet(), "weu", "TXT", txtName("A", GATEWAY_HOST));
    expect(orphansIn(world).map(({ txtName: name }) => name)).toEqual([txtName("A", GATEWAY_HOST)]);
  });

  it("says where ExternalDNS will lead it", () => {
    const [orphan] = orphansIn(withRecords(orphaned(), recordSet("CNAME", cart, "by-hand.example.com")));
    expect(orphan).toMatchObject({
      redirects: true,
      reason: expect.stringContaining(
        `it leads to by-hand.example.com, and ExternalDNS will lead it to ${GATEWAY_HOST}`,
      ),
    });
  });

  it.each<readonly [string, World]>([
    ["a record that is owned", tidyFleet()],
    ["a record that nobody wants", withRecords(tidyFleet(), recordSet("CNAME", GONE_HOST, GATEWAY_HOST))],
    ["a record that no DNSEndpoint publishes", remove(orphaned(), "w1", "DNSEndpoint", "shop/cart-external-dns-weu")],
    ["a record of a zone that was not read", unreadZone(orphaned(), "weu")],
    ["what a cluster publishes that was not read", unread(orphaned(), "w1", ["ServiceRoute"])],
    [
      "a record that is owned under another prefix, whoever owns it there",
      withRecords(orphaned(), { ...ownershipSet("CNAME", cart, "default"), name: `old-cname-${cart}` }),
    ],
    [
      "a name that two DNSEndpoints want in different ways",
      add(orphaned(), "w1", dnsEndpoint("team/x", [cname(cart, "else.example.com")], { ours: false })),
    ],
  ])("finds none in %s", (_what, world) => {
    expect(orphansIn(world)).toEqual([]);
  });

  it.each<readonly [string, World, string | undefined]>([
    [
      "owned under another prefix",
      withRecords(orphaned(), { ...ownershipSet("CNAME", cart, OWNER), name: `old-cname-${cart}` }),
      `it is owned under another prefix (old-cname-${cart}, owner ${OWNER}): service-router dns copy-ownership --region weu`,
    ],
    [
      "owned by another under another prefix",
      withRecords(orphaned(), { ...ownershipSet("CNAME", cart, "default"), name: `old-cname-${cart}` }),
      `it is owned under another prefix (old-cname-${cart}, owner default): service-router dns copy-ownership --region weu --from-owner default, if it is to become the region's`,
    ],
    [
      "held by this product under another prefix",
      withRecords(orphaned(), { ...ownershipSet("CNAME", cart, "service-router"), name: `old-cname-${cart}` }),
      `it is owned under another prefix (old-cname-${cart}, owner service-router): this product itself holds it`,
    ],
    [
      "wanted and not published",
      remove(orphaned(), "w1", "DNSEndpoint", "shop/cart-external-dns-weu"),
      "no DNSEndpoint of a cluster that was read completely publishes it: nobody would keep it as it should be",
    ],
    ["owned as it should be", tidyFleet(), undefined],
    ["wanted by nobody", withRecords(tidyFleet(), recordSet("CNAME", GONE_HOST, GATEWAY_HOST)), undefined],
  ])("says why it leaves out what is %s", (_what, world, reason) => {
    const expected = reason === undefined ? [] : [{ region: "weu", name: cart, type: "CNAME", reason }];
    expect(found(world)).toEqual({ missing: [], leftOut: expected });
  });
});
