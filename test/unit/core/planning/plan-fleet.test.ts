import { describe, expect, it } from "vitest";
import { compareChanges } from "../../../../shared/core/planning/phases.ts";
import { planFleet, scopeFilter } from "../../../../shared/core/planning/plan-fleet.ts";
import type { Place } from "../../../../shared/model/place.ts";
import {
  add,
  approve,
  cluster,
  configure,
  edit,
  fleet,
  ingress,
  put,
  remove,
  unread,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  CREATED_AT_MS,
  dnsEndpoint,
  gateway,
  operatorDeployment,
  ownedBy,
  policy,
  route,
  cname,
} from "../../../support/builders/objects.ts";
import {
  changeLine,
  desiredItems,
  dueStatuses,
  planLines,
  play,
  runPass,
  settle,
} from "../../../support/builders/pass.ts";

const objects = [...ingress(), policy("shop"), policy("pay"), route("shop/cart"), route("pay/checkout")];
const two = fleet([cluster("w1", { objects }), cluster("n1", { region: "neu", objects })]);
const lines = (world: World) => planLines(runPass(world).plan);

describe("a plan", () => {
  it("is sorted by phase, place, kind, key and step", () => {
    const { plan } = runPass(two);
    expect(plan.changes).toEqual(plan.changes.toSorted(compareChanges));
    expect(planLines(plan)).toEqual([
      "open n1 create IstioGateway istio-system/internal",
      "open w1 create IstioGateway istio-system/internal",
      "publish n1 create DNSEndpoint istio-system/gateway-controller-ingress-internal-external-dns-neu",
      "publish n1 create DNSEndpoint pay/checkout-external-dns-neu",
      "publish n1 create DNSEndpoint shop/cart-external-dns-neu",
      "publish w1 create DNSEndpoint istio-system/gateway-controller-ingress-internal-external-dns-weu",
      "publish w1 create DNSEndpoint pay/checkout-external-dns-weu",
      "publish w1 create DNSEndpoint shop/cart-external-dns-weu",
    ]);
  });

  it("has a digest that is equal for the same fleet and differs for another", () => {
    expect(runPass(two).plan.digest).toBe(runPass(two).plan.digest);
    expect(runPass(add(two, "w1", route("shop/api"))).plan.digest).not.toBe(runPass(two).plan.digest);
  });

  it("is empty once it was carried out, statuses included", () => {
    const { world, passes } = settle(two);
    expect(passes.map(({ plan }) => plan.changes.length)).toEqual([8, 0, 0]);
    expect(runPass(world).plan).toMatchObject({ changes: [], held: [], waiting: [], observed: [], refusals: [] });
    expect(dueStatuses(runPass(world))).toEqual([]);
    expect(runPass(world).planned.statuses).toEqual([]);
  });
});

describe("a cluster that is not written to", () => {
  it.each<[string, World]>([
    ["is observed", configure(two, "n1", { writes: "observe" })],
    ["still runs the operator", add(two, "n1", operatorDeployment())],
  ])("because it %s is shown apart, and nothing of it is due", (_what, world) => {
    const { plan } = runPass(world);
    expect(plan.changes.every(({ place }) => place.name === "w1")).toBe(true);
    expect(plan.observed.map((change) => changeLine(change))).toEqual([
      "open n1 create IstioGateway istio-system/internal",
      "publish n1 create DNSEndpoint istio-system/gateway-controller-ingress-internal-external-dns-neu",
      "publish n1 create DNSEndpoint pay/checkout-external-dns-neu",
      "publish n1 create DNSEndpoint shop/cart-external-dns-neu",
    ]);
    expect(dueStatuses(runPass(world)).every(({ status }) => status.place.name === "w1")).toBe(true);
  });

  it("because it is frozen has neither", () => {
    const { plan } = runPass(unread(settle(two).world, "n1", ["Service"]));
    expect([...plan.changes, ...plan.observed]).toEqual([]);
  });
});

