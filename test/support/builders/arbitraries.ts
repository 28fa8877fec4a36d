/**
 * Random fleets and what happens to them, for properties. Few names and few clusters, so that they meet: hosts collide
 * within a cluster, within a region and across regions; sources lose what they need; objects of strangers are in the way.
 */
import fc from "fast-check";
import type { Kind } from "../../../shared/model/kinds.ts";
import type { DnsPolicy } from "../../../shared/model/resources.ts";
import {
  add,
  breakObject,
  changeCluster,
  cluster,
  configure,
  edit,
  fleet,
  has,
  later,
  objectsOf,
  put,
  remove,
  unread,
  type FleetOptions,
  type World,
  type WorldCluster,
} from "./fleet.ts";
import {
  cname,
  CREATED_AT_MS,
  dnsEndpoint,
  gateway,
  ingressService,
  istioGateway,
  policy,
  route,
  unparsable,
  type ObjectOf,
  type WorldObject,
} from "./objects.ts";
import { collectGarbage, play } from "./pass.ts";

export const zones = ["weu", "neu", "frc"] as const;
const teams = ["team-a", "team-b"] as const;

type GatewayName = "istio-system/internal" | "istio-system/public" | "edge/outer" | "edge/internal";
const gatewayNames: readonly GatewayName[] = [
  "istio-system/internal",
  "istio-system/public",
  "edge/outer",
  "edge/internal",
];

/** Two Gateways per controller; `edge/internal` wants the postfix of `istio-system/internal`. */
const anyGateways: fc.Arbitrary<readonly ObjectOf<"Gateway">[]> = fc
  .tuple(seldom(fc.constant("absent")), fc.subarray(gatewayNames.slice(1), { maxLength: 2 }))
  .map(([absent, others]) => (absent === undefined ? [...gatewayNames.slice(0, 1), ...others] : others))
  .chain((names) => fc.tuple(...names.map((name) => gatewayArbitrary(name))));

function gatewayArbitrary(key: GatewayName): fc.Arbitrary<ObjectOf<"Gateway">> {
  return fc
    .record({
      age: anyAge,
      postfix: seldom(fc.constantFrom("Bad_Postfix", "internal")),
      allowed: seldom(
        fc.constantFrom({ from: "Same" } as const, { from: "Selector", matchLabels: { routes: "yes" } } as const),
      ),
      redirect: fc.boolean(),
    })
    .map(({ age, postfix, allowed, redirect }) =>
      gateway(
        key,
        {
          controller: key.startsWith("edge/") ? "edge" : "ingress",
          ...(postfix === undefined ? {} : { targetPostfix: postfix }),
          ...(allowed === undefined ? {} : { allowedNamespaces: allowed }),
          ...(redirect ? { httpsRedirect: true } : {}),
        },
        { meta: { createdAtMs: CREATED_AT_MS + age } },
      ),
    );
}

