/** The report of a pass of a world on pure data: one pass up to the first write, and its detailed report. */
import { reportPass, type ReportInput } from "../../../shared/app/report-pass.ts";
import type { Scope } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { World } from "./fleet.ts";
import { runPass } from "./pass.ts";

/** As a person gets a preview. */
export function previewOf(world: World, scope?: Scope): PassReport {
  return reportOf(world, { endedAtMs: world.nowMs, ...(scope === undefined ? {} : { scope }) });
}

/** A preview that took 1.5 s, unless overridden. */
export function reportOf(world: World, overrides: Partial<ReportInput> = {}): PassReport {
  const { snapshot, assessment, placement, desired, verified, garbage, planned } = runPass(
    world,
    overrides.scope === undefined ? {} : { scope: overrides.scope },
  );
  return reportPass({
    mode: "preview",
    startedAtMs: world.nowMs,
    endedAtMs: world.nowMs + 1_500,
    fleet: assessment.fleet,
    placement,
    desired,
    zones: snapshot.zones,
    verified,
    garbage,
    planned,
    results: [],
    statuses: [],
    statusesDue: [],
    events: 0,
    notes: [],
    ended: { kind: "complete" },
    detailed: true,
    ...overrides,
  });
}
