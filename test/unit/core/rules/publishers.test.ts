/** One publisher per name, one place per host, and nothing that is not ours: after any plan, whatever of it fails. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digest } from "../../../../shared/core/naming/digest.ts";
import type { Change } from "../../../../shared/model/change.ts";
import { anyLivedFleet, anyStep, runs, type LivedFleet, type Step } from "../../../support/builders/arbitraries.ts";
import { approve, idOf, later, type World } from "../../../support/builders/fleet.ts";
import { applyToWorld, applyChange, collectGarbage, runPass, type Pass } from "../../../support/builders/pass.ts";
import { doubledHosts, doubledNames } from "../../../support/builders/published.ts";

const marker = "app.kubernetes.io/managed-by";

type Turn = { readonly step: Step; readonly approved: boolean; readonly failing: number; readonly waitMs: number };
const anyTurns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({
    step: anyStep,
    approved: fc.boolean(),
    // One change in so many is refused by its API server; 0: none.
    failing: fc.constantFrom(0, 0, 3, 7),
    waitMs: fc.constantFrom(1_000, 75_000),
  }),
  { maxLength: 4, size: "max" },
);

/** Small budgets, so that many changes are held and the rest has to do without them. */
const small = { budgets: { share: 0.4, fromNames: 2, names: 4 } };

function playTurns(
  { world }: LivedFleet,
  turns: readonly Turn[],
  check: (before: World, pass: Pass, after: World) => void,
) {
  let current = world;
  for (const { step, approved, failing, waitMs } of turns) {
    current = step.happens(current);
    if (approved) current = approve(current, ...runPass(current).plan.held.map(({ digest: held }) => held));
    const pass = runPass(current);
    const after = applyToWorld(current, pass, { fails: (change) => failsBy(change, failing) });
    check(current, pass, after);
    current = later(collectGarbage(after), waitMs);
  }
}

/** Pseudo-random, by the change alone. */
function failsBy({ id }: Change, oneIn: number): boolean {
  return oneIn > 0 && Number.parseInt(digest(id, 4), 16) % oneIn === 0;
}

const added = (before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] =>
  [...after].filter((one) => !before.has(one));

describe("after any plan, whatever of it fails", () => {
  it("no name has two contents among the clusters that we write, unless it had before", () => {
    fc.assert(
      fc.property(anyLivedFleet(small), anyTurns, (fleet, turns) =>
        playTurns(fleet, turns, (before, _pass, after) =>
          expect(added(doubledNames(before), doubledNames(after))).toEqual([]),
        ),
      ),
      runs,
    );
  });

  it("no host stands on two Istio Gateways of one controller, not even between two changes", () => {
    fc.assert(
      fc.property(anyLivedFleet(small), anyTurns, (fleet, turns) =>
        playTurns(fleet, turns, (before, { plan }) => {
          const independent = plan.changes.filter(
            (change) => change.dependsOn.length === 0 && change.id === change.item,
          );
          const rest = plan.changes.filter((change) => !independent.includes(change));
          let current = before;
          for (const phase of ["open", "withdraw", "publish", "close"] as const) {
            for (const change of [...independent, ...rest].filter((one) => one.phase === phase)) {
              const next = applyChange(current, change);
              expect(added(doubledHosts(current), doubledHosts(next))).toEqual([]);
              current = next;
            }
          }
        }),
      ),
      runs,
    );
  });

  it("nothing without our marker was changed, and nothing of it is in a plan", () => {
    fc.assert(
      fc.property(anyLivedFleet(), anyTurns, (fleet, turns) =>
        playTurns(fleet, turns, (before, { plan }, after) => {
          const touched = [...plan.changes, ...plan.observed, ...plan.held.flatMap(({ changes }) => changes)].flatMap(
            ({ place, kind, key }) =>
              before.clusters.find(({ name }) => name === place.name)?.objects.get(idOf(kind, key)) ?? [],
          );
          expect(touched.filter(({ object }) => object.meta.labels[marker] === undefined)).toEqual([]);
          for (const one of before.clusters) {
            const now = after.clusters.find(({ name }) => name === one.name);
            const foreign = [...one.objects].filter(
              ([, { kind, object }]) =>
                (kind === "DNSEndpoint" || kind === "IstioGateway") && object.meta.labels[marker] === undefined,
            );
            for (const [id, entry] of foreign) expect(now?.objects.get(id)).toBe(entry);
          }
        }),
      ),
      runs,
    );
  });

  it("objects are written in clusters that may be written to, and nowhere else", () => {
    fc.assert(
      fc.property(anyLivedFleet(), anyTurns, (fleet, turns) =>
        playTurns(fleet, turns, (_before, { plan, assessment }) => {
          const allowed = new Set(
            assessment.fleet.clusters.filter(({ writes }) => writes.kind === "allowed").map(({ name }) => name),
          );
          expect(plan.changes.filter(({ place }) => !allowed.has(place.name))).toEqual([]);
        }),
      ),
      runs,
    );
  });
});
