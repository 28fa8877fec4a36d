/** What the real zone shows, and what a team reads of it at its route: one trouble at a time. */
import { describe, expect, it } from "vitest";
import { cluster, fleet, ingress, later, remove, type World } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, hostOf, ownedBy, policy, route } from "../../../support/builders/objects.ts";
import { add } from "../../../support/builders/fleet.ts";
import { desiredStatuses, play, runPass, settle } from "../../../support/builders/pass.ts";
import {
  DOMAIN,
  ownershipSet,
  publish,
  putRecord,
  recordSet,
  removeRecord,
  txtName,
  unreadZone,
  withZones,
} from "../../../support/builders/zones.ts";

const host = hostOf("shop/cart");
const target = "w1-weu-internal.example.com";
const minute = 60_000;

/** One cluster, one route, published and verified; the status says so. */
function verifiedFleet(): World {
  const start = fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })]);
  return settle(withZones(settle(start).world)).world;
}

/** The pass after the world changed, once nothing is merely awaited any more. */
function seen(world: World) {
  const pass = runPass(world);
  const status = desiredStatuses(pass).find(({ kind, key }) => kind === "ServiceRoute" && key === "shop/cart");
  const said = (type: string) => status?.conditions.find((condition) => condition.type === type);
  const [name] = pass.verified.unverified.filter((one) => one.name === host);
  return { verified: said("DNSVerified"), published: said("Published"), name, pass };
}

