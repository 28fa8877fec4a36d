/** What the real zone shows, and what a team reads of it at its route: one trouble at a time. */
import { describe, expect, it } from "vitest";
import { add, cluster, fleet, ingress, later, put, remove, type World } from "../../../support/builders/fleet.ts";
import { cname, dnsEndpoint, gateway, hostOf, policy, route } from "../../../support/builders/objects.ts";
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
    expect(verified).toMatchObject({
      status: "True",
      reason: "Verified",
      message: `${host} leads to ${target} in zone weu`,
    });
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
      {
        result: "wrong-target",
        stage: "refused",
        reason: "WrongTarget",
        evidence: expect.stringMatching(/^an A record has the name \(10\.9\.9\.9\); a CNAME cannot/),
      },
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

  it("takes no turn of anybody from what was put right once, or stood there before ExternalDNS knew better", () => {
    let world = settle(
      withZones(fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })])),
      1,
    ).world;
    const wrong = (target: string): World => putRecord(world, "weu", recordSet("CNAME", host, target));
    const steps: readonly (() => World)[] = [
      () => world,
      () => publish(world),
      () => wrong("elsewhere.example.com"),
      () => publish(world),
      () => removeRecord(world, "weu", "CNAME", host),
      () => publish(world),
    ];
    const results = steps.map((step) => {
      world = step();
      const { name } = seen(world);
      world = later(play(world).after, minute);
      return name?.result ?? "verified";
    });
    expect(results).toEqual(["missing", "verified", "wrong-target", "verified", "missing", "verified"]);
  });

  it("is over at once where the DNSEndpoint that disagreed is gone, whatever was written in turn until then", () => {
    const [, spoil] = troubles.at(-1) ?? [];
    let world = spoil?.(verifiedFleet()) ?? verifiedFleet();
    for (const target of ["elsewhere.example.com", undefined, "elsewhere.example.com", undefined]) {
      world = target === undefined ? publish(world) : putRecord(world, "weu", recordSet("CNAME", host, target));
      expect(seen(world).name?.result).toBe("flapping");
      world = later(play(world).after, minute);
    }
    expect(seen(remove(world, "w1", "DNSEndpoint", "other/cart")).name).toBeUndefined();
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

  it("goes on missing a record that was deleted by hand: it is awaited neither in the next pass nor in the one after", () => {
    let world = removeRecord(verifiedFleet(), "weu", "CNAME", host);
    for (let pass = 0; pass < 3; pass += 1) {
      const { verified, name, pass: seenPass } = seen(world);
      expect(verified).toMatchObject({ status: "False", reason: "RecordMissing" });
      expect(name).toMatchObject({ result: "missing", awaited: false });
      expect(seenPass.verified.counts.get("weu")).toMatchObject({ missing: 1, awaited: 0 });
      world = later(play(world).after, minute);
    }
  });

  it("awaits what a new target leads to as long as two intervals of ExternalDNS last", () => {
    const objects = [...ingress(), policy("shop"), route("shop/cart")];
    const slow = withZones(fleet([cluster("w1", { objects })], { intervalSeconds: 300 }));
    const after = settle(slow, 2).world;
    expect(seen(later(after, 8 * minute)).verified).toMatchObject({ reason: "AwaitingPublication" });
    expect(seen(later(after, 12 * minute)).verified).toMatchObject({ status: "False", reason: "RecordMissing" });
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

  it("does not go on saying that nothing is published once something is, while the zone cannot be read", () => {
    const start = withZones(fleet([cluster("w1", { objects: [policy("shop"), route("shop/cart")] })]));
    const world = settle(start).world;
    expect(seen(world).verified).toMatchObject({ reason: "AwaitingPublication", message: "nothing is published" });
    const published = ingress().reduce((after, object) => add(after, "w1", object), unreadZone(world, "weu"));
    expect(seen(published).verified).toMatchObject({ status: "Unknown", reason: "ZoneNotRead" });
  });

  it("does not say of a target that is wanted since then what it said of the one before", () => {
    const dark = unreadZone(verifiedFleet(), "weu");
    const moved = put(dark, "w1", gateway("istio-system/internal", { targetPostfix: "moved" }));
    expect(seen(moved).verified).toMatchObject({ status: "Unknown", reason: "ZoneNotRead" });
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
