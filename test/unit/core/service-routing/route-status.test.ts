/** Order of reasons (routes.ts), what happens to what was published (endpoints.ts), and the status of each (route-status.ts). */
import { describe, expect, it } from "vitest";
import type { DesiredStatus } from "../../../../shared/model/desired.ts";
import {
  breakObject,
  cluster,
  configure,
  edit,
  fleet,
  has,
  ingress,
  put,
  remove,
  type ClusterOptions,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  gateway,
  hostOf,
  ingressService,
  namespace,
  policy,
  route,
  unparsable,
  younger,
  type WorldObject,
} from "../../../support/builders/objects.ts";
import { desiredStatuses, play, runPass, settle, statusLine } from "../../../support/builders/pass.ts";

const KEY = "shop/cart";
const ENDPOINT = "shop/cart-external-dns-weu";
const base: readonly WorldObject[] = [...ingress(), policy("shop"), route(KEY)];
const one = (objects: readonly WorldObject[], options: ClusterOptions = {}): World =>
  fleet([cluster("w1", { objects, ...options })]);
const settled = settle(one(base)).world;

const statusIn = (world: World, name = "w1", key = KEY): DesiredStatus => {
  const found = desiredStatuses(runPass(world)).find(
    (status) => status.place.name === name && status.kind === "ServiceRoute" && status.key === key,
  );
  if (found === undefined) throw new Error(`no status of ${key} in ${name}`);
  return found;
};
/** Phase, Ready and Published; DNSVerified and BackendBound are the same for all so far. */
const said = (world: World, name = "w1", key = KEY): string =>
  statusLine(statusIn(world, name, key))
    .replace(`ServiceRoute ${key} `, "")
    .replace(" DNSVerified=Unknown ZoneNotRead BackendBound=Unknown BackendNotRead", "");
const messageOf = (world: World, type: string): string =>
  statusIn(world).conditions.find((condition) => condition.type === type)?.message ?? "";
const editRoute =
  (spec: Partial<ReturnType<typeof route>["object"]["spec"]>) =>
  (world: World): World =>
    edit(world, { cluster: "w1", kind: "ServiceRoute", key: KEY }, (found) => ({
      ...found,
      spec: { ...found.spec, ...spec },
    }));

describe("a route that publishes", () => {
  it("is Active, and names its first DNSEndpoint and its host", () => {
    expect(statusIn(settled)).toMatchObject({
      uid: "ServiceRoute:shop/cart",
      generation: 1,
      fields: { phase: "Active", dnsEndpoint: "cart-external-dns-weu", dnsNames: [hostOf(KEY)] },
      conditions: [
        { type: "Ready", status: "True", reason: "ReconciliationSucceeded", message: "ServiceRoute is active" },
        {
          type: "Published",
          status: "True",
          reason: "ReconciliationSucceeded",
          message: "this cluster publishes the host",
        },
        { type: "DNSVerified", status: "Unknown", reason: "ZoneNotRead", message: "no DNS zone has been read" },
        { type: "BackendBound", status: "Unknown", reason: "BackendNotRead", message: "backends are not read" },
      ],
    });
  });

  it("needs each of its DNSEndpoints", () => {
    const wide = one(base, { controllers: ["weu", { name: "second", region: "weu" }] });
    expect(statusIn(wide).needs).toEqual([
      {
        kind: "DNSEndpoint",
        keys: [ENDPOINT, "shop/cart-second"],
        conditions: ["Ready", "Published"],
        reason: "DNSEndpointGenerationFailed",
      },
    ]);
  });
});

