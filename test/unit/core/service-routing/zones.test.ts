import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimsOf, compareClaims, type ClusterRanks } from "../../../../shared/core/service-routing/claims.ts";
import { claimOutcome, resolveZones } from "../../../../shared/core/service-routing/zones.ts";
import { findCluster } from "../../../../shared/core/service-routing/find-cluster.ts";
import type { Claim } from "../../../../shared/model/claim.ts";
import {
  breakObject,
  cluster,
  configure,
  edit,
  fleet,
  ingress,
  later,
  put,
  remove,
  type World,
} from "../../../support/builders/fleet.ts";
import { CREATED_AT_MS, hostOf, metaOf, policy, route } from "../../../support/builders/objects.ts";
import { collectGarbage, fleetCluster, planLines, play, runPass, settle } from "../../../support/builders/pass.ts";

/** w1, w2 in weu, n1 in neu, in this stored order; s1 lives in frc, which comes first of all regions. */
const ranks: ClusterRanks = {
  regionOf: new Map([
    ["s1", "frc"],
    ["w1", "weu"],
    ["w2", "weu"],
    ["n1", "neu"],
  ]),
  regions: new Map([
    ["frc", 0],
    ["weu", 1],
    ["neu", 2],
  ]),
  clusters: new Map([
    ["n1", 0],
    ["w1", 1],
    ["w2", 2],
    ["s1", 3],
  ]),
};
type Short = { readonly zone?: string; readonly key?: string; readonly age?: number; readonly content?: string };
const claim = (
  from: string,
  { zone = "weu", key = "shop/cart", age = 0, content = `CNAME ${from} 300` }: Short = {},
): Claim => ({
  zone,
  name: "cart.example.com",
  content,
  cluster: from,
  source: metaOf("ServiceRoute", key, { createdAtMs: age, uid: `${from} ${key}` }),
});
const winnerOf = (claims: readonly Claim[], vanished: readonly Claim[] = []) =>
  resolveZones([claims], vanished, ranks)
    .zones.get(claims[0]?.zone ?? "")
    ?.get("cart.example.com");
const outcome = (claims: readonly Claim[], of: Claim, vanished: readonly Claim[] = []): string => {
  const { zones, disputed } = resolveZones([claims], vanished, ranks);
  const found = claimOutcome(zones, of, ranks);
  // What is not disputed is published unasked.
  if (claims.includes(of)) expect(disputed.has(of.name) || found.kind === "publishes").toBe(true);
  return found.kind === "loses" ? `${found.code} ${found.winner.cluster}` : found.kind;
};

describe("who publishes a name in a zone", () => {
  it.each<[rule: string, winner: Claim, loser: Claim]>([
    ["in one cluster the oldest source", claim("w1", { key: "z/z", age: 1 }), claim("w1", { key: "a/a", age: 2 })],
    ["then namespace/name", claim("w1", { key: "a/z" }), claim("w1", { key: "b/a" })],
    ["a cluster of the zone's region before others", claim("w2"), claim("s1")],
    ["that whatever the age", claim("w1", { age: 9 }), claim("n1", { age: 1 })],
    ["then the stored order of regions", claim("s1", { zone: "ita" }), claim("n1", { zone: "ita" })],
    ["then the stored order of clusters", claim("w1", { zone: "neu" }), claim("w2", { zone: "neu" })],
    ["within the zone's region too", claim("w1"), claim("w2", { age: -1 })],
  ])("is %s", (_rule, winner, loser) => {
    expect(winnerOf([winner, loser])?.winner).toBe(winner);
    expect(winnerOf([loser, winner])?.winner).toBe(winner);
    expect(compareClaims(winner, loser, ranks)).toBeLessThan(0);
    expect(compareClaims(loser, winner, ranks)).toBeGreaterThan(0);
  });

  it("does not depend on the order in which claims come", () => {
    const anyClaim = fc
      .record({
        from: fc.constantFrom("s1", "w1", "w2", "n1"),
        key: fc.constantFrom("a/a", "b/b"),
        age: fc.nat({ max: 2 }),
        content: fc.constantFrom("CNAME x 300", "CNAME y 300"),
      })
      .map(({ from, ...rest }) => claim(from, rest));
    const distinct = fc.uniqueArray(anyClaim, { minLength: 1, maxLength: 6, selector: ({ source }) => source.uid });
    fc.assert(
      fc.property(distinct, fc.nat(), (claims, turn) => {
        const at = turn % claims.length;
        const turned = [...claims.slice(at), ...claims.slice(0, at)];
        expect(winnerOf(turned)?.winner).toBe(winnerOf(claims)?.winner);
        expect(new Set(winnerOf(turned)?.losers)).toEqual(new Set(winnerOf(claims)?.losers));
      }),
    );
  });
});