/** Once in ten times what is given, else nothing. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const anyAge = fc.integer({ min: 0, max: 3 });

const anyAddresses = fc.constantFrom<(readonly string[])[]>(["10.0.0.1"], ["10.0.0.2", "fd00::2"], ["fd00::3"], []);

const anyServices: fc.Arbitrary<readonly WorldObject[]> = fc
  .record({
    ingress: anyAddresses,
    second: seldom(anyAddresses),
    edge: fc.option(anyAddresses),
  })
  .map(({ ingress, second, edge }) => [
    ingressService(ingress),
    ...(second === undefined ? [] : [ingressService(second, { key: "istio-system/ingress-b" })]),
    ...(edge === null ? [] : [ingressService(edge, { key: "edge/lb", controller: "edge" })]),
  ]);

const anyPolicySpec: fc.Arbitrary<Partial<DnsPolicy["spec"]>> = fc.constantFrom<Partial<DnsPolicy["spec"]>[]>(
  {},
  {},
  {},
  {},
  {},
  {},
  { sourceRegion: "weu" },
  { sourceRegion: "frc" },
  { sourceRegion: "weu", sourceCluster: "w1" },
  { mode: "RegionBound", sourceRegion: "weu" },
  { mode: "RegionBound", sourceRegion: "neu" },
  { mode: "RegionBound" },
);

const anyPolicies: fc.Arbitrary<readonly WorldObject[]> = fc
  .record({
    first: fc.option(anyPolicySpec, { freq: 8 }),
    second: fc.option(anyPolicySpec, { freq: 8 }),
    extra: seldom(anyPolicySpec),
  })
  .map(({ first, second, extra }) => [
    ...(first === null ? [] : [policy("team-a", first)]),
    ...(second === null ? [] : [policy("team-b", second)]),
    ...(extra === undefined ? [] : [policy("team-a/another", extra)]),
  ]);

type RouteShape = {
  readonly team: (typeof teams)[number];
  readonly name: string;
  readonly service: string;
  readonly gateway: string;
  readonly environment: string;
  readonly ttl: number | undefined;
  readonly age: number;
};

const anyRouteShape: fc.Arbitrary<RouteShape> = fc.record({
  team: fc.constantFrom(...teams),
  name: fc.constantFrom("one", "two", "three"),
  service: fc.constantFrom("web", "api", "shop"),
  gateway: fc.oneof(
    { weight: 3, arbitrary: fc.constant("istio-system/internal") },
    { weight: 2, arbitrary: fc.constantFrom<string[]>(...gatewayNames) },
    { weight: 1, arbitrary: fc.constantFrom("nowhere/none", "istio-system/public") },
  ),
  environment: seldom(fc.constantFrom("", "UPPER")).map((odd) => odd ?? "prod"),
  ttl: fc.constantFrom<(number | undefined)[]>(undefined, undefined, 60),
  age: anyAge,
});

function routeOf(shape: RouteShape): ObjectOf<"ServiceRoute"> {
  const [gatewayNamespace = "", gatewayName = ""] = shape.gateway.split("/");
  return route(
    `${shape.team}/${shape.name}`,
    {
      serviceName: shape.service,
      gatewayName,
      gatewayNamespace,
      environment: shape.environment,
      application: "shop",
      ...(shape.ttl === undefined ? {} : { ttlSeconds: shape.ttl }),
    },
    { meta: { createdAtMs: CREATED_AT_MS + shape.age } },
  );
}

const sharedHost = "web-ns-p-prod-shop.example.com";

/** What somebody else put there: under names that we may want, with hosts that routes may have. */
const anyForeign: fc.Arbitrary<readonly WorldObject[]> = fc.subarray<WorldObject>(
  [
    dnsEndpoint("team-a/one-external-dns-weu", [cname("stranger.example.com", "elsewhere.example.com")], {
      ours: false,
    }),
    dnsEndpoint("team-b/private", [cname("private.example.com", "elsewhere.example.com")], { ours: false }),
    istioGateway("istio-system/public", ["stranger.example.com"], { ours: false }),
    istioGateway("edge/strange", [sharedHost], { controller: "edge", ours: false }),
  ],
  { minLength: 0, maxLength: 1 },
);

const anyRejected = fc.subarray(
  [
    unparsable("ServiceRoute", "team-a/broken"),
    unparsable("Gateway", "istio-system/broken"),
    unparsable("DNSPolicy", "team-c/policy"),
    unparsable("ClusterIdentity", "another"),
  ],
  { minLength: 0, maxLength: 1 },
);

function anyCluster(name: string, region: string): fc.Arbitrary<WorldCluster> {
  const others = zones.filter((zone) => zone !== region);
  return fc
    .record({
      controllers: fc.oneof(fc.constant(others), fc.subarray(others)),
      adopts: fc.subarray(others, { maxLength: 1 }),
      gateways: anyGateways,
      services: anyServices,
      policies: anyPolicies,
      routes: fc.array(anyRouteShape, { maxLength: 6, size: "max" }),
      foreign: seldom(anyForeign),
      rejected: seldom(anyRejected),
      writes: seldom(fc.constantFrom("observe", "retiring")),
    })
    .map((made) =>
      cluster(name, {
        region,
        controllers: [region, ...made.controllers],
        adopts: made.adopts,
        writes: made.writes ?? "apply",
        pinned: true,
        objects: [
          ...made.gateways,
          ...made.services,
          ...made.policies,
          ...made.routes.map((shape) => routeOf(shape)),
          ...(made.foreign ?? []),
          { kind: "Namespace", object: { meta: labelledNamespace } } as const,
        ],
        rejected: made.rejected ?? [],
      }),
    );
}

