import { describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { breakObject, cluster, fleet, ingress, unread, type World } from "../../support/builders/fleet.ts";
import { policy, route } from "../../support/builders/objects.ts";
import { play } from "../../support/builders/pass.ts";
import { previewOf } from "../../support/builders/report.ts";

const objects = [...ingress("10.0.0.1"), policy("shop"), route("shop/cart")];

function converged(): World {
  const others = [...ingress("10.0.1.1"), policy("shop")];
  return play(play(fleet([cluster("w1", { objects }), cluster("n1", { region: "neu", objects: others })])).after).after;
}

describe("believedReports", () => {
  it("shows of a frozen cluster the routes and gateways of its last complete read, with all that they publish", () => {
    const told = ({ routes, gateways, zones }: PassReport) => [
      routes.map(({ cluster: name, key, host, target, zones: where }) => [name, key, host, target, where]),
      gateways.map(({ cluster: name, key, host, addresses, hosts }) => [name, key, host, addresses, hosts]),
      zones,
    ];
    const before = previewOf(converged());
    expect(before.routes[0]?.zones).toEqual(["weu"]);
    expect(told(previewOf(unread(converged(), "w1", "all")))).toEqual(told(before));
  });

  it("says of each that it is as last read, and nothing of how it is now", () => {
    const { routes, gateways } = previewOf(unread(converged(), "w1", "all"));
    const conditions = [expect.objectContaining({ type: "Read", status: "Unknown", reason: "NotRead" })];
    expect(routes).toMatchObject([{ key: "shop/cart", phase: "Frozen", asLastRead: true, conditions }]);
    expect(gateways.map(({ cluster: name, asLastRead }) => [name, asLastRead])).toEqual([
      ["n1", undefined],
      ["w1", true],
    ]);
  });

  it("shows a route that could not be read as valid then with what it goes on publishing", () => {
    const broken = play(breakObject(converged(), "w1", "ServiceRoute", "shop/cart")).after;
    expect(previewOf(unread(broken, "w1", "all")).routes).toMatchObject([{ key: "shop/cart", zones: ["weu"] }]);
  });

  it("shows nothing of a cluster that was never read, and of others only what was asked for", () => {
    expect(previewOf(fleet([cluster("w1", { objects, unread: "all" })])).routes).toEqual([]);
    const world = unread(converged(), "w1", "all");
    expect(previewOf(world, { namespace: "shop" }).routes.map(({ key }) => key)).toEqual(["shop/cart"]);
    expect(previewOf(world, { namespace: "pay" }).routes).toEqual([]);
  });
});