/** What is wrong, what was published before stays (`kept`) or goes (`gone`), and what a route says that never published. */
type Trouble = readonly [what: string, happens: (world: World) => World, status: string, before: "kept" | "gone"];
const troubles: readonly Trouble[] = [
  ["an empty service name", editRoute({ serviceName: "" }), "Failed Ready=False ValidationFailed", "kept"],
  ["an empty environment", editRoute({ environment: "" }), "Failed Ready=False ValidationFailed", "kept"],
  ["an empty application", editRoute({ application: "" }), "Failed Ready=False ValidationFailed", "kept"],
  ["upper case in its host", editRoute({ environment: "PROD" }), "Failed Ready=False ValidationFailed", "kept"],
  [
    "a host label that is too long",
    editRoute({ application: "a".repeat(60) }),
    "Failed Ready=False ValidationFailed",
    "kept",
  ],
  [
    "no DNSPolicy",
    (world) => remove(world, "w1", "DNSPolicy", "shop/policy"),
    "Pending Ready=False DNSPolicyNotFound",
    "kept",
  ],
  [
    "a DNSPolicy that does not parse",
    (world) => breakObject(world, "w1", "DNSPolicy", "shop/policy"),
    "Pending Ready=False DNSPolicyNotFound",
    "kept",
  ],
  [
    "a RegionBound DNSPolicy without a region",
    (world) => put(world, "w1", policy("shop", { mode: "RegionBound" })),
    "Pending Ready=False DNSPolicyNotFound",
    "kept",
  ],
  [
    "a DNSPolicy of another region",
    (world) => put(world, "w1", policy("shop", { sourceRegion: "neu" })),
    "Pending Ready=False DNSPolicyInactive",
    "gone",
  ],
  [
    "no DNSConfiguration",
    (world) => remove(world, "w1", "DNSConfiguration", "dns"),
    "Pending Ready=False DNSConfigurationNotAvailable",
    "kept",
  ],
  [
    "no controller for its region",
    (world) =>
      edit(withRegion(world, "neu"), { cluster: "w1", kind: "DNSConfiguration", key: "dns" }, (found) => ({
        ...found,
        spec: { externalDNSControllers: [{ name: "external-dns-neu", region: "neu" }] },
      })),
    "Pending Ready=False NoUsableControllers",
    "kept",
  ],
  [
    "a DNSConfiguration with a region that the fleet does not have",
    (world) =>
      edit(world, { cluster: "w1", kind: "DNSConfiguration", key: "dns" }, (found) => ({
        ...found,
        spec: { externalDNSControllers: [{ name: "external-dns-zzz", region: "zzz" }] },
      })),
    "Pending Ready=False DNSConfigurationNotAvailable",
    "kept",
  ],
  [
    "a ClusterIdentity of a region that the fleet does not have",
    (world) =>
      edit(world, { cluster: "w1", kind: "ClusterIdentity", key: "identity" }, (found) => ({
        ...found,
        spec: { ...found.spec, region: "zzz" },
      })),
    "Pending Ready=False ClusterIdentityNotAvailable",
    "kept",
  ],
  [
    "no ClusterIdentity",
    (world) => remove(world, "w1", "ClusterIdentity", "identity"),
    "Pending Ready=False ClusterIdentityNotAvailable",
    "kept",
  ],
  [
    "no Gateway",
    (world) => remove(world, "w1", "Gateway", "istio-system/internal"),
    "Pending Ready=False GatewayNotFound",
    "kept",
  ],
  [
    "another Gateway that is not there",
    editRoute({ gatewayName: "none" }),
    "Pending Ready=False GatewayNotFound",
    "kept",
  ],
  [
    "a Gateway that cannot be used",
    (world) =>
      edit(world, { cluster: "w1", kind: "Gateway", key: "istio-system/internal" }, (found) => ({
        ...found,
        spec: { ...found.spec, targetPostfix: "Bad" },
      })),
    "Pending Ready=False GatewayNotFound",
    "kept",
  ],
  [
    "a Gateway for its own namespace only",
    (world) =>
      edit(world, { cluster: "w1", kind: "Gateway", key: "istio-system/internal" }, (found) => ({
        ...found,
        spec: { ...found.spec, allowedNamespaces: { from: "Same" } },
      })),
    "Failed Ready=False NotAllowedByGateway",
    "gone",
  ],
];

function withRegion(world: World, name: string): World {
  const { configuration } = world;
  const regions = configuration.regions.flatMap((region) => [region, { ...region, name }]);
  return { ...world, configuration: { ...configuration, regions } };
}

