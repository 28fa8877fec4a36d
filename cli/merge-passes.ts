/** Several passes of one command as one report: what was done in all of them, what is open after the last. */
import type { PassReport } from "../shared/model/report.ts";

/**
 * What an earlier pass left undone is left out: the later one planned it again where it was still due, and did it or says
 * why not.
 */
export function mergePasses(earlier: PassReport, later: PassReport): PassReport {
  const writtenAgain = new Set(later.statuses.map(statusKey));
  return {
    ...later,
    startedAtMs: earlier.startedAtMs,
    results: [...earlier.results.filter(({ outcome }) => outcome.kind === "done"), ...later.results],
    statuses: [
      ...earlier.statuses.filter((status) => status.outcome === "written" && !writtenAgain.has(statusKey(status))),
      ...later.statuses,
    ],
    events: earlier.events + later.events,
  };
}

function statusKey({ place, kind, key }: PassReport["statuses"][number]): string {
  return `${place.kind}/${place.name}|${kind}|${key}`;
}
