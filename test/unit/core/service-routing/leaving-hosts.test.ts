import { describe, expect, it } from "vitest";
import { add, cluster, fleet, ingress, remove } from "../../../support/builders/fleet.ts";
import { hostOf, policy, route } from "../../../support/builders/objects.ts";
import { play, runPass } from "../../../support/builders/pass.ts";

const objects = [...ingress("10.0.0.1"), policy("shop"), route("shop/cart"), route("shop/pay")];
const converged = play(play(fleet([cluster("w1", { objects })])).after).after;

describe("leaving", () => {
  it("names the hosts of routes that are gone, until the pass that takes them off their Istio Gateway", () => {
    const gone = remove(converged, "w1", "ServiceRoute", "shop/cart");
    expect(runPass(converged).desired.leaving()).toEqual([]);
    const first = play(gone);
    expect(first.pass.desired.leaving()).toEqual([{ cluster: "w1", hosts: [hostOf("shop/cart")] }]);
    const second = play(first.after);
    expect(second.pass.plan.changes.map(({ kind }) => kind)).toEqual(["IstioGateway"]);
    expect(second.pass.desired.leaving()).toEqual([]);
  });

  it("names no host that another route has by now", () => {
    const replaced = add(remove(converged, "w1", "ServiceRoute", "shop/cart"), "w1", route("shop/cart"));
    expect(runPass(replaced).desired.leaving()).toEqual([]);
  });
});
