import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeDesired } from "../../../../shared/core/compute-desired.ts";
import { judgeCoverage, type CoverageInput } from "../../../../shared/core/failover/coverage.ts";
import { resolvePlacement } from "../../../../shared/core/placement/adopted-regions.ts";
import { assessFleet } from "../../../../shared/core/reading/assess-fleet.ts";
import { readsOf } from "../../../../shared/core/compute-desired.ts";
import type { ClusterHosts, Coverage } from "../../../../shared/model/coverage.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";
import { cluster, fleet, ingress, listingsOf, snapshotOf, type WorldCluster } from "../../../support/builders/fleet.ts";
import {
  backend,
  gateway,
  hostOf,
  ingressService,
  policy,
  route,
  virtualService,
  type WorldObject,
} from "../../../support/builders/objects.ts";

const backendKinds: readonly Kind[] = ["VirtualService", "DestinationService", "EndpointSlice"];

/** Coverage of a fleet as doctor judges it: from this read alone. */
function judge(...clusters: readonly WorldCluster[]) {
  const world = fleet(clusters);
  const snapshot = snapshotOf(world);
  const { configuration, memory, nowMs } = world;
  const { order } = memory;
  const reads = readsOf(configuration.families);
  const { fleet: assessed } = assessFleet({
    ...{ configuration, snapshot, order, reads, nowMs },
    lastGood: new Map(),
    shrunkReads: {},
    approvals: [],
  });
  const desired = computeDesired(assessed, resolvePlacement(assessed, memory.placement, order), configuration);
  return judgeCoverage(
    desired.servedHosts().map((hosts) => {
      const found = clusters.find(({ name }) => name === hosts.cluster);
      return { hosts, backends: found === undefined ? {} : listingsOf(found, backendKinds) };
    }),
  );
}

const shop = (...keys: readonly string[]): readonly WorldObject[] => [
  ...ingress(),
  policy("shop"),
  ...keys.map((key) => route(key)),
];
const w1 = (...objects: readonly WorldObject[]) => cluster("w1", { region: "weu", objects });
const w2 = (...objects: readonly WorldObject[]) => cluster("w2", { region: "weu", objects });
const n1 = (...objects: readonly WorldObject[]) => cluster("n1", { region: "neu", objects });
const scoped = (coverages: readonly Coverage[], name: string): Coverage => {
  const found = coverages.find(({ scope }) => scope.name === name);
  if (found === undefined) throw new Error(`no coverage of ${name}`);
  return found;
};
const cart = hostOf("shop/cart");

