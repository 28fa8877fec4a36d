import { describe, expect, it } from "vitest";
import { adoptersInOrder, adoptersToday } from "../../../../shared/core/placement/adopted-regions.ts";
import { emptyOrder } from "../../../../shared/core/reading/stored-order.ts";
import {
  cluster,
  edit,
  fleet,
  ingress,
  remove,
  unread,
  type ClusterOptions,
  type World,
} from "../../../support/builders/fleet.ts";
import { policy, route } from "../../../support/builders/objects.ts";
import { play, runPass } from "../../../support/builders/pass.ts";

const placed = (world: World) => runPass(world).placement;
const outcomes = (world: World) =>
  placed(world).adoptions.map(({ cluster: name, region, outcome }) =>
    [name, region, outcome.kind, "adopter" in outcome ? outcome.adopter : "", "reason" in outcome ? outcome.reason : ""]
      .filter((part) => part !== "")
      .join(" "),
  );
/** n1 in neu, with controllers for weu and frc as well, adopts what is said; w1 lives in weu. */
const withAdopter = (adopts: readonly string[], others: readonly ReturnType<typeof cluster>[] = [cluster("w1")]) =>
  fleet([cluster("n1", adopting(adopts)), ...others]);
const adopting = (adopts: readonly string[]): ClusterOptions => ({
  region: "neu",
  controllers: ["neu", "weu", "frc"],
  adopts,
});
const stopAsking = (world: World, name: string) =>
  edit(world, { cluster: name, kind: "ClusterIdentity", key: "identity" }, (found) => ({
    ...found,
    spec: { ...found.spec, adoptsRegions: [] },
  }));

describe("resolvePlacement", () => {
  it.each([
    ["a region without fleet clusters is served by whoever asks", ["frc"], ["n1 frc standing"]],
    ["a region with fleet clusters is only requested", ["weu"], ["n1 weu requested"]],
    ["the own region is refused", ["neu"], ["n1 neu refused own-region"]],
    ["a region without a controller is refused", ["xyz"], ["n1 xyz refused no-controller"]],
    ["an item written twice counts once", ["frc", "frc"], ["n1 frc standing"]],
    [
      "items are judged one by one, in the order of their names",
      ["weu", "neu", "frc"],
      ["n1 frc standing", "n1 neu refused own-region", "n1 weu requested"],
    ],
    ["nobody asks", [], []],
  ])("%s", (_rule, adopts, expected) => expect(outcomes(withAdopter(adopts))).toEqual(expected));

  it("serves regions whose outcome is standing, and no others", () =>
    expect([...placed(withAdopter(["frc", "weu", "xyz"])).adopters]).toEqual([["frc", "n1"]]));

  it("gives a region that two ask for to the first in the stored order; the other stands by", () => {
    const world = fleet([cluster("n1", adopting(["frc"])), cluster("n2", adopting(["frc"]))]);
    expect(outcomes(world)).toEqual(["n1 frc standing", "n2 frc standby n1"]);
  });

  it("waits where the region may be that of a cluster of which nothing is known, and says which", () => {
    const world = withAdopter(["frc", "weu"], [cluster("w1"), cluster("x1", { unread: "all" })]);
    expect(placed(world).adoptions.map(({ region, outcome }) => [region, outcome])).toEqual([
      ["frc", { kind: "requested", unknown: ["x1"] }],
      ["weu", { kind: "requested" }],
    ]);
  });

  it("leaves a region with its adopter, though one that comes earlier asks as well", () => {
    const world = fleet([cluster("n1", adopting(["frc"])), cluster("n2", adopting(["frc"]))]);
    const stored = { regions: ["neu", "frc"], clusters: ["n1", "n2"], adopters: [{ region: "frc", cluster: "n2" }] };
    expect(outcomes({ ...world, memory: { ...world.memory, order: stored } })).toEqual([
      "n1 frc standby n2",
      "n2 frc standing",
    ]);
  });

  it("leaves it with its adopter while that one cannot be read", () => {
    const before = play(fleet([cluster("n2", adopting(["frc"])), cluster("n1", adopting(["frc"]))])).after;
    expect(outcomes(unread(before, "n2", "all"))).toEqual(["n2 frc standing", "n1 frc standby n2"]);
  });

  it("gives it to the next when its adopter stops asking", () => {
    const before = play(fleet([cluster("n1", adopting(["frc"])), cluster("n2", adopting(["frc"]))])).after;
    const after = stopAsking(before, "n1");
    expect(outcomes(after)).toEqual(["n2 frc standing"]);
    expect(adoptersInOrder(placed(after), [])).toEqual([{ region: "frc", cluster: "n2" }]);
  });

  it("counts a pinned region as inhabited though its cluster was never read", () =>
    expect(outcomes(withAdopter(["weu"], [cluster("w1", { pinned: true, unread: "all" })]))).toEqual([
      "n1 weu requested",
    ]));

  it("counts no region as empty while the region of any cluster is unknown: it might live there", () => {
    const world = withAdopter(["frc"], [cluster("w1", { unread: "all" })]);
    expect(outcomes(world)).toEqual(["n1 frc requested"]);
    expect(placed(world).adopters.size).toBe(0);
  });

  it("does not wait for a cluster that retires: switched off, it is gone by a person's word", () => {
    const before = play(withAdopter(["frc"], [cluster("w1", { writes: "retiring" })])).after;
    const off = unread(play(before).after, "w1", "all");
    expect(placed(off).adopters).toEqual(new Map([["frc", "n1"]]));
  });

  it("forgets no adopter while the region of any cluster is unknown: nobody else takes over meanwhile", () => {
    const before = play(withAdopter(["frc"], [cluster("w1")])).after;
    const lost = play(remove(before, "w1", "ClusterIdentity", "identity"));
    expect(lost.pass.placement.adopters.size).toBe(0);
    expect(lost.after.memory.order.adopters).toEqual([{ region: "frc", cluster: "n1" }]);
  });

  it("takes a region back from its adopter as a request when a cluster appears there", () => {
    const before = play(withAdopter(["frc"])).after;
    const grown = fleet([...before.clusters, cluster("f1", { region: "frc" })]);
    expect(outcomes({ ...grown, memory: before.memory })).toEqual(["n1 frc requested"]);
    expect(runPass({ ...grown, memory: before.memory }).order.adopters).toEqual([]);
  });
});