describe("a route with", () => {
  it.each(troubles)("%s never publishes anything", (_what, happens, status) => {
    const world = happens(one(base));
    expect(said(world)).toMatch(new RegExp(`^${status} Published=False ${status.split(" ").at(-1)}$`));
    expect(statusIn(world).fields).toMatchObject({ dnsEndpoint: "" });
    expect(has(settle(world).world, "w1", "DNSEndpoint", ENDPOINT)).toBe(false);
  });

  it.each(troubles)("%s that published before: its record is kept or gone, and the status says so", (...row) => {
    const [, happens, status, before] = row;
    const world = happens(settled);
    const kept = before === "kept";
    const reason = status.split(" ").at(-1) ?? "";
    expect(said(world)).toBe(`${status} Published=${kept ? "True ReconciliationSucceeded" : `False ${reason}`}`);
    expect(messageOf(world, "Ready").includes("what it published before stays")).toBe(kept);
    expect(statusIn(world).fields).toMatchObject({ dnsEndpoint: kept ? "cart-external-dns-weu" : "" });
    expect(has(settle(world).world, "w1", "DNSEndpoint", ENDPOINT)).toBe(kept);
  });

  it.each([
    ["an invalid host before anything else", { environment: "" }, "ValidationFailed"],
    ["a missing policy before a missing gateway", { gatewayName: "none" }, "DNSPolicyNotFound"],
  ])("several troubles names %s", (_what, spec, reason) => {
    const world = remove(one([...base, route("none/cart", spec)]), "w1", "DNSPolicy", "shop/policy");
    expect(said(editRoute(spec)(world))).toContain(`Ready=False ${reason}`);
  });

  it.each([
    ["spec.environment must not be empty", { environment: "" }],
    ["spec.environment 'PROD': label cart-ns-p-PROD-shop may hold lower-case letters", { environment: "PROD" }],
    ["spec.serviceName '-cart': label -cart-ns-p-prod-shop", { serviceName: "-cart" }],
    ["spec.application 'batch_jobs': label cart-ns-p-prod-batch_jobs", { application: "batch_jobs" }],
    ["spec.serviceName 'a_b', spec.application 'c-': label", { serviceName: "a_b", application: "c-" }],
    [
      "of spec.serviceName, spec.environment, spec.application together: label",
      { serviceName: "s".repeat(40), application: "a".repeat(40) },
    ],
    ["Gateway none not found in namespace istio-system", { gatewayName: "none" }],
    ["Gateway none not found in namespace edge", { gatewayName: "none", gatewayNamespace: "edge" }],
  ])("a fault is told what to mend: %s", (message, spec) =>
    expect(messageOf(editRoute(spec)(one(base)), "Ready")).toContain(message),
  );
});

describe("a route that cannot be understood", () => {
  it("says nothing of what it published before when it never did", () => {
    const world = breakObject(one(base), "w1", "ServiceRoute", KEY);
    expect(messageOf(world, "Ready")).toBe("spec: cannot be understood");
  });

  it("keeps its record and its place, and its status names every fault", () => {
    const world = breakObject(settled, "w1", "ServiceRoute", KEY);
    expect(statusLine(statusIn(world))).toContain("Failed Ready=False ValidationFailed");
    expect(messageOf(world, "Ready")).toBe("spec: cannot be understood; what it published before stays");
    expect(runPass(world).plan.changes).toEqual([]);
    expect(has(settle(world).world, "w1", "DNSEndpoint", ENDPOINT)).toBe(true);
  });

  it("gets nothing when it never published, and stops nobody", () => {
    const world = one(base, { rejected: [unparsable("ServiceRoute", "shop/broken")] });
    expect(said(world)).toContain("Ready=True");
    expect(runPass(world).plan.changes.map(({ because }) => because.name)).not.toContain("broken");
  });
});

describe("routes that want one host in one cluster", () => {
  const rival = route("shop/rival", { serviceName: "cart" }, younger());

  it("leave it to the oldest; the other says who has it", () => {
    const world = one([...base, rival]);
    expect(said(world)).toContain("Active Ready=True");
    expect(said(world, "w1", "shop/rival")).toBe("Failed Ready=False HostConflict Published=False HostConflict");
    expect(runPass(world).plan.refusals).toMatchObject([
      { key: "shop/rival", code: "HostConflict", reason: expect.stringContaining("older ServiceRoute shop/cart") },
    ]);
  });

  it("decide so across namespaces and Gateways of one controller, and by name where they are equally old", () => {
    const other = route("pay/cart", { application: "shop", gatewayName: "public" });
    const world = one([...base, gateway("istio-system/public"), policy("pay"), other]);
    expect(said(world, "w1", "pay/cart")).toContain("Ready=True");
    expect(said(world)).toContain("Ready=False HostConflict");
  });

  it("conflict as claims where their Istio controllers differ", () => {
    const edge = [
      gateway("edge/outer", { controller: "edge" }),
      ingressService(["10.1.0.1"], { key: "edge/lb", controller: "edge" }),
    ];
    const other = route(
      "shop/outer",
      { serviceName: "cart", gatewayName: "outer", gatewayNamespace: "edge" },
      younger(),
    );
    const world = one([...base, ...edge, other]);
    expect(said(world, "w1", "shop/outer")).toBe("Failed Ready=False HostConflict Published=False HostConflict");
    expect(said(world)).toContain("Ready=True");
  });
});