describe("judgeCoverage", () => {
  it("covers a host that a sibling has a route, a VirtualService and a ready endpoint for", () => {
    const { coverages } = judge(w1(...shop("shop/cart")), w2(...shop("shop/cart"), ...backend("shop/cart")));
    expect(coverages).toEqual([
      {
        scope: { kind: "cluster", name: "w1" },
        clusters: ["w1"],
        total: 1,
        covered: 1,
        substitute: "w2",
        uncovered: [],
      },
      expect.objectContaining({ scope: { kind: "region", name: "weu" }, total: 1, covered: 0 }),
    ]);
  });

  it("leaves a cluster out that publishes nothing: its sibling has the hosts", () => {
    const { coverages } = judge(w1(...shop("shop/cart")), w2(...shop("shop/cart")));
    expect(coverages.map(({ scope }) => scope.name)).toEqual(["w1", "weu"]);
  });

  it("prefers a sibling that covers anything to another region that covers more", () => {
    const both = [...backend("shop/cart"), ...backend("shop/search")];
    const { coverages } = judge(
      w1(...shop("shop/cart", "shop/search")),
      w2(...shop("shop/cart"), ...backend("shop/cart")),
      n1(...shop("shop/cart", "shop/search"), ...both),
    );
    expect(scoped(coverages, "w1")).toMatchObject({ substitute: "w2", covered: 1, total: 2 });
    expect(scoped(coverages, "weu")).toMatchObject({ substitute: "n1", covered: 2, total: 2 });
  });

  it("takes another region where no sibling covers anything", () => {
    const { coverages } = judge(
      w1(...shop("shop/cart")),
      w2(...shop("shop/cart")),
      n1(...shop("shop/cart"), ...backend("shop/cart")),
    );
    expect(scoped(coverages, "w1")).toMatchObject({ substitute: "n1", covered: 1 });
  });

  it.each<[string, readonly WorldObject[], object]>([
    [
      "no route there",
      [...ingress(), policy("shop"), ...backend("shop/cart")],
      { code: "NoRoute", reason: "n1 has no route for it on a Gateway with the postfix internal" },
    ],
    [
      "a route on a Gateway with another postfix",
      [
        ...ingress(),
        policy("shop"),
        gateway("istio-system/external", { controller: "other" }),
        route("shop/cart", { gatewayName: "external" }),
        ...backend("shop/cart", { gateways: ["istio-system/external"] }),
      ],
      { code: "NoRoute", reason: "n1 has no route for it on a Gateway with the postfix internal" },
    ],
    [
      "no Gateway with the postfix",
      [policy("shop")],
      { code: "NoGateway", reason: "n1 has no usable Gateway with the postfix internal" },
    ],
    [
      "a Gateway without an address",
      [gateway(), ingressService([]), policy("shop"), route("shop/cart"), ...backend("shop/cart")],
      { code: "NoAddress", reason: "Gateway istio-system/internal of n1 has no address" },
    ],
    [
      "no VirtualService",
      shop("shop/cart"),
      { code: "NoVirtualService", reason: "in n1 there is no VirtualService for it on Gateway istio-system/internal" },
    ],
    [
      "nothing ready",
      [...shop("shop/cart"), virtualService("shop/cart", [cart])],
      { code: "NoReadyEndpoint", reason: "in n1 Service shop/cart does not exist" },
    ],
  ])("does not cover a host with %s", (_what, objects, uncovered) => {
    const { coverages } = judge(w1(...shop("shop/cart")), n1(...objects));
    expect(scoped(coverages, "w1")).toMatchObject({
      substitute: "n1",
      covered: 0,
      uncovered: [{ host: cart, cluster: "w1", ...uncovered }],
    });
  });

  it("needs an address of every type that the home has", () => {
    const dual = (...addresses: readonly string[]) => [
      gateway(),
      ingressService(addresses),
      policy("shop"),
      route("shop/cart"),
      ...backend("shop/cart"),
    ];
    const { coverages } = judge(w1(...dual("10.0.0.1", "fd00::1")), n1(...dual("10.1.0.1")));
    expect(scoped(coverages, "w1").uncovered).toMatchObject([
      { code: "NoAddress", reason: "Gateway istio-system/internal of n1 has no IPv6 address" },
    ]);
    expect(scoped(coverages, "n1")).toMatchObject({ covered: 1 });
  });

  it("covers a host by a route whose policy is not active there: its Istio Gateway has the host all the same", () => {
    const bound = policy("shop", { mode: "RegionBound", sourceRegion: "weu" });
    const all = [...ingress(), bound, route("shop/cart"), ...backend("shop/cart")];
    const { coverages } = judge(w1(...all), n1(...all));
    expect(scoped(coverages, "w1")).toMatchObject({ substitute: "n1", covered: 1 });
  });

  it("takes no cluster for a substitute whose VirtualServices could not be read, and says so", () => {
    const unread = cluster("n1", { region: "neu", objects: shop("shop/cart"), unread: ["VirtualService"] });
    const { coverages, notJudged } = judge(w1(...shop("shop/cart")), unread);
    expect(scoped(coverages, "w1")).toMatchObject({
      covered: 0,
      uncovered: [{ code: "NoSubstitute", reason: "there is no other cluster that could be judged" }],
    });
    expect(scoped(coverages, "w1")).not.toHaveProperty("substitute");
    expect(notJudged).toMatchObject([{ cluster: "n1" }]);
  });

  it("has nobody to take over in a fleet of one", () => {
    const { coverages } = judge(w1(...shop("shop/cart"), ...backend("shop/cart")));
    expect(coverages).toMatchObject([{ total: 1, covered: 0, uncovered: [{ code: "NoSubstitute" }] }]);
  });

  it("is left out where no routes publish anything", () => {
    expect(judge(w1(...ingress()), n1())).toMatchObject({ coverages: [], unbound: [] });
  });

  it("names hosts that lead to a Gateway which answers them with an error", () => {
    const { unbound } = judge(w1(...shop("shop/cart", "shop/search"), ...backend("shop/cart")), n1());
    expect(unbound).toEqual([
      {
        cluster: "w1",
        host: hostOf("shop/search"),
        code: "NoVirtualService",
        reason: "there is no VirtualService for it on Gateway istio-system/internal",
      },
    ]);
  });
});