const labelledNamespace = {
  ...policy("x").object.meta,
  name: "team-a",
  uid: "Namespace:team-a",
  labels: { routes: "yes" },
};

/** One to three clusters in two regions; a third region has none. Nothing was ever published. */
export function anyFleet(options: FleetOptions = {}): fc.Arbitrary<World> {
  return fc
    .tuple(
      fc.boolean(),
      anyCluster("w1", "weu"),
      fc.option(anyCluster("w2", "weu"), { freq: 4 }),
      fc.option(anyCluster("n1", "neu"), { freq: 4 }),
    )
    .map(([reversed, first, second, third]) => {
      const clusters = [first, second, third].filter((one) => one !== null);
      const made = fleet(reversed ? clusters.toReversed() : clusters, { regions: [...zones], ...options });
      return { ...made, [fc.toStringMethod]: () => describeFleet(made, []) };
    });
}

/** One thing that happens between two passes. */
export type Happening = (world: World) => World;

/** A happening with words, so that a counterexample can be read. */
export type Step = { readonly what: string; readonly happens: Happening };

function step(what: string, happens: Happening): Step {
  return { what, happens };
}

function onSome(kind: Kind, name: string, pick: number, happens: (world: World, key: string) => World): Happening {
  return (world) => {
    if (!world.clusters.some((one) => one.name === name)) return world;
    const keys = objectsOf(world, name, kind).map(({ meta }) => `${meta.namespace}/${meta.name}`);
    const key = keys[pick % Math.max(1, keys.length)];
    return key === undefined ? world : happens(world, key);
  };
}

function inCluster(name: string, happens: Happening): Happening {
  return (world) => (world.clusters.some((one) => one.name === name) ? happens(world) : world);
}

const anyName = fc.constantFrom("w1", "w2", "n1");
const anyPick = fc.nat({ max: 20 });

