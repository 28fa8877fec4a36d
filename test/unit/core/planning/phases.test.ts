import { describe, expect, it } from "vitest";
import {
  changeNames,
  compareChanges,
  comparePhases,
  holdFollowers,
  phases,
  wavesOf,
} from "../../../../shared/core/planning/phases.ts";
import type { Change, HeldChanges } from "../../../../shared/model/change.ts";
import { change, hostChange, published } from "../../../support/reports.ts";

const names = (...list: readonly string[]) => list.map((name) => published(name, "CNAME gw.example.com 300"));
const hosts = (...list: readonly string[]) => list.map((name) => published(name, "host", "istio/w1/ingress"));
const endpoint = (key: string, overrides: Partial<Change> = {}) => change({ key, joins: [], ...overrides });
const istio = (key: string, step: number, overrides: Partial<Change> = {}): Change => {
  const made = hostChange({ key, joins: [], leaves: [], ...overrides });
  return { ...made, id: step === 0 ? made.item : `${made.item}#${step}` };
};
const group = (...changes: readonly Change[]): HeldChanges => ({
  scope: "cluster/w1",
  code: "BudgetExceeded",
  reason: "too many",
  digest: "0a1b2c3d4e5f",
  changes,
});
const follow = (due: readonly Change[], held: readonly Change[]) => {
  const result = holdFollowers(due, [group(...held)]);
  return {
    due: result.due.map(({ id }) => id),
    followers: result.held.flatMap(({ changes }) => changes.slice(held.length)),
  };
};

describe("phases", () => {
  it("are five, in this order", () => {
    expect(phases).toEqual(["open", "withdraw", "publish", "close", "release"]);
    expect([...phases].toReversed().sort(comparePhases)).toEqual(phases);
  });
});

describe("compareChanges", () => {
  it("orders by phase, place, kind, key and step, so that a plan has one spelling", () => {
    const sorted = [
      istio("a/z", 0),
      istio("a/z", 1),
      endpoint("a/b", { phase: "withdraw", place: { kind: "cluster", name: "w2" } }),
      endpoint("a/a", { place: { kind: "cluster", name: "n1" } }),
      endpoint("a/a"),
      endpoint("a/b"),
      istio("a/a", 0, { phase: "close" }),
    ];
    expect([...sorted].toReversed().sort(compareChanges)).toEqual(sorted);
  });
});

describe("wavesOf", () => {
  const ids = (waves: readonly (readonly Change[])[]) => waves.map((wave) => wave.map(({ key }) => key));

  it("puts every change after all that it depends on, however long the chain", () => {
    const first = endpoint("shop/d");
    const second = endpoint("shop/c", { dependsOn: [first.id] });
    const third = endpoint("shop/b", { dependsOn: [second.id] });
    const free = endpoint("shop/a", { dependsOn: ["of another phase"] });
    expect(ids(wavesOf([free, third, second, first]))).toEqual([["shop/a", "shop/d"], ["shop/c"], ["shop/b"]]);
  });

  it("puts a later step after the first one of its object", () => {
    const steps = [istio("istio-system/i", 1), istio("istio-system/i", 0)];
    expect(wavesOf(steps)).toEqual([[steps[1]], [steps[0]]]);
  });

  it("loses nothing where changes wait for each other", () => {
    const one = endpoint("shop/one", { dependsOn: [endpoint("shop/two").id] });
    const two = endpoint("shop/two", { dependsOn: [one.id] });
    const free = endpoint("shop/free");
    expect(ids(wavesOf([one, two, free]))).toEqual([["shop/free"], ["shop/one", "shop/two"]]);
  });
});

describe("changeNames", () => {
  it("are by place and bare name: a host and its record are one", () =>
    expect(changeNames(change({ leaves: names("a"), joins: hosts("b") }))).toEqual(["cluster/w1/a", "cluster/w1/b"]));
});

