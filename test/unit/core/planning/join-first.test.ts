import { describe, expect, it } from "vitest";
import { joinFirst } from "../../../../shared/core/planning/join-first.ts";
import type { Change } from "../../../../shared/model/change.ts";
import { change, hostChange, published } from "../../../support/reports.ts";

const record = (name: string, target: string, zone = "weu") => published(name, `CNAME ${target} 300`, zone);
const deletion = (...names: readonly string[]): Change =>
  change({
    key: "shop/old",
    operation: "delete",
    phase: "withdraw",
    leaves: names.map((name) => record(name, "g1")),
    joins: [],
  });
const creation = (...joins: Change["joins"]): Change => change({ key: "shop/new", joins });

describe("joinFirst", () => {
  it("deletes an object after another one has taken its names over, and only then", () => {
    const [old, made] = [deletion("a", "b"), creation(record("a", "g1"), record("b", "g1"))];
    expect(joinFirst([old, made])).toEqual([{ ...old, phase: "close", dependsOn: [made.id] }, made]);
  });

  it.each<[string, Change]>([
    ["nobody takes them over", creation(record("c", "g1"))],
    ["one of them is not taken over", creation(record("a", "g1"))],
    ["one of them gets other content", creation(record("a", "g1"), record("b", "g2"))],
    ["they are taken over in another zone", creation(record("a", "g1", "neu"), record("b", "g1", "neu"))],
  ])("leaves a deletion where it is when %s", (_what, made) =>
    expect(joinFirst([deletion("a", "b"), made])[0]).toEqual(deletion("a", "b")),
  );

  it("does not look at hosts of Istio Gateways, which have their own order", () => {
    const host = published("a", "host", "istio/w1/ingress");
    const changes = [
      hostChange({ key: "i/one", operation: "delete", leaves: [host], joins: [] }),
      hostChange({ key: "i/two", leaves: [], joins: [host] }),
    ];
    expect(joinFirst(changes)).toEqual(changes);
  });
});