/** What coverage means, host by host, without any index. */
function expectedCovered(home: ClusterHosts, other: CoverageInput): number {
  return home.published.filter(({ host, postfix }) => {
    const own = home.gateways.find((entrance) => entrance.postfix === postfix);
    const entrance = other.hosts.gateways.find((one) => one.postfix === postfix);
    const standing = other.hosts.standing.some((one) => one.host === host && one.gateway === entrance?.key);
    const routes = other.backends.VirtualService;
    const answered =
      routes?.read === "complete" &&
      routes.objects.some(({ hosts, gateways }) => hosts.includes(host) && gateways.includes(entrance?.key ?? ""));
    return own !== undefined && (entrance?.addresses.length ?? 0) > 0 && standing && answered;
  }).length;
}

describe("judgeCoverage, over any fleet", () => {
  const postfixes = ["internal", "external"];
  const hosts = ["a.example.com", "b.example.com", "c.example.com"];
  const anyInput = (name: string) =>
    fc
      .record({
        region: fc.constantFrom("weu", "neu"),
        published: fc.uniqueArray(
          fc.record({ host: fc.constantFrom(...hosts), postfix: fc.constantFrom(...postfixes) }),
          {
            selector: ({ host }) => host,
          },
        ),
        gateways: fc.uniqueArray(fc.record({ postfix: fc.constantFrom(...postfixes), ip: fc.boolean() }), {
          selector: ({ postfix }) => postfix,
        }),
        standing: fc.uniqueArray(
          fc.record({ host: fc.constantFrom(...hosts), postfix: fc.constantFrom(...postfixes) }),
          {
            selector: ({ host }) => host,
          },
        ),
        answered: fc.subarray(hosts),
      })
      .map(({ region, published, gateways, standing, answered }): CoverageInput => ({
        hosts: {
          cluster: name,
          region,
          published,
          gateways: gateways.map(({ postfix, ip }) => ({
            key: `x/${postfix}`,
            postfix,
            addresses: ip ? ["10.0.0.1"] : [],
          })),
          standing: standing.map(({ host, postfix }) => ({ host, gateway: `x/${postfix}` })),
        },
        backends: listingsOf(
          cluster(name, {
            bare: true,
            objects: answered.map((host) =>
              virtualService(`x/${host}`, [host], { gateways: ["x/internal", "x/external"], answersItself: true }),
            ),
          }),
          backendKinds,
        ),
      }));

  it("counts exactly the hosts that the substitute answers, names all others, and chooses as it says", () => {
    fc.assert(
      fc.property(anyInput("c1"), anyInput("c2"), anyInput("c3"), (...inputs) => {
        const { coverages } = judgeCoverage(inputs);
        for (const { scope, total, covered, uncovered, substitute } of coverages.filter(
          (one) => one.scope.kind === "cluster",
        )) {
          const home = inputs.find((one) => one.hosts.cluster === scope.name)?.hosts;
          if (home === undefined) throw new Error(scope.name);
          const others = inputs.filter((one) => one.hosts !== home);
          const chosen = others.find((one) => one.hosts.cluster === substitute);
          expect(total).toBe(home.published.length);
          expect(covered + uncovered.length).toBe(total);
          expect(covered).toBe(chosen === undefined ? 0 : expectedCovered(home, chosen));
          const siblings = others.filter((one) => one.hosts.region === home.region);
          const bestSibling = Math.max(0, ...siblings.map((one) => expectedCovered(home, one)));
          expect(covered).toBe(
            bestSibling > 0 ? bestSibling : Math.max(0, ...others.map((one) => expectedCovered(home, one))),
          );
        }
      }),
    );
  });
});
