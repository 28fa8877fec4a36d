import { describe, expect, it } from "vitest";
import { waitTogether, withoutDependants } from "../../../../shared/core/planning/dependants.ts";
import { leaveFirst } from "../../../../shared/core/planning/leave-first.ts";
import { holdFollowers, wavesOf } from "../../../../shared/core/planning/phases.ts";
import type { Change, HeldChanges, WaitingChange } from "../../../../shared/model/change.ts";
import { change, hostChange, published } from "../../../support/reports.ts";

const record = (name: string, target: string, zone = "weu") => published(name, `CNAME ${target} 300`, zone);
const endpoint = (key: string, overrides: Partial<Change> = {}) =>
  change({ key, operation: "update", joins: [], ...overrides });
const heldGroup = (...changes: readonly Change[]): HeldChanges => ({
  scope: "cluster/w1",
  code: "BudgetExceeded",
  reason: "too many",
  digest: "0a1b2c3d4e5f",
  changes,
});

describe("leaveFirst", () => {
  const leaving = endpoint("shop/old", { leaves: [record("a", "g1")], joins: [record("b", "g1")] });

  it("makes the join of a name depend on its leaving another object of the same place and phase", () => {
    const joining = endpoint("shop/new", { joins: [record("a", "g2")] });
    expect(leaveFirst([joining, leaving])).toEqual([{ ...joining, dependsOn: [leaving.id] }, leaving]);
  });

  it("says so across phases: what is held or out of scope takes the join along", () => {
    const deletion = { ...leaving, operation: "delete", phase: "withdraw", joins: [] } satisfies Change;
    const joining = endpoint("shop/new", { joins: [record("a", "g2")] });
    expect(leaveFirst([joining, deletion])).toEqual([{ ...joining, dependsOn: [deletion.id] }, deletion]);
  });

  it("deletes one of two objects that exchange their names, and makes it again last", () => {
    const [before, after] = [{ spec: {} }, { spec: { endpoints: [] } }];
    const precondition = { uid: "u", resourceVersion: "1" };
    const first = endpoint("shop/one", {
      before,
      after,
      precondition,
      leaves: [record("a", "g1")],
      joins: [record("b", "g1")],
    });
    const second = endpoint("shop/two", { leaves: [record("b", "g2")], joins: [record("a", "g2")] });
    const changes = leaveFirst([first, second]);
    expect(changes).toEqual([
      expect.objectContaining({ id: first.id, operation: "delete", phase: "withdraw", precondition, joins: [] }),
      expect.objectContaining({ id: `${first.id}#1`, operation: "create", leaves: [], dependsOn: [second.id] }),
      { ...second, dependsOn: [first.id] },
    ]);
    expect(changes[0]).not.toHaveProperty("after");
    expect(changes[1]).not.toHaveProperty("before");
    expect(changes[1]).not.toHaveProperty("precondition");
    const waves = wavesOf(changes.filter(({ phase }) => phase === "publish"));
    expect(waves.map((wave) => wave.map(({ id }) => id))).toEqual([[second.id], [`${first.id}#1`]]);
  });

  it.each<[string, Change]>([
    ["the content stays the same", endpoint("shop/new", { joins: [record("a", "g1")] })],
    ["the name is in another zone", endpoint("shop/new", { joins: [record("a", "g2", "neu")] })],
    ["it is the same object", endpoint("shop/old", { joins: [record("a", "g2")] })],
    ["the leaving comes in a later phase", endpoint("shop/new", { phase: "open", joins: [record("a", "g2")] })],
  ])("asks for no order where %s", (_what, joining) => expect(leaveFirst([leaving, joining])[1]).toBe(joining));

  it("does not look at hosts of Istio Gateways, which have their own order", () => {
    const host = published("a", "host", "istio/w1/ingress");
    const changes = [
      hostChange({ key: "i/one", leaves: [host], joins: [] }),
      hostChange({ key: "i/two", leaves: [], joins: [host] }),
    ];
    expect(leaveFirst(changes)).toBe(changes);
  });
});

describe("withoutDependants", () => {
  const leader = endpoint("shop/leader");
  const first = endpoint("shop/first", { dependsOn: [leader.id] });
  const second = endpoint("shop/second", { dependsOn: [first.id] });
  const free = endpoint("shop/free");

  it("finds what depends on a leader, directly or not, whatever the order", () => {
    const { stays, followers } = withoutDependants([second, free, first], [leader]);
    expect(stays).toEqual([free]);
    expect([...followers]).toEqual([
      [first, leader],
      [second, leader],
    ]);
  });

  it("takes leaders that are due themselves away as well", () =>
    expect(withoutDependants([leader, first, free], [leader]).stays).toEqual([free]));

  it("takes later steps of a leader's object along, not earlier ones", () => {
    const step = (number: number): Change => {
      const made = hostChange({ key: "i/one" });
      return { ...made, id: number === 0 ? made.item : `${made.item}#${number}` };
    };
    expect(withoutDependants([step(0), step(2)], [step(1)]).stays).toEqual([step(0)]);
  });

  it("is done at once without a leader", () => {
    const due = [first];
    expect(withoutDependants(due, []).stays).toBe(due);
  });
});

describe("the address of a gateway host to which a change that does not go leads", () => {
  const leader = endpoint("shop/leader", { leaves: [record("a", "g1")], joins: [record("a", "g2")] });
  const address = (ip: string) => published("g1", `A ${ip} 30`);
  const removal = endpoint("istio-system/old", {
    operation: "delete",
    phase: "withdraw",
    leaves: [address("10.0.0.1")],
  });

  it("does not go either", () => {
    expect([...withoutDependants([removal], [leader]).followers.keys()]).toEqual([removal]);
    expect(holdFollowers([removal], [heldGroup(leader)]).due).toEqual([]);
  });

  it.each<[string, readonly Change[]]>([
    ["by another object", [removal, endpoint("istio-system/new", { joins: [address("10.0.0.2")] })]],
    ["in place", [{ ...removal, operation: "update", phase: "publish", joins: [address("10.0.0.2")] }]],
  ])("changes all the same, %s: the host goes on resolving", (_how, changes) => {
    expect(withoutDependants(changes, [leader]).stays).toEqual(changes);
    expect(holdFollowers(changes, [heldGroup(leader)]).due).toEqual(changes);
  });

  it("stays as long as the object that would take the host over does not go", () => {
    const successor = endpoint("istio-system/new", { joins: [address("10.0.0.2")] });
    expect(withoutDependants([removal], [leader, successor]).stays).toEqual([]);
  });
});

describe("waitTogether", () => {
  it("lets a follower wait for the same reason and as long", () => {
    const leader = endpoint("shop/leader");
    const follower = endpoint("shop/follower", { dependsOn: [leader.id] });
    const waiting: WaitingChange = { change: leader, code: "Handover", reason: "w2 goes first", dueAtMs: 7 };
    const { due, waiting: together } = waitTogether([follower, endpoint("shop/free")], [waiting]);
    expect(due.map(({ key }) => key)).toEqual(["shop/free"]);
    expect(together).toEqual([waiting, { ...waiting, change: follower }]);
  });
});