/** What people, Kubernetes and accidents do to a fleet. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(anyName, anyRouteShape).map(([name, shape]) =>
      step(
        `${name}: route ${JSON.stringify(shape)}`,
        inCluster(name, (world) => {
          const made = routeOf(shape);
          const key = `${shape.team}/${shape.name}`;
          return has(world, name, "ServiceRoute", key)
            ? edit(world, { cluster: name, kind: "ServiceRoute", key }, ({ meta, status }) => ({
                meta,
                status,
                spec: made.object.spec,
              }))
            : add(world, name, made);
        }),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        anyName,
        anyPick,
        fc.constantFrom<Kind[]>("ServiceRoute", "ServiceRoute", "Gateway", "Service", "DNSPolicy"),
      )
      .map(([name, pick, kind]) =>
        step(
          `${name}: ${kind} #${pick} deleted`,
          onSome(kind, name, pick, (world, key) => remove(world, name, kind, key)),
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyName, anyPick, fc.constantFrom<Kind[]>("ServiceRoute", "Gateway", "DNSPolicy"))
      .map(([name, pick, kind]) =>
        step(
          `${name}: ${kind} #${pick} broken`,
          onSome(kind, name, pick, (world, key) => breakObject(world, name, kind, key)),
        ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyName, fc.constantFrom(...teams), anyPolicySpec).map(([name, team, spec]) =>
      step(
        `${name}: policy of ${team} ${JSON.stringify(spec)}`,
        inCluster(name, (world) =>
          put(world, name, policy(team, spec, { meta: { resourceVersion: `${world.nowMs}` } })),
        ),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyName, anyAddresses).map(([name, addresses]) =>
      step(
        `${name}: addresses ${addresses.join(" ")}`,
        onSome("Service", name, 0, (world, key) =>
          edit(world, { cluster: name, kind: "Service", key }, (service) => ({ ...service, addresses })),
        ),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyName, fc.constantFrom(...gatewayNames)).chain(([name, key]) =>
      gatewayArbitrary(key).map((made) =>
        step(
          `${name}: gateway ${key} ${JSON.stringify(made.object.spec)}`,
          inCluster(name, (world) =>
            has(world, name, "Gateway", key)
              ? edit(world, { cluster: name, kind: "Gateway", key }, ({ meta, status }) => ({
                  meta,
                  status,
                  spec: made.object.spec,
                }))
              : add(world, name, made),
          ),
        ),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyName, anyPick, fc.constantFrom<Kind[]>("DNSEndpoint", "IstioGateway"))
      .map(([name, pick, kind]) =>
        step(
          `${name}: generated ${kind} #${pick} deleted by hand`,
          onSome(kind, name, pick, (world, key) => remove(world, name, kind, key)),
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyName, anyPick).map(([name, pick]) =>
      step(
        `${name}: DNSEndpoint #${pick} edited by hand`,
        onSome("DNSEndpoint", name, pick, (world, key) =>
          edit(world, { cluster: name, kind: "DNSEndpoint", key }, (endpoint) => ({
            ...endpoint,
            spec: { endpoints: endpoint.spec.endpoints.map((record) => ({ ...record, recordTTL: 17 })) },
          })),
        ),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyName, fc.subarray<Kind>(["ServiceRoute", "DNSEndpoint", "IstioGateway", "Gateway"], { maxLength: 1 }))
      .map(([name, kinds]) =>
        step(
          `${name}: not readable: ${kinds.join(" ") || "nothing"}`,
          inCluster(name, (world) => unread(world, name, kinds)),
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyName, fc.constantFrom("apply", "observe", "retiring")).map(([name, writes]) =>
      step(
        `${name}: writes ${writes}`,
        inCluster(name, (world) => configure(world, name, { writes })),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: anyName.map((name) =>
      step(
        `${name}: the Istio version is not known`,
        inCluster(name, (world) => changeCluster(world, name, ({ istioVersion: _forgotten, ...one }) => ({ ...one }))),
      ),
    ),
  },
);

/** Short waits between passes and long ones. */
const anyWaitMs = fc.constantFrom(5_000, 60_000, 75_000, 20 * 60_000);

/** A fleet with a past: passes were played, things happened in between, nothing was approved. */
export function anyLivedFleet(options: FleetOptions = {}): fc.Arbitrary<LivedFleet> {
  return fc
    .tuple(anyFleet(options), fc.array(fc.tuple(anyStep, anyWaitMs, fc.boolean()), { maxLength: 6, size: "max" }))
    .map(([start, past]) => {
      let world = start;
      const story: string[] = [];
      for (const [{ what, happens }, waitMs, passes] of past) {
        if (passes) world = collectGarbage(play(world).after);
        world = later(happens(world), waitMs);
        story.push(`${passes ? "pass, " : ""}${what}`);
      }
      return { world, story, [fc.toStringMethod]: () => describeFleet(start, story) };
    });
}

export type LivedFleet = { readonly world: World; readonly story: readonly string[] };

/** The fleet as a person would write it down. */
export function describeFleet(world: World, story: readonly string[]): string {
  const lines = world.clusters.flatMap((one) => [
    `${one.name} (${one.configured.writes})`,
    ...[...one.objects.values()].map(({ kind, object }) => {
      const spec = "spec" in object ? JSON.stringify(object.spec) : "";
      return `  ${kind} ${object.meta.namespace ?? ""}/${object.meta.name} +${object.meta.createdAtMs - CREATED_AT_MS} ${spec}`;
    }),
    ...[...one.rejected.keys()].map((id) => `  unparsable ${id}`),
  ]);
  return ["", ...lines, ...story.map((line) => `- ${line}`), ""].join("\n");
}

/** Everything readable and written to again: from here a fleet must come to rest. */
export function calm(world: World): World {
  return world.clusters.reduce((current, { name }) => unread(current, name, []), world);
}

/**
 * How often a property of whole fleets is tried. Few, so that the quick tests stay quick; before a change to the core is
 * done: FLEET_RUNS=2000 npx vitest run --project quick --testTimeout 600000 test/unit/core/rules
 */
export const runs = { numRuns: Number(process.env["FLEET_RUNS"] ?? 50) } as const;