describe("holdFollowers", () => {
  const withdrawn = endpoint("shop/a", { phase: "withdraw", operation: "delete", leaves: names("a") });

  it("takes later phases of the same name along, in the same place only", () => {
    const closing = istio("istio-system/i", 0, { phase: "close", operation: "delete", leaves: hosts("a") });
    const elsewhere = endpoint("shop/a", { place: { kind: "cluster", name: "w2" }, joins: names("a") });
    const other = endpoint("shop/b", { joins: names("b") });
    expect(follow([closing, elsewhere, other], [withdrawn])).toEqual({
      due: [elsewhere.id, other.id],
      followers: [closing],
    });
  });

  it("lets earlier phases of the name go", () => {
    const opening = istio("istio-system/i", 0, { joins: hosts("a") });
    expect(follow([opening], [withdrawn])).toEqual({ due: [opening.id], followers: [] });
  });

  it("closes the other hosts of one Istio Gateway, and leaves those that are held", () => {
    const closing = istio("istio-system/i", 0, {
      phase: "close",
      leaves: hosts("a", "b"),
      after: { spec: { servers: [{ hosts: ["c"] }] } },
    });
    const { due, held } = holdFollowers([closing], [group(withdrawn)]);
    expect(due).toMatchObject([{ leaves: hosts("b"), after: { spec: { servers: [{ hosts: ["a", "c"] }] } } }]);
    expect(held[0]?.changes).toEqual([withdrawn]);
  });

  it("lets earlier steps of an object go when a later one is held: new hosts do not wait for a person", () => {
    const opening = istio("istio-system/i", 0, { joins: hosts("new") });
    const closing = istio("istio-system/i", 1, { phase: "close", leaves: hosts("old") });
    expect(follow([opening], [closing])).toEqual({ due: [opening.id], followers: [] });
  });

  it("takes later steps of an object along when an earlier one is held: they build on it", () => {
    const leaving = istio("istio-system/i", 0, { leaves: hosts("a") });
    const joining = istio("istio-system/i", 1, { joins: hosts("b") });
    const closing = istio("istio-system/i", 2, { phase: "close", leaves: hosts("c") });
    expect(follow([joining, closing], [leaving])).toEqual({ due: [], followers: [joining, closing] });
  });

  it("takes along what depends on a held change, and what follows that", () => {
    const leaving = istio("istio-system/one", 0, { leaves: hosts("a") });
    const joining = istio("istio-system/two", 0, { joins: hosts("a"), dependsOn: [leaving.id] });
    const closing = istio("istio-system/two", 1, {
      phase: "close",
      leaves: hosts("b"),
      after: { spec: { servers: [{ hosts: ["a"] }] } },
    });
    const third = istio("istio-system/three", 0, { joins: hosts("b"), dependsOn: [joining.id] });
    expect(follow([closing, third, joining], [leaving])).toEqual({ due: [], followers: [joining, closing, third] });
  });

  it("does not wait for a change of which only a later step is held", () => {
    const closing = istio("istio-system/one", 1, { phase: "close", leaves: hosts("z") });
    const leaving = istio("istio-system/one", 0, { leaves: hosts("a") });
    const joining = istio("istio-system/two", 0, { joins: hosts("a"), dependsOn: [leaving.id] });
    expect(follow([leaving, joining], [closing]).due).toEqual([leaving.id, joining.id]);
  });

  it("keeps the digest of the group: the approval is for what was counted", () => {
    const closing = istio("istio-system/i", 0, { phase: "close", operation: "delete", leaves: hosts("a") });
    expect(holdFollowers([closing], [group(withdrawn)]).held[0]?.digest).toBe("0a1b2c3d4e5f");
  });

  it("changes nothing while nothing is held", () => {
    const due = [endpoint("shop/a")];
    expect(holdFollowers(due, []).due).toBe(due);
    expect(holdFollowers(due, [group()]).due).toBe(due);
  });
});
