import { describe, expect, it } from "vitest";
import type { PassReport } from "../../../shared/model/report.ts";
import {
  change,
  clusterReport,
  emptyPlan,
  fleetConfiguration,
  gatewayReport,
  passReport,
  troubledPlan,
} from "../../support/reports.ts";
import { run } from "./fake-host.ts";

const frozen = (code: "NotRead" | "ShrunkRead") =>
  clusterReport({ cluster: "n1", standing: { kind: "frozen", code, reason: "the reason" } });
const { held } = troubledPlan().plan;

describe("plan", () => {
  it.each<readonly [string, Partial<PassReport>, number]>([
    ["nothing is due", {}, 0],
    ["something is due", { plan: emptyPlan({ changes: [change()] }) }, 2],
    ["something is held", { plan: emptyPlan({ held }) }, 2],
    ["something only waits", { plan: emptyPlan({ waiting: troubledPlan().plan.waiting }) }, 0],
    ["changes are only observed", { plan: emptyPlan({ observed: [change()] }) }, 0],
    ["resources are refused", { plan: emptyPlan({ refusals: troubledPlan().plan.refusals }) }, 0],
    ["only statuses differ", { statusesDue: 3 }, 0],
    ["a cluster was not read", { clusters: [clusterReport(), frozen("NotRead")] }, 1],
    ["a read that lost too much is held", { clusters: [frozen("ShrunkRead")], plan: emptyPlan({ held }) }, 2],
    [
      "a read is approved and only waits for time",
      { clusters: [frozen("ShrunkRead")], plan: emptyPlan({ held: held.map((one) => ({ ...one, approved: true })) }) },
      2,
    ],
    ["the preview ended early", { ended: { kind: "stopped", code: "STORE_UNAVAILABLE", reason: "x" } }, 1],
  ])("when %s: exit code", async (_when, report, exitCode) => {
    const result = await run(["plan"], { preview: () => passReport(report) });
    expect(result).toMatchObject({ exitCode, closed: 1, stderr: "" });
    expect(result.stdout).toMatch(/^Plan: /);
  });

  it("passes configuration and scope on", async () => {
    const seen: unknown[] = [];
    const report = passReport({ gateways: [gatewayReport({ key: "shop/public" })] });
    const result = await run(["plan", "--config", "f.yaml", "--cluster", "w1", "--namespace", "shop"], {
      preview: (options) => {
        seen.push(options?.scope);
        return report;
      },
    });
    expect(result.exitCode).toBe(0);
    expect(result.opened).toMatchObject([{ configurationPath: "f.yaml", holder: "cli" }]);
    expect(seen).toEqual([{ cluster: "w1", namespace: "shop" }]);
  });

  it("leaves the configuration to be found when none is named", async () => {
    const result = await run(["plan"]);
    expect(result.opened.map((options) => Object.hasOwn(options, "configurationPath"))).toEqual([false]);
  });

  it("takes options that all commands share before the command too", async () => {
    expect((await run(["--config", "f.yaml", "plan"])).opened).toMatchObject([{ configurationPath: "f.yaml" }]);
  });

  it.each([
    ["--cluster", "w9", "use one of w1"],
    ["--namespace", "nowhere", "use one of shop"],
  ])("refuses a %s that does not exist and lists those that do", async (flag, name, next) => {
    const result = await run(["plan", flag, name], {
      preview: (options) =>
        passReport(options?.scope === undefined ? { gateways: [gatewayReport({ key: "shop/public" })] } : {}),
    });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain(`${flag} ${name}`);
    expect(result.stderr).toContain(`→ ${next}`);
  });

  it("takes a namespace that exists though nothing is due in it", async () => {
    const result = await run(["plan", "--namespace", "shop"], {
      preview: (options) =>
        passReport(options?.scope === undefined ? { gateways: [gatewayReport({ key: "shop/public" })] } : {}),
    });
    expect(result.exitCode).toBe(0);
  });

  it("writes one JSON document and nothing else to stdout", async () => {
    const result = await run(["plan", "--output", "json"], { preview: () => troubledPlan() });
    expect(JSON.parse(result.stdout)).toHaveProperty("kind", "Plan");
  });

  it("writes the headline only with --quiet", async () => {
    const result = await run(["plan", "--quiet"], { preview: () => troubledPlan() });
    expect(result.stdout.split("\n")).toHaveLength(2);
  });
});

describe("config check", () => {
  it("shows a valid configuration and exits 0", async () => {
    const result = await run(["config", "check"], { configuration: fleetConfiguration() });
    expect(result.stdout).toContain("The fleet configuration is valid: 1 cluster, 1 region");
    expect([result.exitCode, result.closed]).toEqual([0, 1]);
  });

  it("writes it as JSON", async () => {
    const result = await run(["config", "check", "-o", "json"]);
    expect(JSON.parse(result.stdout)).toMatchObject({ kind: "Configuration", configuration: { vantage: "laptop" } });
  });
});
