/** The fleet that the planning benchmark measures is what its title says, or its figures would mean something else. */
import { describe, expect, it } from "vitest";
import { coldCluster, convergedCluster, decide, snapshotOf } from "../../bench/planning-fleet.ts";

const REGIONS = 5;
const ROUTES = 40;

const cold = Array.from({ length: REGIONS + 1 }, (_, number) => coldCluster(number, ROUTES));

describe("coldCluster", () => {
  it("needs one DNSEndpoint per route, one per region for its gateway host, and one Istio Gateway", () => {
    const { planned } = decide(snapshotOf(cold));
    const kinds = planned.plan.changes.map(({ operation, kind }) => `${operation} ${kind}`);
    expect(kinds.filter((one) => one === "create DNSEndpoint")).toHaveLength(cold.length * (ROUTES + REGIONS));
    expect(kinds.filter((one) => one === "create IstioGateway")).toHaveLength(cold.length);
    expect(planned.plan.refusals).toEqual([]);
  });

  it("is the same every time", () => {
    expect(coldCluster(3, ROUTES)).toEqual(cold[3]);
  });
});

describe("convergedCluster", () => {
  it("leaves nothing to do, alone or among others", () => {
    const { planned, due } = decide(snapshotOf(cold.map(convergedCluster)));
    expect(planned.plan.changes).toEqual([]);
    expect(planned.plan.waiting).toEqual([]);
    expect(due).toEqual([]);
  });

  it("is plain data: the same after a way through JSON", () => {
    const [first = coldCluster(0, ROUTES)] = cold;
    const converged = convergedCluster(first);
    expect(JSON.parse(JSON.stringify(converged))).toEqual(converged);
  });
});
