/** Budgets hold: told from the objects before and after, not from what the plan says of itself. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyFleet, anyStep, runs } from "../../../support/builders/arbitraries.ts";
import { clusterOf, later, type World } from "../../../support/builders/fleet.ts";
import { collectGarbage, play, settle } from "../../../support/builders/pass.ts";
import { publications, uidsOf, type Publication } from "../../../support/builders/published.ts";

const hourMs = 60 * 60_000;
const limits = { share: 0.34, fromNames: 3, names: 4 };

type Spent = { readonly atMs: number; readonly names: number; readonly base: number };
type Scope = { readonly id: string; readonly has: (one: Publication) => boolean };

const scopes: readonly Scope[] = [
  ...["w1", "w2", "n1"].map((name) => ({ id: `cluster/${name}`, has: (one: Publication) => one.cluster === name })),
  ...["weu", "neu", "frc"].map((name) => ({ id: `zone/${name}`, has: (one: Publication) => one.zone === name })),
];

/** Names that a pass took away or led elsewhere in a scope, while their source lives. */
function lostNames(before: World, after: World, { has }: Scope): ReadonlySet<string> {
  const left = new Set(publications(after).map((one) => `${one.cluster} ${one.zone} ${one.name} ${one.destination}`));
  const lost = publications(before).filter((one) => {
    const lives = one.owner !== undefined && uidsOf(clusterOf(before, one.cluster)).has(one.owner);
    return has(one) && one.ours && lives && !left.has(`${one.cluster} ${one.zone} ${one.name} ${one.destination}`);
  });
  return new Set(lost.map(({ name }) => name));
}

function namesIn(world: World, { has }: Scope): number {
  return new Set(
    publications(world)
      .filter(has)
      .map(({ name }) => name),
  ).size;
}

/** The most that may be lost in an hour that began with any of these numbers of names. */
function mostAllowed(bases: readonly number[]): number {
  const share = Math.max(...bases) * limits.share;
  return bases.some((base) => base < limits.fromNames) ? limits.names : Math.min(limits.names, share);
}

describe("without an approval", () => {
  it("no cluster and no zone loses more in an hour than its budget", () => {
    fc.assert(
      fc.property(
        anyFleet({ budgets: limits }),
        fc.array(anyStep, { minLength: 1, maxLength: 7, size: "max" }),
        (start, steps) => {
          let world = settle(start).world;
          const spent = new Map<string, readonly Spent[]>();
          for (const { happens } of steps) {
            world = happens(world);
            const before = world;
            const after = play(world).after;
            for (const scope of scopes) {
              const entry = {
                atMs: world.nowMs,
                names: lostNames(before, after, scope).size,
                base: namesIn(before, scope),
              };
              const recent = [...(spent.get(scope.id) ?? []), entry].filter(({ atMs }) => world.nowMs - atMs < hourMs);
              spent.set(scope.id, recent);
              const total = recent.reduce((sum, { names }) => sum + names, 0);
              if (entry.names > 0) expect(total).toBeLessThanOrEqual(mostAllowed(recent.map(({ base }) => base)));
            }
            world = later(collectGarbage(after), 12 * 60_000);
          }
        },
      ),
      runs,
    );
  });
});
