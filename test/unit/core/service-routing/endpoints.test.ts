/** DNSEndpoints as they are written, of routes (endpoints.ts) and gateways (gateway-endpoints.ts). */
import { describe, expect, it } from "vitest";
import type { Change } from "../../../../shared/model/change.ts";
import {
  breakObject,
  cluster,
  configure,
  edit,
  fleet,
  ingress,
  objectsOf,
  put,
  remove,
  type ClusterOptions,
  type FleetOptions,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  gateway,
  hostOf,
  ingressService,
  policy,
  route,
  younger,
  type WorldObject,
} from "../../../support/builders/objects.ts";
import { planLines, play, runPass, settle } from "../../../support/builders/pass.ts";

const one = (objects: readonly WorldObject[], options: ClusterOptions = {}, more: FleetOptions = {}): World =>
  fleet([cluster("w1", { objects, ...options })], more);
const endpointChanges = (world: World): readonly Change[] =>
  runPass(world).plan.changes.filter(({ kind }) => kind === "DNSEndpoint");
const bodyOf = (world: World, key: string) => endpointChanges(world).find((change) => change.key === key)?.after;
const keys = (world: World) => endpointChanges(world).map(({ key }) => key);
const recordsOf = (world: World, key: string) =>
  (bodyOf(world, key)?.["spec"] as { readonly endpoints: readonly unknown[] } | undefined)?.endpoints;

