import { describe, expect, it } from "vitest";
import type { FleetCluster } from "../../../../shared/model/fleet.ts";
import { TEST_START_MS } from "../../../support/clock.ts";
import {
  approve,
  changeCluster,
  cluster,
  configure,
  edit,
  fleet,
  ingress,
  later,
  remove,
  unread,
  type ClusterOptions,
  type World,
} from "../../../support/builders/fleet.ts";
import { identity, operatorDeployment, operatorLease, policy, route } from "../../../support/builders/objects.ts";
import { fleetCluster, play, runPass } from "../../../support/builders/pass.ts";

const assess = (world: World) => runPass(world).assessment;
const assessed = (world: World, name = "w1"): FleetCluster => fleetCluster(world, name);
const one = (options: ClusterOptions = {}): World => fleet([cluster("w1", options)]);
const routes = (count: number) => Array.from({ length: count }, (_none, index) => route(`shop/r${index}`));
const busy = () => play(one({ objects: [...ingress(), policy("shop"), ...routes(12)] })).after;
const emptied = (world: World) =>
  remove(world, "w1", "ServiceRoute", ...routes(12).map(({ object }) => `shop/${object.meta.name}`));

describe("a cluster that was read to its end", () => {
  it("is complete and may be written to", () =>
    expect(assessed(one())).toMatchObject({
      standing: { kind: "complete" },
      writes: { kind: "allowed" },
      region: "weu",
      identity: { region: "weu", cluster: "w1" },
      istioVersion: "v1",
    }));

  it("has no previous read when nothing changed since, and one when something did", () => {
    const played = play(play(busy()).after).after;
    expect(assessed(played).previous).toBeUndefined();
    const changed = edit(played, { cluster: "w1", kind: "ServiceRoute", key: "shop/r1" }, (found) => found);
    expect(assessed(changed).previous).toBe(played.memory.lastGood.get("w1")?.listings);
  });
});

describe("a cluster of which something required was not read", () => {
  it("is frozen, names what is missing, and is not written to", () =>
    expect(assessed(one({ unread: ["ServiceRoute", "Gateway"] }))).toMatchObject({
      standing: {
        kind: "frozen",
        code: "NotRead",
        reason: "Gateway, ServiceRoute not read: not allowed to list Gateway",
      },
      writes: { kind: "stopped", code: "Frozen" },
    }));

  it("is believed to be as in its last good read, identity and Istio version included", () => {
    const before = play(one({ objects: [route("shop/cart")], istioVersion: "v1beta1" })).after;
    const found = assessed(unread(before, "w1", "all"));
    expect(found.believed).toBe(before.memory.lastGood.get("w1")?.listings);
    expect(found).toMatchObject({ region: "weu", identity: { cluster: "w1" }, istioVersion: "v1beta1" });
    expect(found.current.ServiceRoute).toMatchObject({ read: "not-read", code: "CLUSTER_UNREACHABLE" });
  });

  it("is believed to be nothing when it was never read: its region is known only where it is pinned", () => {
    expect(assessed(one({ unread: "all" }))).not.toHaveProperty("believed");
    expect(assessed(one({ unread: "all" }))).not.toHaveProperty("region");
    expect(assessed(one({ unread: "all", pinned: true })).region).toBe("weu");
  });

  it("goes on as usual when only what is not required is missing", () =>
    expect(assessed(one({ unread: ["IstioGateway"] })).standing.kind).toBe("complete"));
});

