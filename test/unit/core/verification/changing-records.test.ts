/** Names whose record changes over several passes, and names that are spelt in several ways. */
import { describe, expect, it } from "vitest";
import { add, cluster, fleet, ingress, later, type World } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, hostOf, ownedBy, policy, route } from "../../../support/builders/objects.ts";
import { play, runPass, settle } from "../../../support/builders/pass.ts";
import { publish, putRecord, recordSet, removeRecord, txtName, withZones } from "../../../support/builders/zones.ts";

const host = hostOf("shop/cart");
const target = "w1-weu-internal.example.com";
const minute = 60_000;

/** One cluster, one route, published and verified; the status says so. */
function verifiedFleet(): World {
  const start = fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })]);
  return settle(withZones(settle(start).world)).world;
}

function seen(world: World) {
  const [name] = runPass(world).verified.unverified.filter((one) => one.name === host);
  return { name };
}

describe("flapping", () => {
  const strip = (world: World): World => removeRecord(world, "weu", "TXT", txtName("CNAME", host));
  const misdirect = (world: World): World => putRecord(world, "weu", recordSet("CNAME", host, "elsewhere.example.com"));
  const encrypt = (world: World): World =>
    putRecord(world, "weu", recordSet("TXT", txtName("CNAME", host), '"3b+Q9=="'));
  const erase = (world: World): World => removeRecord(world, "weu", "CNAME", host);

  /** What is said after each of these, a minute apart. */
  function results(start: World, happenings: readonly ((world: World) => World)[]): readonly string[] {
    let world = start;
    return happenings.map((happens) => {
      world = happens(world);
      const { name } = seen(world);
      world = later(play(world).after, minute);
      return name?.result ?? "verified";
    });
  }

  it("calls nobody a writer who put right what was wrong once", () => {
    const troubles = [strip, misdirect, erase].map((trouble) => results(verifiedFleet(), [trouble, publish, publish]));
    expect(troubles).toEqual([
      ["orphan", "verified", "verified"],
      ["wrong-target", "verified", "verified"],
      ["missing", "verified", "verified"],
    ]);
    expect(results(verifiedFleet(), [misdirect, publish, strip, publish])).not.toContain("flapping");
    expect(results(verifiedFleet(), [strip, publish, encrypt, publish])).not.toContain("flapping");
  });

  it("calls a record of a new name missing that is deleted right after it was made", () => {
    const fresh = withZones(fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })]));
    const { world } = settle(fresh, 2);
    expect(results(erase(world), [erase, publish, erase, publish])).toEqual([
      "missing",
      "verified",
      "missing",
      "verified",
    ]);
  });

  it("takes what was found longer ago than a quarter of an hour for gone, however rare the passes are", () => {
    const rarely =
      (happens: (world: World) => World) =>
      (world: World): World =>
        happens(later(world, 9 * minute));
    const happenings = [misdirect, publish, misdirect, publish].map(rarely);
    expect(results(verifiedFleet(), happenings)).not.toContain("flapping");
  });

  it("calls an address verified while that of the other family changes", () => {
    const both = settle(
      fleet([cluster("w1", { objects: [...ingress("10.0.0.1", "fd00::1"), policy("shop"), route("shop/cart")] })]),
    ).world;
    const [ours, theirs] = ["fd00::1", "fd00::2"].map((value) => recordSet("AAAA", target, value));
    // Both are remembered, because both were wrong once.
    let world = putRecord(settle(withZones(both)).world, "weu", recordSet("A", target, "10.9.9.9"));
    const wrong = [theirs, ours, theirs, ours, theirs].map((set) => {
      world = set === ours ? publish(world) : putRecord(world, "weu", set ?? recordSet("AAAA", target));
      const { unverified } = runPass(world).verified;
      world = later(play(world).after, minute);
      return unverified.map(({ type, result }) => `${type} ${result}`).join(", ");
    });
    expect(wrong).toEqual(["A wrong-target, AAAA wrong-target", "", "AAAA flapping", "AAAA flapping", "AAAA flapping"]);
  });
});

describe("names and targets", () => {
  it("takes no other spelling of name and target for a disagreement", () => {
    const same = dnsEndpoint("other/cart", [cname(`${host.toUpperCase()}.`, `${target.toUpperCase()}.`)], {
      meta: { labels: { "router.io/region": "weu", "app.kubernetes.io/managed-by": "helm" } },
    });
    expect(seen(add(verifiedFleet(), "w1", same)).name).toBeUndefined();
  });

  it("finds the record of a name that a kept DNSEndpoint spells in capitals", () => {
    const capital = settle(
      fleet([
        cluster("w1", {
          objects: [
            ...ingress(),
            policy("shop"),
            route("shop/cart", { serviceName: "Cart" }),
            dnsEndpoint("shop/cart-external-dns-weu", [cname(host.replace("cart", "Cart"), target)], {
              owner: ownedBy(route("shop/cart")),
            }),
          ],
        }),
      ]),
    ).world;
    const { unverified } = runPass(publish(withZones(capital))).verified;
    expect(unverified.filter(({ name }) => name.startsWith("Cart"))).toEqual([]);
    expect(runPass(withZones(capital)).desired.zones.get("weu")?.size).toBe(1);
  });
});
