import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameOrder, orderToRemember, rebuiltOrder } from "../../../../shared/core/reading/rebuilt-order.ts";
import { emptyOrder } from "../../../../shared/core/reading/stored-order.ts";
import type { Claim, Zones } from "../../../../shared/model/claim.ts";
import type { DnsEndpoint } from "../../../../shared/model/cluster-objects.ts";
import type { Fleet, FleetCluster } from "../../../../shared/model/fleet.ts";
import type { Order } from "../../../../shared/model/state.ts";
import { serviceRoutingMarker } from "../../../../shared/model/ownership.ts";
import { metaOf } from "../../../support/builders/objects.ts";

/** `weu/cart`: the name `cart` in the zone `weu`. */
type Published = {
  readonly region: string;
  readonly names: readonly string[];
  readonly labels?: DnsEndpoint["meta"]["labels"];
};

const marker = { [serviceRoutingMarker.label]: serviceRoutingMarker.value };

function endpoint(text: string, labels: DnsEndpoint["meta"]["labels"]): DnsEndpoint {
  const [zone = "", dnsName = ""] = text.split("/");
  const meta = metaOf("DNSEndpoint", `shop/${dnsName}-${zone}`, { labels: { ...labels, "router.io/region": zone } });
  return { meta, spec: { endpoints: [{ dnsName, recordType: "CNAME", targets: ["t"] }] } };
}

/** `undefined`: never read. */
function fleetOf(clusters: Readonly<Record<string, Published | undefined>>): Fleet {
  const made = Object.entries(clusters).map(([name, given]): FleetCluster => {
    const objects = given?.names.map((text) => endpoint(text, { ...marker, ...given.labels })) ?? [];
    return {
      name,
      mode: "apply",
      gatewayNamespace: "istio-system",
      standing: { kind: "complete" },
      writes: { kind: "allowed" },
      refusedIdentities: new Map(),
      refusedConfigurations: new Map(),
      current: {},
      readAtMs: 0,
      ...(given === undefined
        ? {}
        : { region: given.region, believed: { DNSEndpoint: { read: "complete", objects, rejected: [] } } }),
    };
  });
  return { nowMs: 0, clusters: made, regions: [] };
}

/** Who claims which name; the first of them would win by the present order. */
function claimed(claims: Readonly<Record<string, readonly string[]>>): Zones {
  const zones = new Map<string, Map<string, { winner: Claim; losers: readonly Claim[] }>>();
  for (const [text, clusters] of Object.entries(claims)) {
    const [zone = "", name = ""] = text.split("/");
    const source = metaOf("ServiceRoute", `shop/${name}`);
    const [winner, ...losers] = clusters.map((cluster) => ({ zone, name, content: cluster, cluster, source }));
    if (winner === undefined) continue;
    zones.set(zone, (zones.get(zone) ?? new Map()).set(name, { winner, losers }));
  }
  return zones;
}

const weu = (...names: readonly string[]) => ({ region: "weu", names });
const neu = (...names: readonly string[]) => ({ region: "neu", names });
const configured = { ...emptyOrder, regions: ["weu", "neu", "frc"], clusters: ["w1", "w2", "w3", "n1"] };

