import { describe, expect, it } from "vitest";
import {
  add,
  breakObject,
  cluster,
  configure,
  fleet,
  ingress,
  later,
  objectsOf,
  put,
  unread,
  type World,
} from "../../support/builders/fleet.ts";
import { hostOf, policy, route } from "../../support/builders/objects.ts";
import { play, runPass } from "../../support/builders/pass.ts";
import { reportOf } from "../../support/builders/report.ts";

const base = (ip: string) => [...ingress(ip), policy("shop")];

describe("reportPass", () => {
  it("counts what was read of every kind, sorted by cluster, and names what was not", () => {
    const world = fleet([
      cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart"), route("shop/pay")] }),
      cluster("n1", { region: "neu", objects: base("10.0.1.1"), unread: ["IstioGateway"] }),
    ]);
    const { clusters } = reportOf(world);
    expect(clusters.map((one) => [one.cluster, one.region, one.standing.kind, one.counts.ServiceRoute])).toEqual([
      ["n1", "neu", "complete", 0],
      ["w1", "weu", "complete", 2],
    ]);
    expect(clusters[0]?.notRead).toEqual([expect.objectContaining({ kind: "IstioGateway", code: "FORBIDDEN" })]);
    expect(clusters[0]?.counts.IstioGateway).toBeUndefined();
  });

  it("says of each cluster how it is configured, whatever may be written to it now", () => {
    const world = fleet([
      cluster("w1", { writes: "retiring", objects: base("10.0.0.1") }),
      cluster("w2", { writes: "retiring", unread: "all" }),
    ]);
    expect(reportOf(world).clusters.map(({ mode, writes }) => [mode, writes.kind])).toEqual([
      ["retiring", "allowed"],
      ["retiring", "stopped"],
    ]);
  });

  it("tells a frozen cluster of which no complete read is known from one that was read before", () => {
    const before = play(fleet([cluster("w1", { objects: base("10.0.0.1") }), cluster("w2", { unread: "all" })])).after;
    const { clusters } = reportOf(unread(before, "w1", "all"));
    expect(clusters.map((one) => [one.cluster, one.standing.kind, one.neverRead])).toEqual([
      ["w1", "frozen", undefined],
      ["w2", "frozen", true],
    ]);
  });

  it("names objects that do not parse, with their issues", () => {
    const world = fleet([cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart")] })]);
    const { clusters } = reportOf(breakObject(world, "w1", "ServiceRoute", "shop/cart"));
    expect(clusters[0]?.rejected).toEqual([
      { kind: "ServiceRoute", key: "shop/cart", issues: ["spec: cannot be understood"] },
    ]);
  });

  it.each([
    ["of the whole fleet", {}, ["n1 shop/cart", "w1 pay/card", "w1 shop/cart"]],
    ["of one cluster", { cluster: "w1" }, ["w1 pay/card", "w1 shop/cart"]],
    ["of one namespace", { namespace: "shop" }, ["n1 shop/cart", "w1 shop/cart"]],
    ["of one namespace of a cluster", { cluster: "w1", namespace: "pay" }, ["w1 pay/card"]],
  ])(
    "names in a plan %s only objects of that scope as not valid, and every cluster all the same",
    (_of, scope, left) => {
      const objects = [...base("10.0.0.1"), policy("pay"), route("shop/cart"), route("pay/card")];
      let world = fleet([cluster("w1", { objects }), cluster("n1", { region: "neu", objects })]);
      for (const [name, key] of [
        ["w1", "shop/cart"],
        ["w1", "pay/card"],
        ["n1", "shop/cart"],
      ] as const) {
        world = breakObject(world, name, "ServiceRoute", key);
      }
      const { clusters } = reportOf(world, { scope });
      expect(clusters.map(({ cluster: name }) => name)).toEqual(["n1", "w1"]);
      const named = clusters.flatMap(({ cluster: name, rejected }) => rejected.map(({ key }) => `${name} ${key}`));
      expect(named.toSorted()).toEqual(left);
    },
  );

  it("tells per zone who publishes how many names, who stands by, and who is refused", () => {
    const same = { application: "same" };
    const world = fleet([
      cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart", same), route("shop/pay")] }),
      cluster("w2", { objects: [...base("10.0.0.2"), route("shop/cart", same)] }),
      cluster("n1", {
        region: "neu",
        controllers: ["neu", "weu"],
        objects: [
          ...base("10.0.1.1"),
          policy("pay", { mode: "RegionBound", sourceRegion: "neu" }),
          route("pay/cart", same),
        ],
      }),
    ]);
    const weu = reportOf(world).zones.find(({ zone }) => zone === "weu");
    // Cart is w1's, w2 stands by, n1 of another region is refused. Each cluster has its gateway host in every zone.
    expect(weu).toEqual({
      zone: "weu",
      publishers: [
        { cluster: "n1", names: 1 },
        { cluster: "w1", names: 3 },
        { cluster: "w2", names: 1 },
      ],
      standby: 1,
      conflicts: 1,
      reading: { read: "not-configured" },
    });
  });

  it("names the adopter of a zone", () => {
    const world = fleet([
      cluster("n1", {
        region: "neu",
        adopts: ["frc"],
        controllers: ["neu", "frc"],
        objects: [...base("10.0.1.1"), route("shop/cart")],
      }),
    ]);
    expect(reportOf(world).zones.map(({ zone, adopter }) => [zone, adopter])).toEqual([
      ["frc", "n1"],
      ["neu", undefined],
    ]);
  });

  it("tells of each route its host, target and zones; of one that publishes nothing its host all the same", () => {
    const objects = [...base("10.0.0.1"), route("shop/cart"), policy("off", { sourceRegion: "neu" }), route("off/api")];
    const world = fleet([cluster("w1", { objects })]);
    const { routes } = reportOf(world);
    expect(routes.map(({ key, host, target, zones, phase }) => ({ key, host, target, zones, phase }))).toEqual([
      { key: "off/api", host: hostOf("off/api"), target: undefined, zones: [], phase: "Pending" },
      {
        key: "shop/cart",
        host: hostOf("shop/cart"),
        target: "w1-weu-internal.example.com",
        zones: ["weu"],
        phase: "Active",
      },
    ]);
  });

  it("tells of each gateway its host, addresses and how many hosts it serves", () => {
    const objects = [...base("10.0.0.1"), route("shop/cart"), route("shop/pay")];
    const { gateways } = reportOf(fleet([cluster("w1", { objects })]));
    expect(gateways.map(({ key, host, addresses, hosts }) => ({ key, host, addresses, hosts }))).toEqual([
      { key: "istio-system/internal", host: "w1-weu-internal.example.com", addresses: ["10.0.0.1"], hosts: 2 },
    ]);
  });

  it("names single routes only where somebody asks, and only those in scope", () => {
    const objects = [...base("10.0.0.1"), route("shop/cart"), policy("pay"), route("pay/card")];
    const world = fleet([cluster("w1", { objects })]);
    const scoped = reportOf(world, { scope: { namespace: "pay" } });
    expect([scoped.routes.map(({ key }) => key), scoped.gateways]).toEqual([["pay/card"], []]);
    const pass = reportOf(world, { detailed: false });
    expect([pass.routes, pass.gateways, pass.zones.length]).toEqual([[], [], 1]);
  });

  describe("of a cluster that is only observed", () => {
    const observed = { writes: "observe" } as const;
    const seen = (world: World) => {
      const { routes, gateways } = reportOf(world);
      return {
        routes: routes.map(({ key, phase, zones }) => `${key} ${phase} in ${zones.join(", ") || "no zone"}`),
        gateways: gateways.map(({ phase, hosts, addresses }) => `${phase} ${hosts} hosts at ${addresses.join(", ")}`),
      };
    };
    const objects = [...base("10.0.0.1"), route("shop/cart")];

    it("shows nothing as published that is not there, and says why", () => {
      const world = fleet([cluster("w1", { ...observed, objects })]);
      expect(seen(world)).toEqual({
        routes: ["shop/cart Pending in no zone"],
        gateways: ["Pending 0 hosts at "],
      });
      const message = "nothing is written to this cluster now; see WRITES";
      expect(reportOf(world).routes[0]?.conditions[0]).toMatchObject({ type: "Ready", status: "False", message });
      expect(reportOf(world).gateways[0]?.conditions).toMatchObject([
        { type: "Ready", status: "False", reason: "IstioGatewayGenerationFailed", message },
        { type: "DNSReady", status: "False", reason: "DNSNotReady", message },
      ]);
    });

    it("shows what is there as it is, also where a change would follow", () => {
      const written = play(fleet([cluster("w1", { objects })])).after;
      const there = {
        routes: ["shop/cart Active in weu"],
        gateways: ["Active 1 hosts at 10.0.0.1"],
      };
      expect(seen(configure(written, "w1", observed))).toEqual(there);
      // The operator's objects, seen beside it: every one of them would be adopted.
      const operators = objectsOf(written, "w1", "DNSEndpoint").map((object) => ({
        kind: "DNSEndpoint" as const,
        object: { ...object, meta: { ...object.meta, managers: ["manager"] } },
      }));
      const beside = configure(put(written, "w1", ...operators), "w1", observed);
      expect(runPass(beside).plan.observed.map(({ operation }) => operation)).toEqual(["adopt", "adopt"]);
      expect(seen(beside)).toEqual(there);
    });

    it("shows a new route as not there beside one that is", () => {
      const written = play(fleet([cluster("w1", { objects })])).after;
      const grown = add(configure(written, "w1", observed), "w1", route("shop/new"));
      expect(seen(grown).routes).toEqual(["shop/cart Active in weu", "shop/new Pending in no zone"]);
    });
  });

  it("says the same bytes for the same fleet", () => {
    const world = fleet([cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart"), route("shop/pay")] })]);
    expect(JSON.stringify(reportOf(world))).toBe(JSON.stringify(reportOf(structuredClone(world))));
  });

  it("keeps zones as they are when all is converged", () => {
    const world = fleet([cluster("w1", { objects: [...base("10.0.0.1"), route("shop/cart")] })]);
    const { after } = play(world);
    expect(reportOf(later(after, 75_000)).zones).toEqual(reportOf(world).zones);
    expect(reportOf(add(after, "w1", route("shop/new"))).zones[0]?.publishers).toEqual([{ cluster: "w1", names: 3 }]);
  });

  it("counts a gateway host once per zone, whatever its addresses and controllers are", () => {
    const controllers = [
      { name: "one", region: "weu" },
      { name: "two", region: "weu" },
      { name: "frc", region: "frc" },
    ];
    const world = fleet([cluster("w1", { controllers, objects: ingress("10.0.0.1", "10.0.0.2", "fd00::1") })]);
    expect(reportOf(world).zones.map(({ zone, publishers }) => [zone, publishers])).toEqual([
      ["frc", [{ cluster: "w1", names: 1 }]],
      ["weu", [{ cluster: "w1", names: 1 }]],
    ]);
  });
});
