/** What random fleets found once, each told small: these must never come back. */
import { describe, expect, it } from "vitest";
import { add, cluster, edit, fleet, ingress, later, put, remove, type World } from "../../../support/builders/fleet.ts";
import { CREATED_AT_MS, policy, route, younger } from "../../../support/builders/objects.ts";
import { applyToWorld, planLines, play, runPass, settle } from "../../../support/builders/pass.ts";
import { doubledNames } from "../../../support/builders/published.ts";

const objects = (...routes: readonly string[]) => [...ingress(), policy("shop"), ...routes.map((key) => route(key))];

describe("one content per name", () => {
  it("holds in a region whose adoption is only requested, when an older route of the cluster takes the host", () => {
    const bound = policy("shop", { mode: "RegionBound", sourceRegion: "neu" });
    const start = fleet([
      cluster("n1", {
        region: "neu",
        controllers: ["neu", "weu"],
        adopts: ["weu"],
        objects: [...ingress(), bound, route("shop/young", { serviceName: "web" }, younger())],
      }),
      cluster("w1"),
    ]);
    const older = route("shop/old", { serviceName: "web", ttlSeconds: 60 }, { meta: { createdAtMs: CREATED_AT_MS } });
    const { world } = settle(put(settle(start).world, "n1", older));
    expect([...doubledNames(world)]).toEqual([]);
    expect(planLines(runPass(world).plan)).toEqual([]);
  });

  /** w1 publishes `api`; `mover` of w2 wants it and gives up `web`, which `taker` wants with another TTL. */
  const giving = (): World => {
    const before = settle(
      fleet([
        cluster("w1", { objects: objects("shop/api") }),
        cluster("w2", {
          objects: [...objects("shop/mover"), route("shop/taker", { serviceName: "mover", ttlSeconds: 60 }, younger())],
        }),
      ]),
    ).world;
    const renamed = edit(before, { cluster: "w2", kind: "ServiceRoute", key: "shop/mover" }, (found) => ({
      ...found,
      spec: { ...found.spec, serviceName: "api" },
    }));
    return remove(renamed, "w1", "ServiceRoute", "shop/api");
  };

  it("holds while the object that gives a name up waits for a handover: whoever wants the name waits with it", () => {
    let world = giving();
    for (let pass = 0; pass < 6; pass += 1) {
      world = later(play(world).after, 30_000);
      expect([...doubledNames(world)]).toEqual([]);
    }
  });

  it("holds when the API server refuses the change that gives a name up", () => {
    const before = settle(fleet([cluster("w1", { objects: [...objects("shop/mover"), policy("pay")] })])).world;
    const renamed = edit(before, { cluster: "w1", kind: "ServiceRoute", key: "shop/mover" }, (found) => ({
      ...found,
      spec: { ...found.spec, serviceName: "else" },
    }));
    const taken = add(renamed, "w1", route("pay/mover", { application: "shop", ttlSeconds: 60 }));
    const second = later(applyToWorld(taken, runPass(taken), { fails: ({ key }) => key.startsWith("shop/") }), 60_000);
    const third = applyToWorld(second, runPass(second), { fails: ({ key }) => key.startsWith("shop/") });
    expect([...doubledNames(third)]).toEqual([]);
  });
});
