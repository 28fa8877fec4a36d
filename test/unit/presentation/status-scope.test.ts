import { describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { namespacesInstead, regionInstead } from "../../../shared/presentation/status-scope.ts";
import { clusterReport, passReport, routeReport } from "../../support/reports.ts";

const frozen = clusterReport({ cluster: "n1", standing: { kind: "frozen", code: "NotRead", reason: "timeout" } });
const billing = routeReport({ key: "billing/pay" });

describe("namespacesInstead", () => {
  it.each<[string, PassReport, readonly string[] | undefined]>([
    ["a report that knows it", passReport({ routes: [routeReport({ key: "shop/cart" }), billing] }), undefined],
    ["a report that does not know it", passReport({ routes: [billing] }), ["billing"]],
    ["a report without any namespace", passReport(), []],
    ["a report with a cluster that cannot be judged", passReport({ clusters: [frozen], routes: [billing] }), undefined],
  ])("given %s", (_what, report, expected) => expect(namespacesInstead(report, "shop")).toEqual(expected));
});

describe("regionInstead", () => {
  const { region: _region, ...nowhere } = clusterReport({ cluster: "x1" });
  const clusters = [clusterReport(), clusterReport({ cluster: "n1", region: "neu" }), nowhere];
  const adoption = { cluster: "n1", region: "weu", outcome: { kind: "standing" } } as const;
  it.each<[string, string, Partial<PassReport>, string | undefined]>([
    ["a cluster of the region", "w1", {}, undefined],
    ["a cluster of another one", "n1", {}, "neu"],
    ["a cluster of another one that publishes there", "n1", { routes: [routeReport({ cluster: "n1" })] }, undefined],
    ["a cluster of another one where others publish", "n1", { routes: [routeReport()] }, "neu"],
    ["a cluster that adopts it", "n1", { adoptions: [adoption] }, undefined],
    ["a cluster of which nobody knows the region", "x1", {}, undefined],
  ])("for %s", (_what, cluster, overrides, expected) =>
    expect(regionInstead(passReport({ clusters, ...overrides }), "weu", cluster)).toBe(expected),
  );
});
