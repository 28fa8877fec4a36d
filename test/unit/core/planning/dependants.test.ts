import { describe, expect, it } from "vitest";
import { waitTogether, withoutDependants } from "../../../../shared/core/planning/dependants.ts";
import { leaveFirst } from "../../../../shared/core/planning/leave-first.ts";
import type { Change, WaitingChange } from "../../../../shared/model/change.ts";
import { change, hostChange, published } from "../../../support/reports.ts";

const record = (name: string, target: string, zone = "weu") => published(name, `CNAME ${target} 300`, zone);
const endpoint = (key: string, overrides: Partial<Change> = {}) =>
  change({ key, operation: "update", joins: [], ...overrides });

describe("leaveFirst", () => {
  const leaving = endpoint("shop/old", { leaves: [record("a", "g1")], joins: [record("b", "g1")] });

  it("makes the join of a name depend on its leaving another object of the same place and phase", () => {
    const joining = endpoint("shop/new", { joins: [record("a", "g2")] });
    expect(leaveFirst([joining, leaving])).toEqual([{ ...joining, dependsOn: [leaving.id] }, leaving]);
  });

  it.each<[string, Change]>([
    ["the content stays the same", endpoint("shop/new", { joins: [record("a", "g1")] })],
    ["the name is in another zone", endpoint("shop/new", { joins: [record("a", "g2", "neu")] })],
    ["it is the same object", endpoint("shop/old", { joins: [record("a", "g2")] })],
    ["phases order the two already", endpoint("shop/new", { phase: "close", joins: [record("a", "g2")] })],
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
