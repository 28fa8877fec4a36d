/**
 * The rules of a pass that hold for every fleet, played on random ones with a past. A failing run prints its seed and the
 * fleet in words; put both into a test of their own before mending anything.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../../shared/core/naming/digest.ts";
import type { FleetSnapshot } from "../../../../shared/model/snapshot.ts";
import { anyLivedFleet, calm, runs } from "../../../support/builders/arbitraries.ts";
import { approve, later, snapshotOf, type World } from "../../../support/builders/fleet.ts";
import {
  applyToWorld,
  collectGarbage,
  dueStatuses,
  isQuiet,
  planLines,
  play,
  runPass,
  settle,
  WAIT_MS,
  type Pass,
} from "../../../support/builders/pass.ts";
import { generated, publications } from "../../../support/builders/published.ts";

describe("the same input", () => {
  it("gives the same plan, byte for byte, and the same statuses, whatever the order of lists", () => {
    fc.assert(
      fc.property(anyLivedFleet(), fc.nat({ max: 5 }), ({ world }, turn) => {
        const first = runPass(world);
        const second = runPass(world, { snapshot: turned(snapshotOf(world), turn) });
        expect(canonicalJson(second.plan)).toBe(canonicalJson(first.plan));
        expect(statusesOf(second)).toBe(statusesOf(first));
        // As they are written to the store.
        expect(JSON.stringify([second.planned.handovers, second.order])).toBe(
          JSON.stringify([first.planned.handovers, first.order]),
        );
      }),
      runs,
    );
  });
});

describe("passes", () => {
  it("come to rest within five, with waits elapsed and held changes approved, and stay there", () => {
    fc.assert(
      fc.property(anyLivedFleet(), ({ world }) => {
        const { passes, world: rested } = settle(calm(world), 8);
        expect(passes.slice(5).map((pass) => planLines(pass.plan))).toEqual(passes.slice(5).map(() => []));
        expect(passes.slice(5).every((pass) => isQuiet(pass) && dueStatuses(pass).length === 0)).toBe(true);
        const again = runPass(later(rested, 24 * 60 * 60_000));
        expect(planLines(again.plan)).toEqual([]);
        expect(dueStatuses(again)).toEqual([]);
      }),
      runs,
    );
  });

  it("never bring an object back to what an earlier pass had changed", () => {
    fc.assert(
      fc.property(anyLivedFleet(), ({ world }) => {
        let current = calm(world);
        const seen = new Map<string, string[]>();
        for (let pass = 0; pass < 6; pass += 1) {
          note(seen, current);
          current = approve(current, ...runPass(current).plan.held.map(({ digest }) => digest));
          current = later(collectGarbage(play(current).after), WAIT_MS);
        }
        const undone = [...seen].filter(([, states]) => new Set(states).size < states.length);
        expect(undone.map(([id]) => id)).toEqual([]);
      }),
      runs,
    );
  });

  it("end in the same state when one of them is killed after any change", () => {
    fc.assert(
      fc.property(anyLivedFleet(), fc.nat({ max: 12 }), ({ world }, killedAfter) => {
        const start = calm(world);
        const killed = applyToWorld(start, runPass(start), { killedAfter });
        expect(generated(settle(later(killed, 1_000), 12).world)).toEqual(generated(settle(start, 12).world));
      }),
      runs,
    );
  });

  it("leave every name published by whom the zones say, as they say", () => {
    fc.assert(
      fc.property(anyLivedFleet(), ({ world }) => {
        const { world: rested } = settle(calm(world), 8);
        const { desired, assessment, plan } = runPass(rested);
        const contended = new Set(
          plan.waiting.flatMap(({ change }) => change.joins.map(({ zone, name }) => `${zone} ${name}`)),
        );
        const refused = new Set(
          plan.refusals.filter(({ code }) => code === "ForeignObject").map(({ place }) => place.name),
        );
        const there = new Set(
          publications(rested).map((one) => `${one.cluster} ${one.zone} ${one.name} ${one.content}`),
        );
        const writable = new Set(
          assessment.fleet.clusters.filter(({ writes }) => writes.kind === "allowed").map(({ name }) => name),
        );
        const missing = [...desired.zones].flatMap(([zone, names]) =>
          [...names].flatMap(([name, { winner }]) => {
            const excused =
              !writable.has(winner.cluster) || contended.has(`${zone} ${name}`) || refused.has(winner.cluster);
            return excused || there.has(`${winner.cluster} ${zone} ${name} ${winner.content}`)
              ? []
              : [`${zone} ${name}`];
          }),
        );
        expect(missing).toEqual([]);
      }),
      runs,
    );
  });
});

/** Every list of a snapshot in another order. */
function turned(snapshot: FleetSnapshot, turn: number): FleetSnapshot {
  const turnList = <T>(list: readonly T[]): readonly T[] => {
    if (turn === 0) return list.toReversed();
    const at = turn % Math.max(1, list.length);
    return [...list.slice(at), ...list.slice(0, at)];
  };
  return {
    ...snapshot,
    clusters: turnList(snapshot.clusters).map((one) => ({
      ...one,
      listings: Object.fromEntries(
        turnList(Object.entries(one.listings)).map(([kind, listing]) => [
          kind,
          listing.read === "complete"
            ? { ...listing, objects: turnList<unknown>(listing.objects), rejected: turnList(listing.rejected) }
            : listing,
        ]),
      ),
    })),
  };
}

function statusesOf(pass: Pass): string {
  return canonicalJson(
    dueStatuses(pass).map(({ status, fields, conditions }) => [
      status.place.name,
      status.kind,
      status.key,
      fields,
      conditions,
    ]),
  );
}

function note(seen: Map<string, string[]>, world: World): void {
  for (const [id, object] of Object.entries(generated(world))) {
    const states = seen.get(id) ?? [];
    const state = canonicalJson(object);
    if (states.at(-1) !== state) states.push(state);
    seen.set(id, states);
  }
}
