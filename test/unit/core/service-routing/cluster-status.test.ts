/** Statuses of ClusterIdentity, DNSConfiguration, DNSPolicy and Gateway, word for word. */
import { describe, expect, it } from "vitest";
import type { DesiredStatus } from "../../../../shared/model/desired.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";
import {
  changeCluster,
  cluster,
  edit,
  fleet,
  ingress,
  put,
  remove,
  unread,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  dnsConfiguration,
  gateway,
  identity,
  ingressService,
  policy,
  route,
  unparsable,
  younger,
  type WorldObject,
} from "../../../support/builders/objects.ts";
import { desiredStatuses, play, runPass, settle } from "../../../support/builders/pass.ts";

const one = (...objects: readonly WorldObject[]): World => fleet([cluster("w1", { objects })]);
const statusOf = (world: World, kind: Kind, key: string, name = "w1"): DesiredStatus => {
  const found = desiredStatuses(runPass(world)).find(
    (status) => status.kind === kind && status.key === key && status.place.name === name,
  );
  if (found === undefined) throw new Error(`no status of ${kind} ${key}`);
  return found;
};
const text = ({ fields, conditions }: DesiredStatus): readonly string[] => [
  ...Object.entries(fields).map(([field, value]) => `${field}: ${JSON.stringify(value)}`),
  ...conditions.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`),
];

describe("ClusterIdentity", () => {
  const adopting = (...regions: readonly string[]) =>
    fleet([
      cluster("n1", { region: "neu", controllers: ["neu", "weu", "frc"], adopts: regions }),
      cluster("w1"),
      cluster("n2", { region: "neu", controllers: ["neu", "frc"], adopts: ["frc"] }),
    ]);
  const adoptedRegions = (world: World, name: string) =>
    text(statusOf(world, "ClusterIdentity", "identity", name)).find((line) => line.startsWith("AdoptedRegionsValid"));

  it("is Active when it is the one honoured", () =>
    expect(text(statusOf(one(), "ClusterIdentity", "identity"))).toEqual([
      'phase: "Active"',
      "Ready=True ReconciliationSucceeded: ClusterIdentity is active",
      "AdoptedRegionsValid=True NoAdoptedRegions: no region is adopted",
    ]));

  it.each([
    [["frc"], "True AllAdoptedRegionsValid: frc has no cluster of its own and is served"],
    [
      ["weu"],
      "Unknown AdoptionRequested: weu has clusters of its own: its adoption is requested and waits for a decision, nothing is published there",
    ],
    [["neu"], "False AdoptedRegionNotFound: neu is this cluster's own region"],
    [["xyz"], "False AdoptedRegionNotFound: xyz has no ExternalDNS controller in the DNSConfiguration of this cluster"],
    [
      ["frc", "neu"],
      "False AdoptedRegionNotFound: frc has no cluster of its own and is served; neu is this cluster's own region",
    ],
  ])("that adopts %o says what came of it", (regions, expected) =>
    expect(adoptedRegions(adopting(...regions), "n1")).toBe(`AdoptedRegionsValid=${expected}`),
  );

  it("that adopts a region in which a cluster may be of which nothing is known says which", () => {
    const world = fleet([
      cluster("n1", { region: "neu", controllers: ["neu", "frc"], adopts: ["frc"] }),
      cluster("x1", { unread: "all" }),
    ]);
    expect(adoptedRegions(world, "n1")).toBe(
      "AdoptedRegionsValid=Unknown AdoptionRequested: whether frc has a cluster of its own is not known: the region of x1 is not; what is published there stays",
    );
  });

  it("that comes second to a region stands by", () =>
    expect(adoptedRegions(adopting("frc"), "n2")).toBe(
      "AdoptedRegionsValid=False Standby: frc is already served by cluster n1",
    ));

  it("that is a second one is refused, and changes nothing that is published", () => {
    const second = identity({ region: "neu", cluster: "x" }, { name: "second", ...younger() });
    const world = one(second);
    expect(text(statusOf(world, "ClusterIdentity", "second"))).toEqual([
      'phase: "Failed"',
      "Ready=False SingletonViolation: ClusterIdentity identity is older and is the one honoured; delete this one",
      "AdoptedRegionsValid=False SingletonViolation: not judged: this ClusterIdentity is not honoured",
    ]);
    expect(text(statusOf(world, "ClusterIdentity", "identity"))[0]).toBe('phase: "Active"');
    expect(runPass(put(settle(one(...ingress())).world, "w1", second)).plan.changes).toEqual([]);
  });

  it("that does not parse names every fault", () => {
    const world = fleet([
      cluster("w1", {
        rejected: [unparsable("ClusterIdentity", "broken", { issues: ["spec.region: a", "spec.domain: b"] })],
      }),
    ]);
    expect(text(statusOf(world, "ClusterIdentity", "broken"))).toEqual([
      'phase: "Failed"',
      "Ready=False InvalidSpec: spec.region: a; spec.domain: b; what it published before stays",
    ]);
  });
});

describe("the ClusterIdentity of a frozen cluster", () => {
  const before = play(one(...ingress())).after;

  it("gets the one condition that may be written there, and keeps what it said", () => {
    const world = unread(before, "w1", ["ServiceRoute"]);
    const status = statusOf(world, "ClusterIdentity", "identity");
    expect(text(status)).toEqual([
      'phase: "Active"',
      "Ready=True ReconciliationSucceeded: ClusterIdentity is active",
      "AdoptedRegionsValid=True NoAdoptedRegions: no region is adopted",
      "Frozen=True Frozen: the cluster was not read completely; nothing is written to it",
    ]);
    expect(desiredStatuses(runPass(world))).toHaveLength(1);
  });

  it("says whose name it has as well", () => {
    const twins = fleet([cluster("w1", { aks: "aks01" }), cluster("w2", { aks: "aks01" })]);
    expect(text(statusOf(twins, "ClusterIdentity", "identity"))).toEqual([
      "Frozen=True DuplicateClusterName: clusters w1 and w2 both say region weu, cluster aks01; one of them must change",
    ]);
  });

  it("cannot be told when it was not read itself", () =>
    expect(desiredStatuses(runPass(unread(before, "w1", "all")))).toEqual([]));

  it("is told the same in every pass: nothing in it counts or ages", () => {
    const shrunk = fleet([
      cluster("w1", { objects: Array.from({ length: 20 }, (_none, index) => route(`shop/r${index}`)) }),
    ]);
    let world = remove(
      play(shrunk).after,
      "w1",
      "ServiceRoute",
      ...Array.from({ length: 20 }, (_none, index) => `shop/r${index}`),
    );
    const seen = new Set<string>();
    for (let pass = 0; pass < 3; pass += 1) {
      seen.add(JSON.stringify(text(statusOf(world, "ClusterIdentity", "identity"))));
      world = play(world).after;
    }
    expect([...seen]).toEqual([expect.stringContaining("the last read lost most of its routes or gateways")]);
  });

  it("loses it when the cluster is read again", () => {
    const frozen = play(unread(before, "w1", ["ServiceRoute"])).after;
    expect(text(statusOf(unread(frozen, "w1", []), "ClusterIdentity", "identity")).join()).not.toContain("Frozen");
  });
});

describe("DNSConfiguration", () => {
  it("has conditions and no phase, as the operator had it", () =>
    expect(text(statusOf(one(), "DNSConfiguration", "dns"))).toEqual([
      "Ready=True ReconciliationSucceeded: DNSConfiguration is active",
    ]));

  it("that is a second one is refused", () =>
    expect(
      text(statusOf(one(dnsConfiguration(["neu"], { name: "z", ...younger() })), "DNSConfiguration", "z")),
    ).toEqual([
      "Ready=False SingletonViolation: DNSConfiguration dns is older and is the one honoured; delete this one",
    ]));
});

describe("DNSPolicy", () => {
  const status = (...objects: readonly WorldObject[]) => text(statusOf(one(...objects), "DNSPolicy", "shop/policy"));

  it.each<[string, readonly WorldObject[], readonly string[]]>([
    [
      "active",
      [policy("shop")],
      [
        'phase: "Active"',
        "active: true",
        'activeControllers: ["external-dns-weu"]',
        "Ready=True ReconciliationSucceeded: DNSPolicy is active",
      ],
    ],
    [
      "bound elsewhere",
      [policy("shop", { sourceRegion: "neu" })],
      [
        'phase: "Inactive"',
        "active: false",
        "activeControllers: []",
        "Ready=False PolicyInactive: DNSPolicy is not active for this cluster: sourceRegion 'neu' does not match weu",
      ],
    ],
    [
      "RegionBound without a region",
      [policy("shop", { mode: "RegionBound" })],
      [
        'phase: "Failed"',
        "active: false",
        "activeControllers: []",
        "Ready=False ValidationFailed: mode RegionBound needs spec.sourceRegion: without it every cluster would publish to every zone",
      ],
    ],
    [
      "younger than another",
      [policy("shop", {}, younger()), policy("shop/older")],
      [
        'phase: "Inactive"',
        "active: false",
        "activeControllers: []",
        "Ready=False SingletonViolation: DNSPolicy older is older and is the one honoured in this namespace; delete one of them",
        "Conflict=True SingletonViolation: DNSPolicy older is older and is the one honoured in this namespace; delete one of them",
      ],
    ],
  ])("%s", (_what, objects, expected) => expect(status(...objects)).toEqual(expected));

  it("is Pending while no controller can be used", () => {
    const world = fleet([cluster("w1", { controllers: ["neu"], objects: [policy("shop")] })]);
    expect(text(statusOf(world, "DNSPolicy", "shop/policy"))).toEqual([
      'phase: "Pending"',
      "active: false",
      "activeControllers: []",
      "Ready=False NoUsableControllers: DNSConfiguration has no ExternalDNS controller for region weu",
    ]);
  });
});

describe("Gateway", () => {
  const KEY = "istio-system/internal";
  const routed = [policy("shop"), route("shop/cart")];
  const status = (world: World) => text(statusOf(world, "Gateway", KEY));
  const notServed = (world: World) =>
    changeCluster(world, "w1", (found) => ({
      ...found,
      unread: new Map([["IstioGateway", { code: "KIND_NOT_SERVED", reason: "install its CRD" }]]),
    }));

  it.each<[string, World, readonly string[]]>([
    [
      "with routes and an address",
      one(...ingress(), ...routed),
      [
        'phase: "Active"',
        'loadBalancerIP: "10.0.0.1"',
        "Ready=True ReconciliationSucceeded: Gateway is active",
        "DNSReady=True DNSEndpointsCreated: DNSEndpoints provisioned",
      ],
    ],
    [
      "without routes",
      one(...ingress()),
      [
        'phase: "Pending"',
        'loadBalancerIP: "10.0.0.1"',
        "Ready=False NoServiceRoutes: Waiting for ServiceRoutes to reference this Gateway",
        "DNSReady=True DNSEndpointsCreated: DNSEndpoints provisioned",
      ],
    ],
    [
      "without a Service",
      one(gateway(), ...routed),
      [
        'phase: "Active"',
        'loadBalancerIP: ""',
        "Ready=True ReconciliationSucceeded: Gateway is active",
        "DNSReady=False DNSNotReady: LoadBalancer Service not found",
      ],
    ],
    [
      "whose Service waits for an address",
      one(gateway(), ingressService([]), ...routed),
      [
        'phase: "Active"',
        'loadBalancerIP: ""',
        "Ready=True ReconciliationSucceeded: Gateway is active",
        "DNSReady=False LoadBalancerIPPending: LoadBalancer IP pending",
      ],
    ],
    [
      "without a DNSConfiguration",
      remove(one(...ingress(), ...routed), "w1", "DNSConfiguration", "dns"),
      [
        'phase: "Active"',
        'loadBalancerIP: "10.0.0.1"',
        "Ready=True ReconciliationSucceeded: Gateway is active",
        "DNSReady=False DNSNotReady: DNSConfiguration not available",
      ],
    ],
    [
      "without a ClusterIdentity",
      remove(one(...ingress(), ...routed), "w1", "ClusterIdentity", "identity"),
      [
        'phase: "Pending"',
        'loadBalancerIP: ""',
        "Ready=False ClusterIdentityNotAvailable: Waiting for ClusterIdentity",
        "DNSReady=False DNSNotReady: ClusterIdentity not available",
      ],
    ],
    [
      "in a cluster without Istio",
      notServed(one(...ingress(), ...routed)),
      [
        'phase: "Pending"',
        'loadBalancerIP: "10.0.0.1"',
        "Ready=False IstioGatewayGenerationFailed: this cluster does not serve Istio Gateways; install Istio's CRDs",
        "DNSReady=True DNSEndpointsCreated: DNSEndpoints provisioned",
      ],
    ],
    [
      "where Istio Gateways may not be listed",
      unread(one(...ingress(), ...routed), "w1", ["IstioGateway"]),
      [
        'phase: "Pending"',
        'loadBalancerIP: "10.0.0.1"',
        "Ready=False IstioGatewayGenerationFailed: Istio Gateways of this cluster may not be listed; grant it (crds/rbac/read.yaml)",
        "DNSReady=True DNSEndpointsCreated: DNSEndpoints provisioned",
      ],
    ],
    [
      "with a bad postfix",
      one(gateway(KEY, { targetPostfix: "Bad" })),
      [
        'phase: "Failed"',
        'loadBalancerIP: ""',
        "Ready=False ValidationFailed: spec.targetPostfix 'Bad' must be lower-case letters, digits and inner hyphens",
      ],
    ],
    [
      "with two Services",
      one(...ingress(), ingressService(["10.0.0.2"], { key: "istio-system/other", ...younger() })),
      [
        'phase: "Pending"',
        'loadBalancerIP: "10.0.0.1"',
        "Ready=False NoServiceRoutes: Waiting for ServiceRoutes to reference this Gateway",
        "DNSReady=True DNSEndpointsCreated: DNSEndpoints provisioned",
        "ServiceAmbiguous=True SeveralServices: Service istio-system/ingress is used; istio-system/other match as well",
      ],
    ],
  ])("%s", (_what, world, expected) => expect(status(world)).toEqual(expected));

  it("keeps what it said of its address when its postfix becomes bad: the record stays too", () => {
    const bad = edit(
      settle(one(...ingress(), ...routed)).world,
      { cluster: "w1", kind: "Gateway", key: KEY },
      (found) => ({
        ...found,
        spec: { ...found.spec, targetPostfix: "Bad" },
      }),
    );
    expect(status(bad)).toEqual([
      'phase: "Failed"',
      'loadBalancerIP: "10.0.0.1"',
      "Ready=False ValidationFailed: spec.targetPostfix 'Bad' must be lower-case letters, digits and inner hyphens",
      "DNSReady=True DNSEndpointsCreated: DNSEndpoints provisioned",
    ]);
  });

  it("needs its DNSEndpoints for DNSReady and its Istio Gateway for Ready", () =>
    expect(statusOf(one(...ingress(), ...routed), "Gateway", KEY).needs).toEqual([
      {
        kind: "DNSEndpoint",
        keys: ["istio-system/gateway-controller-ingress-internal-external-dns-weu"],
        conditions: ["DNSReady"],
        reason: "DNSNotReady",
      },
      { kind: "IstioGateway", keys: [KEY], conditions: ["Ready"], reason: "IstioGatewayGenerationFailed" },
    ]));
});

describe("a cluster that lacks what it needs to publish anything", () => {
  const refusals = (world: World) =>
    runPass(world).plan.refusals.map(({ place, kind, code }) => `${place.name} ${kind} ${code}`);
  const without = (kind: "ClusterIdentity" | "DNSConfiguration", key: string) => remove(one(), "w1", kind, key);

  it.each<[string, World, readonly string[]]>([
    ["no ClusterIdentity", without("ClusterIdentity", "identity"), ["w1 ClusterIdentity ClusterIdentityNotAvailable"]],
    ["no DNSConfiguration", without("DNSConfiguration", "dns"), ["w1 DNSConfiguration DNSConfigurationNotAvailable"]],
    [
      "no object at all",
      fleet([cluster("w1", { bare: true })]),
      ["w1 ClusterIdentity ClusterIdentityNotAvailable", "w1 DNSConfiguration DNSConfigurationNotAvailable"],
    ],
    ["both", one(), []],
    ["nothing, while it retires", fleet([cluster("w1", { bare: true, writes: "retiring" })]), []],
  ])("is refused in the plan where it has %s", (_what, world, expected) => expect(refusals(world)).toEqual(expected));

  it("is refused once where its ClusterIdentity is there and not honoured", () => {
    const world = edit(one(), { cluster: "w1", kind: "ClusterIdentity", key: "identity" }, (found) => ({
      ...found,
      spec: { ...found.spec, region: "zzz" },
    }));
    expect(refusals(world)).toEqual(["w1 ClusterIdentity RegionNotFound"]);
  });

  it("is named where a region cannot be adopted because its own is not known", () => {
    const adopter = identity({ cluster: "n1", region: "neu", adoptsRegions: ["frc"] });
    const world = fleet([
      cluster("n1", { region: "neu", bare: true, objects: [adopter, dnsConfiguration(["neu", "frc"])] }),
      cluster("w1", { bare: true }),
    ]);
    expect(text(statusOf(world, "ClusterIdentity", "identity", "n1")).at(-1)).toBe(
      "AdoptedRegionsValid=Unknown AdoptionRequested: whether frc has a cluster of its own is not known: the region of w1 is not; what is published there stays",
    );
    expect(runPass(world).placement.adoptions).toEqual([
      { cluster: "n1", region: "frc", outcome: { kind: "requested", unknown: ["w1"] } },
    ]);
  });
});