describe("the DNSEndpoint of a route", () => {
  const world = one([...ingress(), policy("shop"), route("shop/cart")]);

  it("is one CNAME to the gateway host, labelled for its region and owned by the route", () =>
    expect(bodyOf(world, "shop/cart-external-dns-weu")).toEqual({
      apiVersion: "externaldns.k8s.io/v1alpha1",
      kind: "DNSEndpoint",
      metadata: {
        name: "cart-external-dns-weu",
        namespace: "shop",
        labels: {
          "app.kubernetes.io/managed-by": "service-router-operator",
          app: "external-dns-weu",
          "router.io/controller": "external-dns-weu",
          "router.io/region": "weu",
          "router.io/serviceroute": "cart",
          "router.io/source-namespace": "shop",
        },
        annotations: { "external-dns.alpha.kubernetes.io/controller": "external-dns-weu" },
        ownerReferences: [
          {
            apiVersion: "routing.router.io/v1alpha1",
            kind: "ServiceRoute",
            name: "cart",
            uid: "ServiceRoute:shop/cart",
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        endpoints: [
          {
            dnsName: "cart-ns-p-prod-shop.example.com",
            recordType: "CNAME",
            targets: ["w1-weu-internal.example.com"],
            recordTTL: 300,
          },
        ],
      },
    }));

  it("has the route's own TTL where it sets one", () =>
    expect(
      recordsOf(
        one([...ingress(), policy("shop"), route("shop/cart", { ttlSeconds: 60 })]),
        "shop/cart-external-dns-weu",
      ),
    ).toMatchObject([{ recordTTL: 60 }]));

  it("is made once per active controller; the annotation is by region, whatever the controller's name", () => {
    const controllers = [{ name: "primary", region: "weu" }, { name: "secondary", region: "weu" }, "neu"];
    const several = one([...ingress(), policy("shop"), route("shop/cart")], { controllers });
    expect(keys(several).filter((key) => key.startsWith("shop/"))).toEqual([
      "shop/cart-primary",
      "shop/cart-secondary",
    ]);
    expect(bodyOf(several, "shop/cart-primary")).toMatchObject({
      metadata: {
        labels: { app: "external-dns-weu", "router.io/controller": "primary", "router.io/region": "weu" },
        annotations: { "external-dns.alpha.kubernetes.io/controller": "external-dns-weu" },
      },
    });
  });

  it("goes into all zones for a RegionBound policy, with the same content", () => {
    const bound = policy("shop", { mode: "RegionBound", sourceRegion: "weu" });
    const wide = one([...ingress(), bound, route("shop/cart")], { controllers: ["weu", "neu"] });
    const made = keys(wide).filter((key) => key.startsWith("shop/"));
    expect(made).toEqual(["shop/cart-external-dns-neu", "shop/cart-external-dns-weu"]);
    expect(recordsOf(wide, made[0] ?? "")).toEqual(recordsOf(wide, made[1] ?? ""));
  });

  it("shortens label values that Kubernetes would refuse, and keeps the host whole", () => {
    const name = `${"a".repeat(62)}.b`;
    const long = one([...ingress(), policy("shop"), route(`shop/${name}`, { serviceName: "cart" })]);
    expect(bodyOf(long, `shop/${name}-external-dns-weu`)).toMatchObject({
      metadata: { labels: { "router.io/serviceroute": expect.stringMatching(/^a{54}-[0-9a-f]{8}$/) } },
      spec: { endpoints: [{ dnsName: hostOf("shop/cart") }] },
    });
  });

  it("is neither made nor changed for a route that is being deleted", () => {
    const deleting = route("shop/cart", {}, { meta: { deleting: true } });
    expect(keys(one([...ingress(), policy("shop"), deleting])).filter((key) => key.startsWith("shop/"))).toEqual([]);
    const settled = settle(world).world;
    const spec = { ...route("shop/cart").object.spec, ttlSeconds: 60 };
    const after = edit(settled, { cluster: "w1", kind: "ServiceRoute", key: "shop/cart" }, (found) => ({
      ...found,
      spec,
      meta: { ...found.meta, deleting: true },
    }));
    expect(runPass(after).plan.changes).toEqual([]);
  });

  it("moves with its controller: the new one is made in the pass in which the old one goes", () => {
    const settled = settle(world).world;
    const renamed = edit(settled, { cluster: "w1", kind: "DNSConfiguration", key: "dns" }, (found) => ({
      ...found,
      spec: { externalDNSControllers: [{ name: "renamed", region: "weu" }] },
    }));
    expect(planLines(runPass(renamed).plan)).toEqual([
      "withdraw w1 delete DNSEndpoint istio-system/gateway-controller-ingress-internal-external-dns-weu",
      "withdraw w1 delete DNSEndpoint shop/cart-external-dns-weu",
      "publish w1 create DNSEndpoint istio-system/gateway-controller-ingress-internal-renamed",
      "publish w1 create DNSEndpoint shop/cart-renamed",
    ]);
    expect(runPass(renamed).planned.counted.size).toBe(0);
  });
});

describe("the DNSEndpoint of a Gateway", () => {
  const key = (zone = "weu") => `istio-system/gateway-controller-ingress-internal-external-dns-${zone}`;

  it("is one A record, owned by the Service, in its namespace", () =>
    expect(bodyOf(one([...ingress("10.0.0.2", "10.0.0.1")]), key())).toEqual({
      apiVersion: "externaldns.k8s.io/v1alpha1",
      kind: "DNSEndpoint",
      metadata: {
        name: "gateway-controller-ingress-internal-external-dns-weu",
        namespace: "istio-system",
        labels: {
          "app.kubernetes.io/managed-by": "service-router-operator",
          app: "external-dns-weu",
          "router.io/istio-controller": "ingress",
          "router.io/region": "weu",
          "router.io/resource-type": "gateway-service",
          "router.io/target-postfix": "internal",
        },
        annotations: { "external-dns.alpha.kubernetes.io/controller": "external-dns-weu" },
        ownerReferences: [
          { apiVersion: "v1", kind: "Service", name: "ingress", uid: "Service:istio-system/ingress", controller: true },
        ],
      },
      spec: {
        endpoints: [
          {
            dnsName: "w1-weu-internal.example.com",
            recordType: "A",
            targets: ["10.0.0.1", "10.0.0.2"],
            recordTTL: 30,
          },
        ],
      },
    }));

  it.each([
    ["IPv4 alone", ["10.0.0.1"], ["A 10.0.0.1"]],
    ["IPv6 alone", ["fd00::1"], ["AAAA fd00::1"]],
    ["both, in one object", ["fd00::1", "10.0.0.1"], ["A 10.0.0.1", "AAAA fd00::1"]],
  ])("carries %s", (_what, addresses, expected) => {
    const records = recordsOf(one([...ingress(...addresses)]), key()) as readonly {
      readonly recordType: string;
      readonly targets: readonly string[];
    }[];
    expect(records.map(({ recordType, targets }) => `${recordType} ${targets.join(" ")}`)).toEqual(expected);
  });

  it("goes into the zone of every region, whatever policies say, so that a CNAME resolves from each", () =>
    expect(keys(one([...ingress()], { controllers: ["weu", "neu", "frc"] }))).toEqual([
      key("frc"),
      key("neu"),
      key("weu"),
    ]));

  it("waits for an address, and follows it", () => {
    expect(keys(one([gateway(), ingressService([])]))).toEqual([]);
    const settled = settle(one([...ingress()])).world;
    const moved = edit(settled, { cluster: "w1", kind: "Service", key: "istio-system/ingress" }, (found) => ({
      ...found,
      addresses: ["10.7.7.7"],
    }));
    expect(endpointChanges(moved)).toMatchObject([
      {
        operation: "update",
        leaves: [{ content: "A 10.0.0.1 30" }],
        joins: [{ name: "w1-weu-internal.example.com", content: "A 10.7.7.7 30" }],
      },
    ]);
  });

  it("is given the new owner when the Service was made again", () => {
    const settled = settle(one([...ingress()])).world;
    const again = put(settled, "w1", ingressService(["10.0.0.1"], { meta: { uid: "another" } }));
    expect(endpointChanges(again)).toMatchObject([
      { operation: "update", leaves: [], joins: [], after: { metadata: { ownerReferences: [{ uid: "another" }] } } },
    ]);
  });

  it.each<[string, (world: World) => World]>([
    ["the load balancer loses its address", (world) => put(world, "w1", ingressService([], {}))],
    [
      "the Service is being deleted",
      (world) => put(world, "w1", ingressService(["10.9.9.9"], { meta: { deleting: true } })),
    ],
    ["the Service is gone", (world) => remove(world, "w1", "Service", "istio-system/ingress")],
    ["there is no DNSConfiguration", (world) => remove(world, "w1", "DNSConfiguration", "dns")],
    ["there is no ClusterIdentity", (world) => remove(world, "w1", "ClusterIdentity", "identity")],
    ["the Gateway does not parse", (world) => breakObject(world, "w1", "Gateway", "istio-system/internal")],
    [
      "only another Gateway is left that does not parse",
      (world) =>
        breakObject(remove(world, "w1", "Gateway", "istio-system/internal"), "w1", "Gateway", "istio-system/other"),
    ],
  ])("stays as it is while %s", (_what, happens) => {
    const world = settle(one([...ingress(), gateway("istio-system/other", { controller: "none" })])).world;
    expect(endpointChanges(happens(world))).toEqual([]);
    expect(runPass(happens(world)).plan.held).toEqual([]);
  });

  it("leaves its name with a Gateway that does not parse: nobody else takes it over", () => {
    const edge = [
      gateway("edge/internal", { controller: "edge", targetPostfix: "internal" }, younger()),
      ingressService(["10.1.0.1"], { key: "edge/lb", controller: "edge" }),
    ];
    const world = settle(one([...ingress(), ...edge])).world;
    const broken = breakObject(world, "w1", "Gateway", "istio-system/internal");
    expect(endpointChanges(broken)).toEqual([]);
    expect(runPass(broken).plan.refusals).toContainEqual(
      expect.objectContaining({ key: "edge/internal", code: "TargetConflict" }),
    );
  });

  it("goes with its name to an older Gateway, also while some other Gateway does not parse", () => {
    const edge = [
      gateway("edge/one", { controller: "edge", targetPostfix: "outer" }),
      ingressService(["10.1.0.1"], { key: "edge/lb", controller: "edge" }),
      gateway("istio-system/broken", { targetPostfix: "broken" }),
    ];
    const objects = [ingressService(["10.0.0.1"]), gateway("istio-system/internal", {}, younger()), ...edge];
    const broken = breakObject(settle(one(objects)).world, "w1", "Gateway", "istio-system/broken");
    const world = edit(broken, { cluster: "w1", kind: "Gateway", key: "edge/one" }, (found) => ({
      ...found,
      spec: { ...found.spec, targetPostfix: "internal" },
    }));
    const { plan } = runPass(world);
    expect(planLines(plan)).toEqual([
      `withdraw w1 delete DNSEndpoint ${key()}`,
      "publish w1 create DNSEndpoint edge/gateway-controller-edge-internal-external-dns-weu",
    ]);
    expect(plan.waiting).toEqual([]);
  });

  it("goes in a cluster that retires", () => {
    const world = settle(one([...ingress()])).world;
    expect(planLines(runPass(configure(world, "w1", { writes: "retiring" })).plan)).toEqual([
      `withdraw w1 delete DNSEndpoint ${key()}`,
    ]);
  });

  describe("whose name another would have as well", () => {
    // `a-b` + `c` and `a` + `b-c` give one pattern; so does a route called like a gateway's object.
    const first = [
      gateway("edge/one", { controller: "a-b", targetPostfix: "c" }),
      ingressService(["10.1.0.1"], { key: "edge/one", controller: "a-b" }),
    ];
    const second = [
      gateway("edge/two", { controller: "a", targetPostfix: "b-c" }, younger()),
      ingressService(["10.2.0.1"], { key: "edge/two", controller: "a" }),
    ];
    const pattern = "edge/gateway-controller-a-b-c-external-dns-weu";

    it.each([
      ["in this order", [...first, ...second]],
      ["in the other", [...second, ...first]],
    ])("is told apart by a hash, %s; the older keeps the pattern", (_what, objects) => {
      const world = one(objects);
      const made = keys(world);
      expect(made).toHaveLength(2);
      expect(made).toContain(pattern);
      expect(made.find((one) => one !== pattern)).toMatch(
        /^edge\/gateway-controller-a-b-c-external-dns-weu-[0-9a-f]{8}$/,
      );
      expect(recordsOf(world, pattern)).toMatchObject([{ dnsName: "w1-weu-c.example.com" }]);
      expect(endpointChanges(settle(world).world)).toEqual([]);
    });

    it("is told apart from a route's object of that name", () => {
      const routes = [policy("edge"), gateway(), route("edge/gateway-controller-a-b-c", { serviceName: "cart" })];
      const world = settle(one([...first, ...routes])).world;
      const names = objectsOf(world, "w1", "DNSEndpoint").map(({ spec }) => spec.endpoints[0]?.dnsName);
      expect(names.toSorted()).toEqual(["cart-ns-p-prod-edge.example.com", "w1-weu-c.example.com"]);
      expect(play(world).pass.plan.changes).toEqual([]);
    });
  });
});
