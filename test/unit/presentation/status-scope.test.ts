import { describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import { namespacesInstead } from "../../../shared/presentation/status-scope.ts";
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
