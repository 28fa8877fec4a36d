import { describe, expect, it } from "vitest";
import { leaveFirst } from "../../../../shared/core/planning/leave-first.ts";
import { wavesOf } from "../../../../shared/core/planning/phases.ts";
import type { Change } from "../../../../shared/model/change.ts";
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
