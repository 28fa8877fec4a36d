import { describe, expect, it } from "vitest";
import type { Plan } from "../../../shared/model/change.ts";
import type { PassOutcome } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import { SETTLE_LIMIT_MS } from "../../../cli/run-passes.ts";
import {
  change,
  clusterReport,
  emptyPlan,
  hostChange,
  outcome,
  PASS_AT_MS,
  passReport,
  troubledPlan,
} from "../../support/reports.ts";
import { run } from "./fake-host.ts";

const ran = (report: Partial<PassReport>): PassOutcome => ({
  kind: "ran",
  report: passReport({ mode: "apply", ...report }),
});
const failed = outcome(change(), { kind: "failed", code: "FORBIDDEN", reason: "x", retryable: false });
const { held } = troubledPlan().plan;
const place = { kind: "cluster", name: "w1" } as const;

function waitingPlan(dueAtMs?: number): Plan {
  const due = dueAtMs === undefined ? {} : { dueAtMs };
  return emptyPlan({ waiting: [{ change: change({ key: "shop/x" }), code: "Handover", reason: "r", ...due }] });
}

describe("apply", () => {
  it("says what is left for the next pass and exits 0; with --wait it makes that pass", async () => {
    const leaving = [{ cluster: "w1", hosts: ["old.example.com"] }];
    const once = await run(["apply"], { reconcile: () => ran({ leaving }) });
    expect(once.stdout).toContain("; 1 more pass");
    expect(once.stdout).toContain("w1  1 host of routes that are gone");
    expect(once.stdout).toContain("→ run service-router apply again, or apply --wait");
    expect(once.exitCode).toBe(0);
    const reports = [ran({ leaving }), ran({ results: [outcome(hostChange())] })];
    const settled = await run(["apply", "--wait"], { reconcile: () => reports.shift() ?? ran({}) });
    expect([settled.exitCode, settled.stdout.includes("more pass"), reports.length]).toEqual([0, false, 0]);
  });

  it.each<readonly [string, Partial<PassReport>, number]>([
    ["nothing was due", {}, 0],
    ["everything was done", { results: [outcome(change())] }, 0],
    ["resources are refused", { plan: emptyPlan({ refusals: troubledPlan().plan.refusals }) }, 0],
    ["something waits", { plan: emptyPlan({ waiting: troubledPlan().plan.waiting }) }, 0],
    ["changes are only observed", { plan: emptyPlan({ observed: [change()] }) }, 0],
    ["something is held", { plan: emptyPlan({ held }) }, 2],
    ["a change failed", { results: [failed], plan: emptyPlan({ held }) }, 1],
    ["a change was blocked", { results: [outcome(change(), { kind: "blocked", by: "x" })] }, 1],
    ["a change was not started", { results: [outcome(change(), { kind: "not-started", reason: "x" })] }, 1],
    ["a status was not written", { statuses: [{ place, kind: "Gateway", key: "a/b", outcome: "failed" }] }, 1],
    ["the pass was stopped", { ended: { kind: "stopped", code: "LEASE_LOST", reason: "x" } }, 1],
    [
      "a cluster was not read",
      { clusters: [clusterReport({ standing: { kind: "frozen", code: "NotRead", reason: "x" } })] },
      1,
    ],
  ])("when %s: exit code", async (_when, report, exitCode) => {
    const result = await run(["apply"], { reconcile: () => ran(report) });
    expect(result).toMatchObject({ exitCode, closed: 1 });
    expect(result.stdout).toMatch(/^Applied: /);
  });

  it.each([
    [["apply"], 70_000],
    [["apply", "--wait"], 70_000],
    [["apply", "--no-wait"], 0],
  ])("%j waits for another pass up to %d ms and writes all statuses", async (argv, waitForLeaseMs) => {
    const seen: unknown[] = [];
    await run([...argv, "--cluster", "w1"], {
      reconcile: (_pass, options) => {
        const { signal, ...rest } = options;
        seen.push({ ...rest, stoppable: signal !== undefined });
        return ran({});
      },
    });
    expect(seen).toEqual([{ by: "cli", scope: { cluster: "w1" }, waitForLeaseMs, allStatuses: true, stoppable: true }]);
  });

  it("names the holder when another pass runs all the time", async () => {
    const result = await run(["apply", "--no-wait"], {
      reconcile: () => ({ kind: "busy", holder: "functions@weu", mark: "m1" }),
    });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toContain("held by functions@weu");
    expect(result.stderr).toContain("→ run again");
  });

  it("refuses a cluster that is not configured before anything is written", async () => {
    let passes = 0;
    const result = await run(["apply", "--cluster", "w9"], { reconcile: () => ran({ notes: [`${(passes += 1)}`] }) });
    expect([result.exitCode, passes]).toEqual([1, 0]);
    expect(result.stderr).toContain("use one of w1");
  });

  it("refuses a namespace that does not exist", async () => {
    const result = await run(["apply", "--namespace", "nowhere"]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("--namespace nowhere");
  });
});

describe("apply --wait", () => {
  it("runs passes until nothing waits, soon after one that did something, else when the next change is due", async () => {
    const passes = [
      ran({ results: [outcome(hostChange()), failed], events: 2, plan: waitingPlan(PASS_AT_MS + 41_000) }),
      ran({ plan: waitingPlan(PASS_AT_MS + 41_000) }),
      ran({ results: [outcome(change())], events: 1 }),
    ];
    const result = await run(["apply", "--wait", "-o", "json"], { reconcile: (pass) => passes[pass] ?? ran({}) });
    expect([result.exitCode, result.sleptMs]).toEqual([0, 1_000 + 40_000]);
    expect(JSON.parse(result.stdout)).toMatchObject({
      summary: { done: 2, failed: 0, waiting: 0, events: 3 },
      results: [{ change: { kind: "IstioGateway" } }, { change: { kind: "DNSEndpoint" } }],
    });
  });

  it.each([
    ["after 120 passes where nobody can say when", undefined, "120 passes"],
    ["after 30 min where it is due much later", PASS_AT_MS + 24 * 60 * 60_000, "30 min"],
  ])("gives up %s, says so, and exits 1", async (_when, dueAtMs, bound) => {
    const result = await run(["apply", "--wait"], { reconcile: () => ran({ plan: waitingPlan(dueAtMs) }) });
    expect(result.exitCode).toBe(1);
    expect(result.sleptMs).toBeLessThanOrEqual(SETTLE_LIMIT_MS);
    expect(result.sleptMs).toBeGreaterThan(SETTLE_LIMIT_MS / 2);
    expect(result.stderr).toContain(`1 change still waiting after ${bound};`);
  });

  it("does not go on after a pass that was stopped", async () => {
    const ended = { kind: "stopped", code: "LEASE_LOST", reason: "x" } as const;
    const result = await run(["apply", "--wait"], { reconcile: () => ran({ plan: waitingPlan(), ended }) });
    expect([result.exitCode, result.sleptMs]).toEqual([1, 0]);
  });

  it("runs one pass only without --wait", async () => {
    expect((await run(["apply"], { reconcile: () => ran({ plan: waitingPlan() }) })).sleptMs).toBe(0);
  });
});

describe("Ctrl-C", () => {
  it("stops the pass where nothing is half done, shows the report, and exits 130", async () => {
    let press = notListening;
    const result = await run(
      ["apply", "--wait"],
      {
        reconcile: (_pass, { signal }) => {
          press();
          return ran({ ended: { kind: "stopped", code: "ABORTED", reason: String(signal?.aborted) } });
        },
      },
      { onListening: (way) => (press = way) },
    );
    expect([result.exitCode, result.exits, result.closed]).toEqual([130, [], 1]);
    expect(result.stdout).toContain("STOPPED ABORTED\n  true");
    expect(result.stderr).toContain("press Ctrl-C again");
  });

  it("shows what was done when it comes between two passes", async () => {
    let press = notListening;
    const result = await run(
      ["apply", "--wait"],
      { reconcile: () => ran({ results: [outcome(change())], plan: waitingPlan() }) },
      { onListening: (way) => (press = way), onSleep: () => press() },
    );
    expect(result.exitCode).toBe(130);
    expect(result.stdout).toContain("Applied: 1 change done");
  });

  it("exits 130 without an error when the work ends by the signal", async () => {
    let press = notListening;
    const result = await run(
      ["plan"],
      {
        preview: (options) => {
          press();
          options?.signal?.throwIfAborted();
          return passReport();
        },
      },
      { onListening: (way) => (press = way) },
    );
    expect([result.exitCode, result.stdout]).toEqual([130, ""]);
    expect(result.stderr).not.toContain("error:");
  });

  it("ends the process at once the second time", async () => {
    let press = notListening;
    const result = await run(
      ["plan"],
      {
        preview: () => {
          press();
          press();
          return passReport();
        },
      },
      { onListening: (way) => (press = way) },
    );
    expect(result.exits).toEqual([130]);
  });
});

/** Until a command listens for Ctrl-C. */
function notListening(): void {
  throw new Error("no command listens for Ctrl-C yet");
}
