import { describe, expect, it } from "vitest";
import {
  breakObject,
  cluster,
  edit,
  fleet,
  ingress,
  later,
  objectsOf,
  remove,
  type World,
} from "../../../support/builders/fleet.ts";
import { hostOf, policy, route } from "../../../support/builders/objects.ts";
import { play, settle } from "../../../support/builders/pass.ts";

/** Two routes on one Gateway; the policy's home is another cluster unless said. */
function rested(sourceCluster = "elsewhere"): World {
  const objects = [...ingress(), policy("shop", { sourceCluster }), route("shop/cart"), route("shop/pay")];
  return settle(fleet([cluster("w1", { objects })])).world;
}

/** Hosts on the Istio Gateway, now and after each of so many passes. */
function hostsOver(start: World, passes: number): readonly (readonly string[])[] {
  const over: (readonly string[])[] = [];
  let world = start;
  for (let pass = 0; pass < passes; pass += 1) {
    world = later(play(world).after, 60_000);
    over.push(objectsOf(world, "w1", "IstioGateway").flatMap(({ spec }) => spec.servers?.[0]?.hosts ?? []));
  }
  return over;
}

const [cart, pay] = [hostOf("shop/cart"), hostOf("shop/pay")];
const target = { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" } as const;

describe("vanishedHosts", () => {
  it.each([
    ["that claims nothing", rested()],
    ["that publishes", rested("w1")],
    ["that does not parse", play(breakObject(rested(), "w1", "ServiceRoute", "shop/cart")).after],
  ])("keep the host of a route %s until the second complete read without it", (_which, world) => {
    expect(hostsOver(remove(later(world, 60_000), "w1", "ServiceRoute", "shop/cart"), 2)).toEqual([[cart, pay], [pay]]);
  });

  it("keep the old host of a route that got another until the second complete read", () => {
    const renamed = edit(rested(), target, (one) => ({ ...one, spec: { ...one.spec, serviceName: "basket" } }));
    const basket = cart.replace("cart-", "basket-");
    expect(hostsOver(renamed, 2)).toEqual([
      [basket, cart, pay],
      [basket, pay],
    ]);
  });
});
