/** A preview of a world on pure data, as a person gets it: one pass up to the first write, and its detailed report. */
import { reportPass } from "../../../shared/app/publish-report.ts";
import type { Scope } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { World } from "./fleet.ts";
import { runPass } from "./pass.ts";

export function previewOf(world: World, scope?: Scope): PassReport {
  const given = scope === undefined ? {} : { scope };
  const { snapshot, assessment, placement, desired, verified, garbage, planned } = runPass(world, given);
  return reportPass({
    mode: "preview",
    startedAtMs: world.nowMs,
    endedAtMs: world.nowMs,
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
    ...given,
  });
}
