/** From what was not read completely nothing is deleted, shrunk, or claimed by another; and one bad resource stops nobody. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../../shared/core/naming/digest.ts";
import type { Kind } from "../../../../shared/model/kinds.ts";
import { anyFleet, anyLivedFleet, anyStep, runs } from "../../../support/builders/arbitraries.ts";
import {
  add,
  changeCluster,
  clusterOf,
  configure,
  has,
  later,
  objectsOf,
  put,
  unread,
  type World,
} from "../../../support/builders/fleet.ts";
import {
  cname,
  dnsConfiguration,
  dnsEndpoint,
  gateway,
  identity,
  policy,
  route,
  unparsable,
} from "../../../support/builders/objects.ts";
import { collectGarbage, play, runPass, WAIT_MS } from "../../../support/builders/pass.ts";
import { generated, publications } from "../../../support/builders/published.ts";

const required: readonly Kind[] = [
  "ClusterIdentity",
  "DNSConfiguration",
  "DNSPolicy",
  "Gateway",
  "ServiceRoute",
  "Service",
  "DNSEndpoint",
];
const anyUnread = fc.oneof(
  fc.constant("all" as const),
  fc.constantFrom(...required).map((kind) => [kind]),
);

describe("a cluster of which something required is not read", () => {
  it("keeps everything it has, and every name it publishes from others, however long it takes", () => {
    fc.assert(
      fc.property(anyLivedFleet(), anyUnread, fc.array(anyStep, { maxLength: 3 }), ({ world }, kinds, steps) => {
        // Read once as a whole; a retiring one is gone by a person's word.
        const read = collectGarbage(play(unread(configure(world, "w1", { writes: "apply" }), "w1", [])).after);
        let current = unread(read, "w1", kinds);
        const own = generated(current);
        const published = publications(current).filter(({ cluster }) => cluster === "w1");
        for (const { happens } of steps) {
          // What happens meanwhile happens to the others.
          const untouched = clusterOf(current, "w1");
          current = changeCluster(happens(current), "w1", () => untouched);
          const { pass, after } = play(current);
          expect(pass.plan.changes.filter(({ place }) => place.name === "w1")).toEqual([]);
          const joins = pass.plan.changes.flatMap((change) => change.joins);
          const taken = joins.filter(({ zone, name, content }) =>
            published.some(
              (one) =>
                one.zone === zone &&
                one.name === name &&
                one.type !== "AAAA" &&
                one.content !== content &&
                !content.startsWith("AAAA"),
            ),
          );
          expect(taken).toEqual([]);
          current = later(collectGarbage(after), WAIT_MS);
        }
        const ours = (state: Readonly<Record<string, unknown>>) =>
          Object.entries(state).filter(([id]) => id.startsWith("w1 "));
        expect(ours(generated(current))).toEqual(ours(own));
      }),
      runs,
    );
  });

  it("keeps names out of its zone when it was never read", () => {
    fc.assert(
      fc.property(anyFleet(), anyUnread, (world, kinds) => {
        const { plan } = runPass(unread(configure(world, "w1", { writes: "apply" }), "w1", kinds));
        const joined = plan.changes.flatMap(({ joins }) => joins).filter(({ zone }) => zone === "weu");
        expect(joined).toEqual([]);
      }),
      runs,
    );
  });
});

/** Younger than everything, so that what is there already keeps its rights. */
const youngest = (world: World) => ({ meta: { createdAtMs: world.nowMs } });

type Spoiler = readonly [what: string, spoil: (world: World) => World];
const spoilers: readonly Spoiler[] = [
  ["a route with an empty environment", (world) => add(world, "w1", route("team-a/zz", { environment: "" }))],
  ["a route whose host is too long", (world) => add(world, "w1", route("team-a/zz", { serviceName: "x".repeat(80) }))],
  ["a route on a Gateway that is not there", (world) => add(world, "w1", route("team-a/zz", { gatewayName: "zz" }))],
  [
    "a younger route with a host that another has",
    (world) => {
      const [first] = objectsOf(world, "w1", "ServiceRoute").filter(({ spec }) => spec.environment === "prod");
      return first === undefined ? world : add(world, "w1", route("team-z/zz", { ...first.spec }));
    },
  ],
  ["a route that does not parse", (world) => withRejected(world, "ServiceRoute", "team-a/zz")],
  ["a policy that does not parse, in a namespace of its own", (world) => withRejected(world, "DNSPolicy", "team-z/zz")],
  [
    "a younger second policy",
    (world) =>
      has(world, "w1", "DNSPolicy", "team-a/policy")
        ? add(world, "w1", policy("team-a/zz", { mode: "RegionBound", sourceRegion: "weu" }))
        : world,
  ],
  [
    "a younger second identity",
    (world) => put(world, "w1", identity({ region: "neu" }, { name: "zz", ...youngest(world) })),
  ],
  ["an identity that does not parse", (world) => withRejected(world, "ClusterIdentity", "zz")],
  [
    "a younger second DNSConfiguration",
    (world) => put(world, "w1", dnsConfiguration(["frc"], { name: "zz", ...youngest(world) })),
  ],
  ["a Gateway with a bad postfix", (world) => add(world, "w1", gateway("edge/zz", { targetPostfix: "Bad" }))],
  [
    "a younger Gateway with the postfix of another",
    (world) => add(world, "w1", gateway("edge/zz", { targetPostfix: "internal", controller: "nobody" })),
  ],
  [
    "somebody else's DNSEndpoint",
    (world) => put(world, "w1", dnsEndpoint("team-z/zz", [cname("zz.example.com", "y.example.com")], { ours: false })),
  ],
  ["a DNSEndpoint that does not parse", (world) => withRejected(world, "DNSEndpoint", "team-z/zz")],
  ["an Istio Gateway that does not parse", (world) => withRejected(world, "IstioGateway", "team-z/zz")],
];

function withRejected(world: World, kind: Kind, key: string): World {
  const clusters = world.clusters.map((one) =>
    one.name === "w1"
      ? {
          ...one,
          rejected: new Map([...one.rejected, [`${kind} ${key}`, unparsable(kind, key, youngest(world))]]),
        }
      : one,
  );
  return { ...world, clusters };
}

describe("one bad resource", () => {
  it.each(spoilers)("changes nothing for others: %s", (_what, spoil) => {
    fc.assert(
      fc.property(anyLivedFleet(), ({ world }) => {
        const { plan } = runPass(world);
        const spoilt = runPass(spoil(world)).plan;
        expect(canonicalJson(spoilt.changes)).toBe(canonicalJson(plan.changes));
        expect(spoilt.held.map(({ digest }) => digest)).toEqual(plan.held.map(({ digest }) => digest));
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 5) },
    );
  });
});