describe("a scope", () => {
  it.each([
    [{ cluster: "w1" }, "cluster", "w1", "a/b", true],
    [{ cluster: "w1" }, "cluster", "w2", "a/b", false],
    [{ cluster: "w1" }, "zone", "w1", "a/b", false],
    [{ namespace: "a" }, "cluster", "w2", "a/b", true],
    [{ namespace: "a" }, "cluster", "w2", "ab/b", false],
    [{ namespace: "a" }, "cluster", "w2", "identity", false],
    [{ cluster: "w1", namespace: "a" }, "cluster", "w1", "b/b", false],
    [{}, "cluster", "w1", "b/b", true],
    [undefined, "cluster", "w1", "b/b", true],
  ] as const)("%j: %s %s, %s: %s", (scope, kind, name, key, expected) =>
    expect(scopeFilter(scope)({ place: { kind, name }, key })).toBe(expected),
  );

  it("limits what is due, not what is computed", () => {
    expect(planLines(runPass(two, { scope: { cluster: "w1", namespace: "shop" } }).plan)).toEqual([
      "publish w1 create DNSEndpoint shop/cart-external-dns-weu",
    ]);
    expect(planLines(runPass(two, { scope: { namespace: "pay" } }).plan)).toEqual([
      "publish n1 create DNSEndpoint pay/checkout-external-dns-neu",
      "publish w1 create DNSEndpoint pay/checkout-external-dns-weu",
    ]);
  });

  it("leaves statuses alone whose items it leaves out", () => {
    const due = dueStatuses(runPass(two, { scope: { cluster: "w1", namespace: "istio-system" } }), [], {
      cluster: "w1",
      namespace: "istio-system",
    });
    expect(due.map(({ status }) => `${status.kind} ${status.key}`)).toEqual(["Gateway istio-system/internal"]);
  });

  const moving = (): World => {
    const world = settle(
      fleet([
        cluster("w1", {
          objects: [
            ...objects,
            gateway("edge/outer"),
            route("shop/web"),
            route("pay/front", { gatewayName: "outer", gatewayNamespace: "edge" }),
          ],
        }),
      ]),
    ).world;
    return edit(world, { cluster: "w1", kind: "ServiceRoute", key: "shop/web" }, (found) => ({
      ...found,
      spec: { ...found.spec, gatewayName: "outer", gatewayNamespace: "edge" },
    }));
  };

  it("moves a host between two Istio Gateways whole or not at all", () => {
    expect(lines(moving()).slice(0, 2)).toEqual(
      ["open w1 update IstioGateway istio-system/internal", "open w1 update IstioGateway edge/outer"].toSorted(),
    );
    expect(planLines(runPass(moving(), { scope: { namespace: "edge" } }).plan)).toEqual([]);
    expect(planLines(runPass(moving(), { scope: { namespace: "istio-system" } }).plan)).toEqual([]);
  });

  it("says nothing of a Gateway whose change it left out for that", () => {
    const scope = { namespace: "edge" };
    expect(dueStatuses(runPass(moving(), { scope }), [], scope)).toEqual([]);
  });

  it("does not publish a name in one namespace that another namespace has yet to give up", () => {
    const before = settle(fleet([cluster("w1", { objects })])).world;
    const given = edit(before, { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" }, (found) => ({
      ...found,
      spec: { ...found.spec, serviceName: "basket" },
    }));
    const taken = play(add(given, "w1", route("pay/cart", { application: "shop", ttlSeconds: 60 })), {
      fails: () => true,
    }).after;
    expect(lines(taken)).toContain("publish w1 create DNSEndpoint pay/cart-external-dns-weu");
    expect(planLines(runPass(taken, { scope: { namespace: "pay" } }).plan)).toEqual([]);
  });

  it("does not publish a name beside a DNSEndpoint that goes only outside of it", () => {
    const before = settle(fleet([cluster("w1", { objects })])).world;
    const closed = put(before, "w1", policy("shop", { sourceRegion: "neu" }));
    const older = { meta: { createdAtMs: CREATED_AT_MS - 1000 } };
    const taken = play(put(closed, "w1", route("pay/cart", { application: "shop", ttlSeconds: 60 }, older)), {
      fails: () => true,
    }).after;
    expect(lines(taken)).toEqual([
      "withdraw w1 delete DNSEndpoint shop/cart-external-dns-weu",
      "publish w1 create DNSEndpoint pay/cart-external-dns-weu",
    ]);
    expect(planLines(runPass(taken, { scope: { namespace: "pay" } }).plan)).toEqual([]);
  });

  it("shows held changes of which any is in it, whole: their digest is for all of them", () => {
    const many = Array.from({ length: 12 }, (_none, index) => route(`${index < 6 ? "shop" : "pay"}/r${index}`));
    const world = settle(
      fleet([cluster("w1", { objects: [...ingress(), policy("shop"), policy("pay"), ...many] })]),
    ).world;
    const closed = put(
      put(world, "w1", policy("shop", { sourceRegion: "neu" })),
      "w1",
      policy("pay", { sourceRegion: "neu" }),
    );
    const [group] = runPass(closed, { scope: { namespace: "pay" } }).plan.held;
    expect(group?.digest).toBe(runPass(closed).plan.held[0]?.digest);
    expect(runPass(closed, { scope: { namespace: "istio-system" } }).plan.held).toEqual([]);
  });
});

