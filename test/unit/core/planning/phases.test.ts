import { describe, expect, it } from "vitest";
import {
  compareChanges,
  comparePhases,
  namesHeldUp,
  namesNeeded,
  phases,
  wavesOf,
} from "../../../../shared/core/planning/phases.ts";
import type { Change } from "../../../../shared/model/change.ts";
import { change, hostChange, published } from "../../../support/reports.ts";

const endpoint = (key: string, overrides: Partial<Change> = {}) => change({ key, joins: [], ...overrides });
const istio = (key: string, step: number, overrides: Partial<Change> = {}): Change => {
  const made = hostChange({ key, joins: [], leaves: [], ...overrides });
  return { ...made, id: step === 0 ? made.item : `${made.item}#${step}` };
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

describe("a name that is held up", () => {
  const holdsUp = (held: Change, change: Change): boolean =>
    namesNeeded(change).some((name) => namesHeldUp(held).includes(name));
  const record = (name: string, zone = "weu") =>
    endpoint("shop/a", { joins: [published(name, "CNAME gw.example.com 300", zone)] });
  const host = (name: string) => istio("istio-system/i", 0, { leaves: [published(name, "host", "istio/w1/ingress")] });

  it.each<[string, Change, Change, boolean]>([
    ["a record its own zone", record("a"), record("a"), true],
    ["a record no other zone", record("a"), record("a", "neu"), false],
    ["a record the host", record("a"), host("a"), true],
    ["a host every record", host("a"), record("a", "neu"), true],
    ["a host itself", host("a"), host("a"), true],
    ["nothing another name", record("a"), host("b"), false],
    ["nothing in another place", { ...record("a"), place: { kind: "cluster", name: "w2" } }, host("a"), false],
  ])("holds up: %s", (_what, held, change, expected) => expect(holdsUp(held, change)).toBe(expected));
});
