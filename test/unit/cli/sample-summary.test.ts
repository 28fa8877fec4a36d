import { describe, expect, it } from "vitest";
import { sampleSummary } from "../../../cli/sample-summary.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import { renderText } from "../../../shared/presentation/render-text.ts";
import {
  change,
  clusterReport,
  condition,
  emptyPlan,
  gatewayReport,
  outcome,
  passReport,
  routeReport,
  troubledPlan,
} from "../../support/reports.ts";

const place = { kind: "cluster", name: "w1" } as const;
const after = passReport({
  zones: [
    {
      zone: "weu",
      publishers: [{ cluster: "w1", names: 1 }],
      standby: 0,
      conflicts: 0,
      reading: { read: "not-configured" },
    },
  ],
  gateways: [gatewayReport()],
  routes: [
    routeReport({
      key: "shop/bad",
      phase: "Failed",
      conditions: [condition("Ready", "False", "ValidationFailed", "x")],
    }),
    routeReport(),
    routeReport({ cluster: "w2" }),
  ],
});

function summary(planned: PassReport, applied: PassReport): string {
  const paths = { configurationPath: "samples/fleet/fleet.yaml", outputs: ["samples/fleet/clusters/w1.out"] };
  return renderText(sampleSummary({ planned, applied, after, ...paths }));
}

describe("sampleSummary", () => {
  it("shows plan, result, zones, what is wrong on purpose, and where to look next", () => {
    const planned = passReport({ plan: emptyPlan({ changes: [change()], waiting: troubledPlan().plan.waiting }) });
    const applied = {
      ...planned,
      results: [outcome(change())],
      statuses: [{ place, kind: "Gateway", key: "a/b", outcome: "written" } as const],
    };
    expect(summary(planned, applied)).toMatchInlineSnapshot(`
      "The sample fleet: clusters read from manifests, results written beside them; no cloud needed.

      Plan: 1 change in 1 cluster, 1 waiting
        PLACE     CREATE  ADOPT  UPDATE  DELETE
        w1 (weu)       1      0       0       0

      Applied: 1 change done in 1.2 s; 1 waiting
        1 status written; run npm start again: it finds nothing to do
        Waiting, for a later run
          Handover DNSEndpoint shop/moving-external-dns-weu: w2 published the name until now, due in 3 min 10 s (2026-11-21T14:03:11Z)

      Zones
        ZONE  ADOPTED BY  NAMES  STANDBY  CONFLICTS  PUBLISHED BY
        weu   -               1        0          0  w1 1

      Wrong on purpose; everything else goes on
        CLUSTER  OBJECT                 PHASE   WHY
        w1       ServiceRoute shop/bad  Failed  ValidationFailed

      Look around
        samples/fleet/clusters/w1.out/                                               written for one cluster
        npx service-router status --config samples/fleet/fleet.yaml                  the whole fleet
        npx service-router status route shop/cart --config samples/fleet/fleet.yaml  one route, and why
        npx service-router plan --config samples/fleet/fleet.yaml                    what your edits change
        npx service-router doctor --config samples/fleet/fleet.yaml                  what is unsafe, and who would take over what
      "
    `);
  });

  it("names a frozen cluster and why, and does not call a fleet fine of which a part could not be judged", () => {
    const reason = "cluster n1: the list of Gateway was not read to its end: n1/bad.yaml:2 Flow sequence";
    const standing = { kind: "frozen", code: "NotRead", reason } as const;
    const frozen = passReport({ clusters: [clusterReport({ cluster: "n1", standing })] });
    const text = summary(frozen, frozen);
    expect(text).toContain("FROZEN n1");
    expect(text).toContain("n1/bad.yaml:2");
    expect(text).toContain("Where the fleet can be judged, every object is as it should be");
  });

  it("says of the second run that it changes nothing", () => {
    expect(summary(passReport(), passReport())).toContain("this run changes nothing");
    expect(summary(passReport(), passReport())).toContain("0 statuses written\n");
  });
});