describe("held changes", () => {
  const many = Array.from({ length: 12 }, (_none, index) => route(`shop/r${index}`));
  const world = settle(
    fleet([cluster("w1", { objects: [...ingress(), policy("shop"), policy("pay"), ...many] })]),
  ).world;
  const closed = put(world, "w1", policy("shop", { sourceRegion: "neu" }));

  it("do not hold up what else is due: new routes go on, their hosts too", () => {
    const grown = add(closed, "w1", route("pay/checkout"));
    expect(lines(grown)).toEqual([
      "open w1 update IstioGateway istio-system/internal",
      "publish w1 create DNSEndpoint pay/checkout-external-dns-weu",
    ]);
    expect(runPass(grown).plan.held.map(({ scope, code, changes }) => `${scope} ${code} ${changes.length}`)).toEqual([
      "cluster/w1 BudgetExceeded 12",
    ]);
  });

  it("go with the approval of their digest, exactly once they are the same", () => {
    const digest = runPass(closed).plan.held[0]?.digest ?? "";
    expect(lines(approve(closed, digest))).toHaveLength(12);
    const more = put(
      approve(closed, digest),
      "w1",
      dnsEndpoint("shop/stray", [cname("stray.example.com", "x")], { owner: ownedBy(many[0] ?? route("x/y")) }),
    );
    expect(runPass(more).plan.held).toHaveLength(1);
  });

  it("do not use the budget up, and do not fill it either", () => {
    expect(play(closed).after.memory.since.budgets).toEqual({});
    const digest = runPass(closed).plan.held[0]?.digest ?? "";
    expect(play(approve(closed, digest)).after.memory.since.budgets).toEqual({});
  });

  it("are not held when their sources are gone: that is what people meant", () => {
    const gone = remove(
      world,
      "w1",
      "ServiceRoute",
      ...many.slice(0, 6).map(({ object }) => `shop/${object.meta.name}`),
    );
    expect(runPass(gone).plan.held).toEqual([]);
    expect(lines(gone)).toHaveLength(6);
  });
});

describe("a place that is no cluster of the fleet", () => {
  it.each<Place>([
    { kind: "zone", name: "w1" },
    { kind: "cluster", name: "unknown" },
  ])("stops planning instead of being left out: $kind $name", (place) => {
    const { assessment, desired } = runPass(two);
    const places = [...desired.places, { place, project: () => ({ items: [], statuses: [] }) }];
    const input = { fleet: assessment.fleet, desired: { ...desired, places }, configuration: two.configuration };
    const rest = { since: two.memory.since, approvals: [], heldReads: [], waits: true };
    expect(() => planFleet({ ...input, ...rest })).toThrow(`${place.kind}/${place.name} is no cluster of this fleet`);
  });
});

describe("items", () => {
  it("name each object once: two of one key would fight for ever", () => {
    const keys = desiredItems(runPass(two)).map(({ place, kind, key }) => `${place.name} ${kind} ${key}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
