import { describe, expect, it } from "vitest";
import { holdFollowers, keepInScope, waitTogether } from "../../../../shared/core/planning/followers.ts";
import type { Change, HeldChanges, WaitingChange } from "../../../../shared/model/change.ts";
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

describe("the address of a gateway host to which a held change leads", () => {
  const record = (target: string) => published("a", `CNAME ${target} 300`);
  const held = endpoint("shop/held", { operation: "update", leaves: [record("g1")], joins: [record("g2")] });
  const address = (ip: string) => published("g1", `A ${ip} 30`);
  const removal = endpoint("istio-system/old", {
    operation: "delete",
    phase: "withdraw",
    leaves: [address("10.0.0.1")],
  });

  it("stays as well", () => expect(follow([removal], [held])).toEqual({ due: [], followers: [removal] }));

  it.each<[string, readonly Change[]]>([
    ["by another object", [removal, endpoint("istio-system/new", { joins: [address("10.0.0.2")] })]],
    ["in place", [{ ...removal, operation: "update", phase: "publish", joins: [address("10.0.0.2")] }]],
  ])("changes all the same, %s: the host goes on resolving", (_how, changes) =>
    expect(holdFollowers(changes, [group(held)]).due).toEqual(changes),
  );

  it("stays as long as the object that would take the host over does not go", () => {
    const successor = endpoint("istio-system/new", { joins: [address("10.0.0.2")] });
    expect(follow([removal], [successor])).toEqual({ due: [], followers: [removal] });
  });
});

describe("waitTogether", () => {
  const leader = endpoint("shop/leader", { joins: names("new"), leaves: names("old") });
  const waiting: WaitingChange = { change: leader, code: "Handover", reason: "w2 goes first", dueAtMs: 7 };

  it("lets followers, and what follows them, wait for the same reason and as long, whatever the order", () => {
    const first = endpoint("shop/first", { dependsOn: [leader.id] });
    const second = endpoint("shop/second", { dependsOn: [first.id] });
    const { due, waiting: together } = waitTogether([second, first, endpoint("shop/free")], [waiting]);
    expect(due.map(({ key }) => key)).toEqual(["shop/free"]);
    expect(together).toEqual([waiting, { ...waiting, change: first }, { ...waiting, change: second }]);
  });

  it("leaves the host of a record that stays meanwhile where it is, and closes the others", () => {
    const closing = istio("istio-system/i", 0, {
      phase: "close",
      leaves: hosts("old", "other"),
      after: { spec: { servers: [{ hosts: ["new"] }] } },
    });
    const { due, waiting: together } = waitTogether([closing], [waiting]);
    expect(due).toMatchObject([{ leaves: hosts("other"), after: { spec: { servers: [{ hosts: ["new", "old"] }] } } }]);
    expect(together).toEqual([waiting]);
  });

  it("changes nothing while nothing waits", () => {
    const due = [leader];
    expect(waitTogether(due, []).due).toBe(due);
  });
});

describe("keepInScope", () => {
  it("does not let a record of the scope wait for its host", () => {
    const opening = istio("istio-system/i", 0, { joins: hosts("a") });
    const record = endpoint("shop/a", { joins: names("a") });
    expect(keepInScope([opening, record], ({ key }) => key.startsWith("shop/")).due).toEqual([record]);
  });

  const leader = endpoint("shop/leader", { phase: "withdraw", leaves: names("a") });
  const follower = endpoint("pay/follower", { joins: names("a"), dependsOn: [leader.id] });
  const closing = istio("pay/i", 0, { phase: "close", operation: "delete", leaves: hosts("a") });
  const free = endpoint("pay/free");

  it("leaves out what is outside, and what cannot go without that", () =>
    expect(keepInScope([follower, leader, closing, free], ({ key }) => key.startsWith("pay/"))).toEqual({
      due: [free],
      outside: [leader, follower, closing],
    }));
});
