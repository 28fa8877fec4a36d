import { describe, expect, it } from "vitest";
import { computeDesired, readsOf } from "../../../shared/core/compute-desired.ts";
import { cluster, fleet, ingress } from "../../support/builders/fleet.ts";
import { policy, route } from "../../support/builders/objects.ts";
import { runPass } from "../../support/builders/pass.ts";

const world = fleet([cluster("w1", { objects: [...ingress(), policy("shop"), route("shop/cart")] })]);

describe("readsOf", () => {
  it("is what the enabled families list, each kind once", () => {
    const kinds = readsOf({ serviceRouting: true }).map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(readsOf({ serviceRouting: false })).toEqual([]);
  });
});

describe("computeDesired", () => {
  const { assessment, placement } = runPass(world);
  const desired = (serviceRouting: boolean) =>
    computeDesired(assessment.fleet, placement, { ...world.configuration, families: { serviceRouting } });

  it("has a place for every cluster, and may be asked for its items again", () => {
    const { places } = desired(true);
    expect(places.map(({ place }) => place)).toEqual([{ kind: "cluster", name: "w1" }]);
    const keys = () => places.flatMap(({ project }) => [...project().items].map(({ kind, key }) => `${kind} ${key}`));
    expect(keys()).toEqual(keys());
    expect(keys()).toContain("IstioGateway istio-system/internal");
  });

  it("manages nothing while the family is switched off: what is there stays", () =>
    expect(desired(false)).toMatchObject({ places: [], managed: [], claimedElsewhere: [] }));
});