describe("adoptersToday", () => {
  const asks = (name: string, region: string) =>
    cluster(name, { region, controllers: [region, "frc"], adopts: ["frc"], objects });
  const objects = [...ingress(), policy("shop"), route("shop/cart")];
  const today = (world: World) => adoptersToday(runPass(world).assessment.fleet);
  const swapped = (world: World): World => {
    const clusters = world.clusters.toReversed();
    const configuration = { ...world.configuration, clusters: clusters.map(({ configured }) => configured) };
    return { ...world, clusters, configuration, memory: { ...world.memory, order: emptyOrder } };
  };

  it("is nobody before anything is published", () =>
    expect(today(fleet([asks("n1", "neu"), asks("w1", "weu")]))).toEqual([]));

  it("is whoever publishes hosts of routes in the zone, wherever fleet.yaml lists it now", () => {
    const { after } = play(fleet([asks("n1", "neu"), asks("w1", "weu")]));
    expect(today(swapped(after))).toEqual([{ region: "frc", cluster: "n1" }]);
    expect(outcomes(swapped(after))).toEqual(["w1 frc standby n1", "n1 frc standing"]);
  });

  it("is nobody who stopped asking", () => {
    const { after } = play(fleet([asks("n1", "neu"), asks("w1", "weu")]));
    expect(today(stopAsking(swapped(after), "n1"))).toEqual([]);
  });

  it("is not who only publishes RegionBound names there: those go to every zone", () => {
    const bound = [...ingress(), policy("pay", { mode: "RegionBound", sourceRegion: "weu" }), route("pay/card")];
    const w1 = cluster("w1", { controllers: ["weu", "frc"], adopts: ["frc"], objects: bound });
    const { after } = play(fleet([asks("n1", "neu"), w1]));
    expect(today(swapped(after))).toEqual([{ region: "frc", cluster: "n1" }]);
    expect(today(play(fleet([w1, asks("n1", "neu")])).after)).toEqual([]);
  });
});