describe("DNSVerified", () => {
  it("is true once record and ownership are in the zone, and names what was found", () => {
    const { verified, name } = seen(verifiedFleet());
    expect(verified).toMatchObject({ status: "True", reason: "Verified", message: `CNAME ${target} in zone weu` });
    expect(name).toBeUndefined();
  });

  const troubles: readonly (readonly [string, (world: World) => World, object])[] = [
    [
      "a record that somebody deleted",
      (world) => removeRecord(world, "weu", "CNAME", host),
      { result: "missing", stage: "refused", reason: "RecordMissing" },
    ],
    [
      "a record that leads elsewhere",
      (world) => putRecord(world, "weu", recordSet("CNAME", host, "elsewhere.example.com")),
      { result: "wrong-target", stage: "refused", reason: "WrongTarget" },
    ],
    [
      "an address record that has the name",
      (world) => putRecord(removeRecord(world, "weu", "CNAME", host), "weu", recordSet("A", host, "10.9.9.9")),
      { result: "wrong-target", stage: "refused", reason: "WrongTarget" },
    ],
    [
      "a record of another owner",
      (world) => putRecord(world, "weu", ownershipSet("CNAME", host, "external-dns-other")),
      { result: "foreign-owner", reason: "ForeignOwner" },
    ],
    [
      "an ownership that nobody can read",
      (world) => putRecord(world, "weu", recordSet("TXT", txtName("CNAME", host), '"3b+Q9=="')),
      { result: "foreign-owner", reason: "ForeignOwner" },
    ],
    [
      "a record without ownership",
      (world) => removeRecord(world, "weu", "TXT", txtName("CNAME", host)),
      { result: "orphan", reason: "Orphan" },
    ],
    [
      "an ownership under another prefix",
      (world) =>
        putRecord(removeRecord(world, "weu", "TXT", txtName("CNAME", host)), "weu", {
          ...ownershipSet("CNAME", host, "external-dns-weu"),
          name: `old.cname-${host}`,
        }),
      { result: "orphan", reason: "Orphan" },
    ],
    [
      "two DNSEndpoints that disagree",
      (world) =>
        add(
          world,
          "w1",
          dnsEndpoint("other/cart", [cname(host, "elsewhere.example.com")], {
            meta: { labels: { "router.io/region": "weu", "app.kubernetes.io/managed-by": "helm" } },
          }),
        ),
      { result: "flapping", stage: "overwritten", reason: "Flapping" },
    ],
  ];

  it.each(troubles)("is false with %s, in the very next pass", (_what, spoil, { reason, ...expected }: Expected) => {
    const { verified, name } = seen(spoil(verifiedFleet()));
    expect(name).toMatchObject(expected);
    expect(verified).toMatchObject({ status: "False", reason });
    expect(verified?.message).toContain("in zone weu: ");
  });

  type Expected = { readonly reason?: string; readonly result?: string; readonly stage?: string };

  it("names who alternates", () => {
    const [, spoil] = troubles.at(-1) ?? [];
    const { name } = seen(spoil?.(verifiedFleet()) ?? verifiedFleet());
    expect(name?.evidence).toContain("DNSEndpoint shop/cart-external-dns-weu of cluster w1");
    expect(name?.evidence).toContain("DNSEndpoint other/cart of cluster w1");
  });

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

  it("names a writer outside the fleet once a content came back after another", () => {
    const wrong = recordSet("CNAME", host, "elsewhere.example.com");
    const passes = [wrong, undefined, wrong, undefined];
    let world = verifiedFleet();
    const results = passes.map((set) => {
      world = set === undefined ? publish(world) : putRecord(world, "weu", set);
      const { name } = seen(world);
      world = later(play(world).after, minute);
      return name?.result ?? "verified";
    });
    expect(results).toEqual(["wrong-target", "verified", "flapping", "flapping"]);
  });

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

  it("forgets a writer that left for a quarter of an hour", () => {
    let world = putRecord(verifiedFleet(), "weu", recordSet("CNAME", host, "elsewhere.example.com"));
    world = later(play(world).after, minute);
    for (let pass = 0; pass < 20; pass += 1) world = later(play(publish(world)).after, minute);
    expect(world.memory.since.records).toEqual({});
  });

  it("awaits a new name for three minutes from the first read of its zone, then says that it is missing", () => {
    const start = withZones(fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })]));
    const after = settle(start, 2).world;
    const first = seen(after);
    expect(first.verified).toMatchObject({ status: "Unknown", reason: "AwaitingPublication" });
    const late = seen(later(after, 3 * minute));
    expect(late.verified).toMatchObject({ status: "False", reason: "RecordMissing" });
    expect(late.name).toMatchObject({ result: "missing", stage: "not-picked-up" });
  });

  it("says that nothing was applied where the DNSEndpoint is not there", () => {
    const gone = remove(verifiedFleet(), "w1", "DNSEndpoint", "shop/cart-external-dns-weu");
    const { name } = seen(removeRecord(gone, "weu", "CNAME", host));
    expect(name).toMatchObject({ result: "missing", stage: "not-applied" });
  });

  it("keeps what it said while the zone cannot be read, and takes it up again afterwards", () => {
    const world = verifiedFleet();
    const dark = unreadZone(world, "weu", "ZONE_UNREACHABLE", "no answer");
    expect(seen(dark).verified).toEqual(seen(world).verified);
    const spoilt = putRecord(world, "weu", recordSet("CNAME", host, "elsewhere.example.com"));
    const written = play(spoilt).after;
    expect(seen(unreadZone(written, "weu")).verified).toMatchObject({ status: "False", reason: "WrongTarget" });
    expect(seen(publish(written)).verified).toMatchObject({ status: "True" });
  });

  it("knows nothing while no zone is configured or was ever read", () => {
    const start = settle(fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })])).world;
    expect(seen(start).verified).toMatchObject({ status: "Unknown", reason: "ZoneNotRead" });
    expect(seen(unreadZone(withZones(start), "weu")).verified).toMatchObject({
      status: "Unknown",
      reason: "ZoneNotRead",
    });
  });

  it("takes Published back where another owner has the record, or several write it", () => {
    const foreign = seen(putRecord(verifiedFleet(), "weu", ownershipSet("CNAME", host, "external-dns-other")));
    expect(foreign.published).toMatchObject({ status: "False", reason: "ForeignOwner" });
    const [, spoil] = troubles.at(-1) ?? [];
    const contended = seen(spoil?.(verifiedFleet()) ?? verifiedFleet());
    expect(contended.published).toMatchObject({ status: "False", reason: "Contended" });
  });

  it("asks the inner one of nested zones, and none about a name that no zone holds", () => {
    const world = verifiedFleet();
    const [zone] = world.zones ?? [];
    if (zone?.listing.read !== "complete") throw new Error("no zone");
    const inner = { ...zone, zone: `shop.${DOMAIN}`, listing: { read: "complete" as const, recordSets: [] } };
    expect(seen({ ...world, zones: [zone, inner] }).verified).toMatchObject({ status: "True" });
    const within = { ...inner, zone: host };
    expect(seen({ ...world, zones: [zone, within] }).verified).toMatchObject({ reason: "RecordMissing" });
    const elsewhere = { ...zone, zone: "example.org" };
    expect(seen({ ...world, zones: [elsewhere] }).verified).toMatchObject({ reason: "ZoneNotRead" });
  });

  it("changes no object, whatever the zone says", () => {
    for (const [, spoil] of troubles) {
      const { plan } = runPass(spoil(verifiedFleet()));
      expect(plan.changes).toEqual([]);
    }
  });
});