describe("a read that lost too much", () => {
  it("counts as not read, and is held for approval with its digest", () => {
    const world = emptied(busy());
    const { held, shrunkReads } = assess(world);
    expect(assessed(world)).toMatchObject({ standing: { kind: "frozen", code: "ShrunkRead" } });
    expect(held).toMatchObject([{ scope: "read/w1", code: "ShrunkRead", digest: shrunkReads["w1"]?.digest }]);
    expect(shrunkReads["w1"]).toMatchObject({ passes: 1, firstSeenAtMs: world.nowMs });
  });

  it("is believed after three passes, ten minutes and an approval", () => {
    let world = emptied(busy());
    world = approve(world, assess(world).held[0]?.digest ?? "");
    const standings: string[] = [];
    for (let pass = 0; pass < 4; pass += 1) {
      standings.push(assessed(world).standing.kind);
      world = later(play(world).after, 5 * 60_000);
    }
    expect(standings).toEqual(["frozen", "frozen", "complete", "complete"]);
  });

  it("says in its held item since when it counts, who approved it, and what is still missing", () => {
    const first = { ...emptied(busy()), nowMs: Date.UTC(2026, 10, 21, 17, 7, 30) };
    expect(assess(first).held[0]?.reason).toMatch(
      /approved it, from 2026-11-21 17:18 \(UTC\) on and once 3 passes saw it \(1 so far, this one included\)$/,
    );
    const approved = later(approve(play(first).after, assess(first).held[0]?.digest ?? ""), 60_000);
    const [held] = assess(approved).held;
    expect([held?.approved, held?.reason]).toEqual([
      true,
      expect.stringMatching(
        /Approved by \S+ at .* \(UTC\): it is believed from 2026-11-21 17:18 \(UTC\) on and once 3 passes saw it \(2 so far/,
      ),
    ]);
  });

  it("is not forgotten by a pass that could not read the cluster, which does not count either", () => {
    const doubted = play(emptied(busy())).after;
    const unreadable = play(unread(doubted, "w1", ["DNSPolicy"])).after;
    expect(unreadable.memory.since.shrunkReads).toEqual(doubted.memory.since.shrunkReads);
  });

  it("is forgotten when the objects are back", () => {
    const before = busy();
    const doubted = play(emptied(before)).after;
    const back = changeCluster(doubted, "w1", () => before.clusters[0] ?? cluster("w1"));
    expect(assess(back)).toMatchObject({ held: [], shrunkReads: {} });
  });
});

describe("whether a cluster may be written to", () => {
  it.each<[string, ClusterOptions, FleetCluster["writes"]["kind"], string]>([
    ["the configuration says observe", { writes: "observe" }, "observed", "writes: observe"],
    ["observe counts although it is frozen", { writes: "observe", unread: "all" }, "observed", "writes: observe"],
    ["the operator renews its Lease", { objects: [operatorLease(TEST_START_MS)] }, "stopped", "scale it to zero first"],
    ["the operator has a ready replica", { objects: [operatorDeployment()] }, "stopped", "scale it to zero first"],
    [
      "the operator runs although a person says it is stopped",
      { objects: [operatorDeployment()], operatorStopped: true },
      "stopped",
      "scale it to zero first",
    ],
    [
      "nobody can see whether the operator runs",
      { unread: ["OperatorLease", "OperatorDeployment"] },
      "stopped",
      "takeover.operatorStopped: true",
    ],
    ["a cluster that retires is withdrawn from", { writes: "retiring" }, "allowed", ""],
    [
      "a person says that the operator is stopped",
      { unread: ["OperatorLease", "OperatorDeployment"], operatorStopped: true },
      "allowed",
      "",
    ],
  ])("%s", (_rule, options, kind, reason) => {
    const { writes } = assessed(one(options));
    expect(writes.kind).toBe(kind);
    expect(writes.kind === "allowed" ? "" : writes.reason).toContain(reason);
  });
});

describe("two clusters with one identity", () => {
  const twins = () => fleet([cluster("w1", { aks: "aks01" }), cluster("w2", { aks: "aks01" }), cluster("w3")]);

  it("are both frozen, and the others go on", () => {
    const world = twins();
    for (const name of ["w1", "w2"]) {
      expect(assessed(world, name)).toMatchObject({
        standing: { kind: "frozen", code: "DuplicateClusterName" },
        writes: { kind: "stopped", code: "Frozen" },
      });
    }
    expect(assessed(world, "w1").standing).toMatchObject({ reason: expect.stringContaining("w1 and w2") });
    expect(assessed(world, "w3").standing.kind).toBe("complete");
  });

  it("are told apart by region and domain", () => {
    const regions = fleet([cluster("w1", { aks: "aks01" }), cluster("n1", { aks: "aks01", region: "neu" })]);
    expect(assess(regions).fleet.clusters.map(({ standing }) => standing.kind)).toEqual(["complete", "complete"]);
    const other = identity({ cluster: "aks01", domain: "example.org" });
    const domains = fleet([cluster("w1", { aks: "aks01" }), cluster("w2", { bare: true, objects: [other] })]);
    expect(assess(domains).fleet.clusters.map(({ standing }) => standing.kind)).toEqual(["complete", "complete"]);
  });

  it("keep the claims of their last good read, under the identity that they had then", () => {
    const before = play(fleet([cluster("w1"), cluster("n1", { region: "neu" })])).after;
    const typo = edit(before, { cluster: "n1", kind: "ClusterIdentity", key: "identity" }, (found) => ({
      ...found,
      spec: { ...found.spec, region: "weu", cluster: "w1" },
    }));
    const found = assessed(typo, "n1");
    expect(found.standing).toMatchObject({ code: "DuplicateClusterName" });
    expect(found.believed).toBe(before.memory.lastGood.get("n1")?.listings);
    expect(found).toMatchObject({ region: "neu", identity: { region: "neu", cluster: "n1" } });
  });

  it("do not become last good: the next pass still knows what they were", () => {
    const before = play(fleet([cluster("w1"), cluster("w2")])).after;
    const typo = edit(before, { cluster: "w2", kind: "ClusterIdentity", key: "identity" }, (found) => ({
      ...found,
      spec: { ...found.spec, cluster: "w1" },
    }));
    const after = play(play(typo).after).after;
    expect(after.memory.lastGood).toEqual(before.memory.lastGood);
  });
});

describe("a cluster whose identity differs from what is pinned", () => {
  it("has no identity, keeps its pinned region, and stays readable", () => {
    const world = configure(one(), "w1", { identity: { region: "neu", cluster: "aks09" } });
    const found = assessed(world);
    expect(found).not.toHaveProperty("identity");
    expect(found).toMatchObject({ region: "neu", standing: { kind: "complete" } });
    expect(found.refusedIdentities.get("identity")?.code).toBe("IdentityMismatch");
  });
});

describe("the order of clusters", () => {
  it("is the stored one; whoever is new comes last", () => {
    const world = fleet([cluster("a0"), cluster("w1"), cluster("w2")]);
    const stored = { regions: ["neu"], clusters: ["w2", "w1"], adopters: [] };
    const { fleet: assessedFleet, order } = assess({ ...world, memory: { ...world.memory, order: stored } });
    expect(assessedFleet.clusters.map(({ name }) => name)).toEqual(["w2", "w1", "a0"]);
    expect(order).toEqual({ regions: ["neu", "weu"], clusters: ["w2", "w1", "a0"], adopters: [] });
  });
});
