/**
 * Exit codes, so that pipelines can decide: 0 as wanted, 2 not yet (changes due, or held), 1 an error.
 * A frozen cluster is an error of `plan` and `apply`: nobody can say that nothing is due there.
 */
import type { Diagnosis } from "../shared/model/diagnosis.ts";
import type { PassReport } from "../shared/model/report.ts";
import type { ZonePlan, ZoneRun } from "../shared/model/zone-change.ts";

export const EXIT = { ok: 0, error: 1, attention: 2 } as const;

export type ExitCode = number;

/** 0 nothing due · 2 changes due or held · 1 a cluster could not be judged, or the preview ended early. */
export function planExitCode(report: PassReport): ExitCode {
  if (report.ended.kind === "stopped" || hasBlindSpot(report)) return EXIT.error;
  return report.plan.changes.length > 0 || isHeld(report) ? EXIT.attention : EXIT.ok;
}

/** 0 everything due was applied (refused resources included) · 2 something is held · 1 something failed or was not reached. */
export function applyExitCode(report: PassReport): ExitCode {
  const undone = report.results.some(({ outcome }) => outcome.kind !== "done");
  const unwritten = report.statuses.some(({ outcome }) => outcome !== "written");
  if (report.ended.kind === "stopped" || hasBlindSpot(report) || undone || unwritten) return EXIT.error;
  return isHeld(report) ? EXIT.attention : EXIT.ok;
}

/** 0 nothing to approve · 2 something is · 1 a zone or cluster could not be judged. What is only observed does not count. */
export function zonePlanExitCode({ notJudged, changes, held }: ZonePlan): ExitCode {
  if (notJudged.length > 0) return EXIT.error;
  return changes.length + held.length > 0 ? EXIT.attention : EXIT.ok;
}

/** 0 everything that was approved is done · 1 something is not. */
export function zoneRunExitCode({ results, ended }: Extract<ZoneRun, { readonly kind: "ran" }>): ExitCode {
  const isDone = ended.kind === "complete" && results.every(({ outcome }) => outcome.kind === "done");
  return isDone ? EXIT.ok : EXIT.error;
}

/** By the worst finding: 0 nothing, or only worth knowing · 2 warnings · 1 something critical, a cluster not read included. */
export function doctorExitCode({ findings }: Diagnosis): ExitCode {
  if (findings.some(({ severity }) => severity === "critical")) return EXIT.error;
  return findings.some(({ severity }) => severity === "warning") ? EXIT.attention : EXIT.ok;
}

/** Also what was approved and only waits for time: its cluster is frozen, so "as wanted" would be wrong. */
function isHeld(report: PassReport): boolean {
  return report.heldForPerson > 0 || report.plan.held.some(({ approved }) => approved === true);
}

/** A shrunk read is held, not an error: a person decides about it. */
function hasBlindSpot(report: PassReport): boolean {
  return report.clusters.some(({ standing }) => standing.kind === "frozen" && standing.code !== "ShrunkRead");
}