describe("rebuiltOrder, for clusters of a region", () => {
  it.each([
    [
      "is that of the configuration while nobody publishes",
      fleetOf({ w1: weu(), w2: weu() }),
      {},
      ["w1", "w2", "w3", "n1"],
    ],
    [
      "is that of the configuration where publishers claim different names",
      fleetOf({ w1: weu("weu/a"), w2: weu("weu/b"), w3: weu("weu/c"), n1: neu("neu/d") }),
      {},
      ["w1", "w2", "w3", "n1"],
    ],
    [
      "puts the publisher of a name before others who claim it",
      fleetOf({ w1: weu("weu/a"), w2: weu("weu/b"), w3: weu("weu/c"), n1: neu("neu/d") }),
      { "weu/c": ["w1", "w2", "w3"] },
      ["w3", "w1", "w2", "n1"],
    ],
    [
      "puts who publishes nothing last: it is a newcomer",
      fleetOf({ w1: weu(), w2: weu("weu/b"), w3: weu(), n1: neu("neu/d") }),
      {},
      ["w2", "n1", "w1", "w3"],
    ],
    [
      "calls nobody a newcomer while a cluster was never read",
      fleetOf({ w1: weu(), w2: weu("weu/b"), w3: undefined, n1: neu() }),
      {},
      ["w1", "w2", "w3", "n1"],
    ],
    [
      "does not count gateway hosts: a newcomer has them at once",
      fleetOf({
        w1: { ...weu("weu/gw"), labels: { "router.io/resource-type": "gateway-service" } },
        w2: weu("weu/b"),
        w3: weu("weu/c"),
        n1: neu("neu/d"),
      }),
      {},
      ["w2", "w3", "n1", "w1"],
    ],
    [
      "counts only objects of ours",
      fleetOf({
        w1: { ...weu("weu/a"), labels: { [serviceRoutingMarker.label]: "somebody" } },
        w2: weu(),
        w3: weu(),
        n1: neu(),
      }),
      { "weu/a": ["w2", "w1"] },
      ["w1", "w2", "w3", "n1"],
    ],
    [
      "takes nothing from a name that two publish: nobody can say who has the record",
      fleetOf({ w1: weu("weu/a"), w2: weu("weu/a"), w3: weu("weu/c"), n1: neu("neu/d") }),
      { "weu/a": ["w2", "w1"] },
      ["w1", "w2", "w3", "n1"],
    ],
    [
      "leaves as few names to others as it can where no order keeps all",
      fleetOf({ w1: weu("weu/a"), w2: weu("weu/b", "weu/c"), w3: weu("weu/d"), n1: neu("neu/d") }),
      { "weu/a": ["w1", "w2"], "weu/b": ["w1", "w2"], "weu/c": ["w1", "w2"] },
      ["w3", "n1", "w2", "w1"],
    ],
  ])("%s", (_rule, fleet, claims, expected) =>
    expect(rebuiltOrder(configured, fleet, claimed(claims)).clusters).toEqual(expected),
  );

  it("keeps every name with its publisher whenever some order does", () => {
    const anyOrder = fc.shuffledSubarray(["w1", "w2", "w3", "w4", "w5"], { minLength: 5 });
    const anyClaims = fc.dictionary(
      fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `weu/n${index}`)),
      fc.subarray(["w1", "w2", "w3", "w4", "w5"], { minLength: 1 }),
    );
    fc.assert(
      fc.property(anyOrder, anyOrder, anyClaims, (before, now, claims) => {
        const publisherOf = (name: string, order: readonly string[]) =>
          order.find((cluster) => claims[name]?.includes(cluster) === true);
        const names = Object.keys(claims);
        const published = Object.fromEntries(
          before.map((cluster) => [cluster, weu(...names.filter((name) => publisherOf(name, before) === cluster))]),
        );
        const rebuilt = rebuiltOrder({ ...emptyOrder, clusters: now }, fleetOf(published), claimed(claims));
        expect(rebuilt.clusters.toSorted()).toEqual(now.toSorted());
        expect(names.map((name) => publisherOf(name, rebuilt.clusters))).toEqual(
          names.map((name) => publisherOf(name, before)),
        );
      }),
    );
  });
});

describe("orderToRemember", () => {
  const stored: Order = { ...emptyOrder, clusters: ["w2", "w1"] };
  const known = fleetOf({ w1: weu(), w2: weu() });
  const unknown = fleetOf({ w1: weu(), w2: undefined });
  const givenUp = { ...unknown, clusters: unknown.clusters.map((one) => ({ ...one, mode: "retiring" as const })) };
  it.each<[string, Fleet, Order, Order]>([
    ["the new one where every cluster was read", known, emptyOrder, configured],
    ["none where one was never read: it would lose its names meanwhile", unknown, emptyOrder, emptyOrder],
    ["the new one where the one that was never read is given up", givenUp, emptyOrder, configured],
    ["the new one where another was stored, read or not", unknown, stored, configured],
  ])("remembers %s", (_what, fleet, before, expected) =>
    expect(orderToRemember(configured, fleet, before)).toBe(expected),
  );
});

describe("isSameOrder", () => {
  const adopters = [{ region: "frc", cluster: "w1" }];
  it.each([
    ["equal clusters and regions, whoever adopts", { ...configured, adopters }, true],
    ["clusters in another order", { ...configured, clusters: configured.clusters.toReversed() }, false],
    ["regions in another order", { ...configured, regions: configured.regions.toReversed() }, false],
  ])("given %s", (_what, other, expected) => expect(isSameOrder(configured, other)).toBe(expected));
});

describe("rebuiltOrder, for regions", () => {
  it.each([
    [
      "puts the region of the publisher before others in a zone of neither",
      { w1: weu("weu/x"), n1: neu("frc/a") },
      { "frc/a": ["w1", "n1"] },
      ["neu", "weu", "frc"],
    ],
    [
      "says nothing where the zone's own region wins anyhow",
      { w1: weu("weu/x"), n1: neu("weu/a", "neu/a") },
      { "weu/a": ["w1", "n1"] },
      ["weu", "neu", "frc"],
    ],
  ])("%s", (_rule, clusters, claims, expected) =>
    expect(rebuiltOrder(configured, fleetOf(clusters), claimed(claims)).regions).toEqual(expected),
  );
});
