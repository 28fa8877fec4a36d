import { describe, expect, it } from "vitest";
import { findPolicies } from "../../../../shared/core/service-routing/policies.ts";
import { cluster, fleet, type ClusterOptions } from "../../../support/builders/fleet.ts";
import { CREATED_AT_MS, policy, unparsable, younger } from "../../../support/builders/objects.ts";
import { fleetCluster } from "../../../support/builders/pass.ts";

const nowhere = { revision: 0, adopters: new Map<string, string>(), adoptions: [] };
const find = (options: ClusterOptions) => findPolicies(fleetCluster(fleet([cluster("w1", options)]), "w1"), nowhere);
const honouredNames = (found: ReturnType<typeof find>) =>
  [...found.honoured].map(([namespace, { policy: one }]) => `${namespace}/${one.meta.name}`);

describe("findPolicies", () => {
  it("honours one per namespace: the oldest, then the lower name", () => {
    const found = find({
      objects: [policy("shop/b"), policy("shop/a", {}, younger()), policy("shop/c"), policy("pay/z")],
    });
    expect(honouredNames(found)).toEqual(["pay/z", "shop/b"]);
    expect(found.superseded.map(({ policy: one, supersededBy }) => `${one.meta.name} by ${supersededBy}`)).toEqual([
      "c by b",
      "a by b",
    ]);
  });

  it("lets an older policy that does not parse stand before a younger one: routes keep what they published", () => {
    const found = find({
      objects: [policy("shop/young", {}, younger())],
      rejected: [unparsable("DNSPolicy", "shop/old")],
    });
    expect(honouredNames(found)).toEqual([]);
    expect([...found.unreadable.keys()]).toEqual(["shop"]);
    expect(found.superseded.map(({ policy: one }) => one.meta.name)).toEqual(["young"]);
  });

  it("does not let a younger one that does not parse change anything", () => {
    const meta = { createdAtMs: CREATED_AT_MS + 1 };
    const found = find({ objects: [policy("shop/old")], rejected: [unparsable("DNSPolicy", "shop/young", { meta })] });
    expect(honouredNames(found)).toEqual(["shop/old"]);
    expect(found.unreadable.size).toBe(0);
  });

  it("judges a superseded policy as inactive, whatever it says", () => {
    const found = find({ objects: [policy("shop/a"), policy("shop/b", { mode: "RegionBound" })] });
    expect(found.superseded[0]?.verdict).toEqual({
      kind: "inactive",
      reason: "DNSPolicy a is older and is the one honoured in this namespace",
    });
  });
});