describe("routes that want one host in several clusters", () => {
  const near = () => fleet([cluster("w1", { objects: base }), cluster("w2", { objects: base })]);

  it("stand by in the same region, and are ready to take over", () => {
    expect(said(near())).toContain("Active Ready=True");
    expect(said(near(), "w2")).toBe("Active Ready=True ReconciliationSucceeded Published=False Standby");
    expect(statusIn(near(), "w2").conditions[1]?.message).toBe(
      "in zone weu the host is published by ServiceRoute shop/cart of cluster w1",
    );
  });

  it("each publish in their own region's zone", () => {
    const far = fleet([cluster("w1", { objects: base }), cluster("n1", { region: "neu", objects: base })]);
    expect([said(far), said(far, "n1")]).toEqual([
      "Active Ready=True ReconciliationSucceeded Published=True ReconciliationSucceeded",
      "Active Ready=True ReconciliationSucceeded Published=True ReconciliationSucceeded",
    ]);
  });

  it("conflict across regions: the zone's own region has it", () => {
    const bound = policy("shop", { mode: "RegionBound", sourceRegion: "neu" });
    const world = fleet([
      cluster("n1", { region: "neu", controllers: ["neu", "weu"], objects: [...ingress(), bound, route(KEY)] }),
      cluster("w1", { objects: base }),
    ]);
    expect(said(world)).toContain("Published=True");
    expect(said(world, "n1")).toBe("Failed Ready=False HostConflict Published=False HostConflict");
    expect(statusIn(world, "n1").fields).toMatchObject({ dnsEndpoint: "cart-external-dns-neu" });
  });
});

describe("a retiring cluster", () => {
  it("publishes nothing, and its routes say so", () => {
    const world = configure(settled, "w1", { writes: "retiring" });
    expect(said(world)).toBe("Active Ready=True ReconciliationSucceeded Published=False Standby");
  });
});

describe("which namespaces a Gateway allows", () => {
  const guarded = (allowedNamespaces: NonNullable<ReturnType<typeof gateway>["object"]["spec"]["allowedNamespaces"]>) =>
    one([
      gateway("istio-system/internal", { allowedNamespaces }),
      ingressService(),
      policy("shop"),
      route(KEY),
      namespace("shop", { tier: "web", team: "shop" }),
    ]);

  it.each([
    ["all", { from: "All" }, true],
    ["its own only", { from: "Same" }, false],
    ["those with a label", { from: "Selector", matchLabels: { tier: "web" } }, true],
    ["those with both labels", { from: "Selector", matchLabels: { tier: "web", team: "shop" } }, true],
    ["those with another value", { from: "Selector", matchLabels: { tier: "data" } }, false],
    ["those with one label too many", { from: "Selector", matchLabels: { tier: "web", zone: "x" } }, false],
    ["every one by an empty selector", { from: "Selector", matchLabels: {} }, true],
  ] as const)("%s", (_what, allowed, publishes) =>
    expect(said(guarded(allowed))).toContain(publishes ? "Ready=True" : "Ready=False NotAllowedByGateway"),
  );

  it("is its own namespace where the route stands beside it", () => {
    const beside = one([
      gateway("shop/internal", { allowedNamespaces: { from: "Same" } }),
      policy("shop"),
      route(KEY, { gatewayNamespace: "shop" }),
    ]);
    expect(said(beside)).toContain("Ready=True");
  });
});

describe("the namespace of a route's Gateway", () => {
  it("is the cluster's setting where the route names none", () => {
    const world = one([gateway("ingress-ns/internal"), policy("shop"), route(KEY)], { gatewayNamespace: "ingress-ns" });
    expect(said(world)).toContain("Ready=True");
    expect(play(world).pass.plan.changes[0]?.key).toBe("ingress-ns/internal");
  });
});
