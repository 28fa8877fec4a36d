import { describe, expect, it } from "vitest";
import { emptyOrder, positions, storedOrder } from "../../../../shared/core/reading/stored-order.ts";
import { cluster, fleet } from "../../../support/builders/fleet.ts";

const configured = (names: readonly string[], regions: readonly string[]) =>
  fleet(
    names.map((name) => cluster(name)),
    { regions },
  ).configuration;

describe("storedOrder", () => {
  it("is the order of the configuration at first sight", () =>
    expect(storedOrder(emptyOrder, configured(["w2", "w1"], ["weu", "neu"]), [])).toEqual({
      regions: ["weu", "neu"],
      clusters: ["w2", "w1"],
      adopters: [],
    }));

  it("does not follow the configuration when somebody turns it round: no traffic moves", () => {
    const stored = { regions: ["weu", "neu"], clusters: ["w1", "w2"], adopters: [] };
    expect(storedOrder(stored, configured(["w2", "w1"], ["neu", "weu"]), [])).toEqual(stored);
  });

  it("puts newcomers last, those of the configuration before regions that only identities name", () => {
    const stored = { regions: ["weu"], clusters: ["w1"], adopters: [] };
    const order = storedOrder(stored, configured(["a0", "w1"], ["frc", "weu"]), ["neu", "weu"]);
    expect(order).toEqual({ regions: ["weu", "frc", "neu"], clusters: ["w1", "a0"], adopters: [] });
  });

  it("remembers what is not configured any more: it may come back", () =>
    expect(storedOrder({ ...emptyOrder, clusters: ["gone", "w1"] }, configured(["w1"], []), []).clusters).toEqual([
      "gone",
      "w1",
    ]));

  it("keeps the adopters for the placement to decide", () => {
    const adopters = [{ region: "frc", cluster: "n1" }];
    expect(storedOrder({ ...emptyOrder, adopters }, configured(["w1"], []), []).adopters).toEqual(adopters);
  });
});

describe("positions", () => {
  it("count from 0", () =>
    expect([...positions(["b", "a"])]).toEqual([
      ["b", 0],
      ["a", 1],
    ]));
});