describe("what becomes of a claim", () => {
  it.each<[string, readonly Claim[], Claim, string]>([
    ["alone it publishes", [claim("w1")], claim("w1"), "publishes"],
    [
      "it loses to an older source of its own cluster",
      [claim("w1", { key: "a/a", content: "CNAME a 300" }), claim("w1")],
      claim("w1"),
      "HostConflict w1",
    ],
    ["it stands by for a cluster of its region", [claim("w1"), claim("w2")], claim("w2"), "Standby w1"],
    ["it conflicts across regions", [claim("w1"), claim("n1")], claim("n1"), "HostConflict w1"],
    [
      "equal content never conflicts",
      [claim("w1", { content: "CNAME x 300" }), claim("w2")],
      claim("w2", { content: "CNAME x 300" }),
      "publishes",
    ],
    [
      "a TTL is content too",
      [claim("w1", { content: "CNAME x 300" })],
      claim("w2", { content: "CNAME x 60" }),
      "Standby w1",
    ],
    ["what nobody claims may be published", [], claim("w1"), "publishes"],
  ])("%s", (_rule, claims, of, expected) => expect(outcome(claims, of)).toBe(expected));

  it.each<[string, Claim, Claim, string]>([
    ["keeps a worse one off for one read", claim("w1"), claim("w2"), "waits"],
    ["does not keep a better one off", claim("w2"), claim("w1"), "publishes"],
    [
      "keeps nobody off who has the same content",
      claim("w1", { content: "CNAME x 300" }),
      claim("w2", { content: "CNAME x 300" }),
      "publishes",
    ],
    [
      "keeps a younger source of its own cluster off",
      claim("w1", { key: "a/a" }),
      claim("w1", { key: "b/b", content: "CNAME b 300" }),
      "waits",
    ],
  ])("a claim that just vanished %s", (_rule, ghost, rest, expected) =>
    expect(outcome([rest], rest, [ghost])).toBe(expected),
  );

  it("re-creates nothing by having vanished", () =>
    expect(resolveZones([[]], [claim("w1")], ranks).zones.size).toBe(0));
});

describe("claimsOf", () => {
  const claimsIn = (world: World) => {
    const placement = { revision: 0, adopters: new Map<string, string>(), adoptions: [] };
    return claimsOf(findCluster(fleetCluster(world, "w1"), placement, world.configuration.regions)).map(
      ({ zone, name, content }) => `${zone} ${name} ${content}`,
    );
  };
  const content = "CNAME w1-weu-internal.example.com 300";
  const settled = settle(
    fleet([
      cluster("w1", {
        controllers: ["weu", { name: "second", region: "weu" }],
        objects: [...ingress(), policy("shop"), route("shop/cart")],
      }),
    ]),
  ).world;
  const broken = edit(settled, { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" }, (found) => ({
    ...found,
    spec: { ...found.spec, environment: "" },
  }));

  it("are of routes that publish: one per zone, however many controllers it has", () =>
    expect(claimsIn(settled)).toEqual([`weu ${hostOf("shop/cart")} ${content}`]));

  it("are what a route published before, while it is invalid, pending or cannot be understood", () => {
    const kept = `weu ${hostOf("shop/cart")} ${content}`;
    expect([...new Set(claimsIn(broken))]).toEqual([kept]);
    expect([...new Set(claimsIn(breakObject(settled, "w1", "ServiceRoute", "shop/cart")))]).toEqual([kept]);
    expect([...new Set(claimsIn(breakObject(settled, "w1", "DNSPolicy", "shop/policy")))]).toEqual([kept]);
  });

  it("are none of a route that is withdrawn, that never published, or of a cluster that retires", () => {
    const inactive = edit(settled, { cluster: "w1", kind: "DNSPolicy", key: "shop/policy" }, (found) => ({
      ...found,
      spec: { ...found.spec, sourceRegion: "neu" },
    }));
    expect(claimsIn(inactive)).toEqual([]);
    expect(claimsIn(fleet([cluster("w1", { objects: [...ingress(), route("shop/cart")] })]))).toEqual([]);
    expect(claimsIn(configure(settled, "w1", { writes: "retiring" }))).toEqual([]);
  });
});

describe("a claim that vanished from one complete read", () => {
  const older = route("shop/cart");
  const younger = route(
    "shop/young",
    { serviceName: "cart", ttlSeconds: 60 },
    { meta: { createdAtMs: CREATED_AT_MS + 1 } },
  );
  const before = settle(fleet([cluster("w1", { objects: [...ingress(), policy("shop"), older, younger] })])).world;
  const missing = remove(before, "w1", "ServiceRoute", "shop/cart");
  const waiting = (world: World) =>
    runPass(world).plan.waiting.map(({ code, change }) => `${code} ${change.place.name} ${change.key}`);

  it("keeps a younger route of its own cluster off until a second complete read", () => {
    // What the vanished route published stays as long as nobody takes its place.
    expect(waiting(missing)).toEqual([
      "SecondRead w1 shop/cart-external-dns-weu",
      "SecondRead w1 shop/young-external-dns-weu",
    ]);
    const second = later(collectGarbage(play(missing).after), 1000);
    expect(waiting(second)).toEqual([]);
    expect(planLines(runPass(second).plan)).toContain("publish w1 create DNSEndpoint shop/young-external-dns-weu");
  });

  it("has lost nothing when it was only a list that lost it", () => {
    const back = put(play(missing).after, "w1", older);
    expect(planLines(runPass(back).plan)).toEqual([]);
    expect(waiting(back)).toEqual([]);
  });

  it("does not hold up the same route made anew with the same content", () => {
    const again = put(before, "w1", route("shop/cart", {}, { meta: { uid: "another" } }));
    expect(waiting(again)).toEqual([]);
  });
});
