/**
 * Passes for `apply`: one, or as many as it takes until nothing waits. Bounded in number and time; between two passes it
 * sleeps until the next change is due, and looks again after a while where it is not a matter of time.
 */
import { InvariantError, LeaseHeldError } from "../shared/errors.ts";
import type { Scope } from "../shared/model/pass.ts";
import type { PassReport } from "../shared/model/report.ts";
import { leavesLater } from "../shared/presentation/plan-document.ts";
import { counted, duration } from "../shared/presentation/wording.ts";
import type { OpenFleet } from "./command-context.ts";
import type { CliHost } from "./host.ts";
import { mergePasses } from "./merge-passes.ts";

/** A running pass holds its lease for at most 60 s longer than it lives. */
export const LEASE_WAIT_MS = 70_000;
/** A handover takes one ExternalDNS interval per step, by default 60 s; a name makes at most a few. */
export const SETTLE_LIMIT_MS = 30 * 60_000;
export const SETTLE_PASSES = 120;
/** Between passes: not sooner (a handover is counted in seconds), not later (somebody may approve meanwhile). */
const PAUSE_MS = { least: 1_000, most: 60_000, withoutDueTime: 15_000 } as const;

export type PassesOptions = {
  readonly scope: Scope;
  /** 0: fail at once when another pass runs. */
  readonly waitForLeaseMs: number;
  readonly untilSettled: boolean;
};

export type Passes = {
  readonly report: PassReport;
  /** Changes that were tried, in all passes. */
  readonly results: number;
  /** Set when something was still waiting at the bound. */
  readonly gaveUp?: string;
};

/** @throws LeaseHeldError when another pass ran all the time. */
export async function runPasses(host: CliHost, fleet: OpenFleet, options: PassesOptions): Promise<Passes> {
  const startedAtMs = host.monotonicMs();
  let last = await onePass(fleet, options);
  let merged = last;
  let passes = 1;
  for (; passes < SETTLE_PASSES && mustGoOn(merged, fleet, options); passes += 1) {
    const pauseMs = pauseAfter(last, host.nowMs());
    if (host.monotonicMs() - startedAtMs + pauseMs > SETTLE_LIMIT_MS) break;
    fleet.progress.stage(`${openText(merged)}, next pass in ${duration(pauseMs)}`);
    if (await wasStoppedDuring(pauseMs, host, fleet.signal)) break;
    last = await onePass(fleet, options);
    merged = mergePasses(merged, last);
  }
  const base = { report: merged, results: merged.results.length };
  if (!mustGoOn(merged, fleet, options)) return base;
  const bound = passes < SETTLE_PASSES ? duration(SETTLE_LIMIT_MS) : `${SETTLE_PASSES} passes`;
  return { ...base, gaveUp: `${openText(merged, "still ")} after ${bound}; run the command again later` };
}

function mustGoOn(report: PassReport, { signal }: OpenFleet, { untilSettled }: PassesOptions): boolean {
  return (
    untilSettled &&
    !signal.aborted &&
    report.ended.kind === "complete" &&
    (report.plan.waiting.length > 0 || leavesLater(report))
  );
}

/** `2 changes waiting`; where nothing waits, some hosts are left for the next pass. */
function openText({ plan, leaving = [] }: PassReport, still = ""): string {
  const hosts = leaving.reduce((sum, each) => sum + each.hosts.length, 0);
  return plan.waiting.length > 0
    ? `${counted(plan.waiting.length, "change")} ${still}waiting`
    : `${counted(hosts, "host")} ${still}to leave`;
}

async function onePass({ app, signal }: OpenFleet, options: PassesOptions): Promise<PassReport> {
  const { scope, waitForLeaseMs } = options;
  const outcome = await app.reconcile({ by: "cli", scope, waitForLeaseMs, allStatuses: true, signal });
  switch (outcome.kind) {
    case "ran":
      return outcome.report;
    case "busy":
      throw new LeaseHeldError("reconcile", outcome.holder);
    case "not-due":
      throw new InvariantError("a pass that was asked for was answered as not due; only the timer's may be");
  }
}

/** Sleeps. When the user stops that, what the passes before did is still to be shown. */
async function wasStoppedDuring(pauseMs: number, host: CliHost, signal: AbortSignal): Promise<boolean> {
  try {
    await host.sleep(pauseMs, signal);
    return false;
  } catch (caught) {
    if (!signal.aborted) throw caught;
    return true;
  }
}

/** Soon after a pass that did something: what waited for that may go on. Else when the first change is due. */
function pauseAfter(last: PassReport, nowMs: number): number {
  const { least, most, withoutDueTime } = PAUSE_MS;
  const did = last.results.some(({ outcome }) => outcome.kind === "done");
  if (did || leavesLater(last) || last.plan.waiting.some(({ code }) => code === "SecondRead")) return least;
  const due = last.plan.waiting.flatMap(({ dueAtMs }) => dueAtMs ?? []);
  const next = due.length === 0 ? withoutDueTime : Math.min(...due) - nowMs;
  return Math.min(most, Math.max(least, next));
}
