/** What telemetry gets of a pass: numbers, a sentence for each frozen cluster and failed change, one line of counts. */
import type { PassReport } from "../model/report.ts";
import type { Telemetry } from "../ports.ts";

/** Low in cardinality: by cluster and code at most. */
export function publishNumbers(report: PassReport, telemetry: Telemetry): void {
  const frozen = report.clusters.filter(({ standing }) => standing.kind === "frozen");
  telemetry.metric("service_router.pass.duration_ms", report.endedAtMs - report.startedAtMs, { mode: report.mode });
  telemetry.metric("service_router.clusters.complete", report.clusters.length - frozen.length);
  telemetry.metric("service_router.clusters.frozen", frozen.length);
  telemetry.metric("service_router.changes.due", report.plan.changes.length);
  telemetry.metric("service_router.changes.held", report.heldForPerson);
  telemetry.metric("service_router.changes.waiting", report.plan.waiting.length);
  telemetry.metric("service_router.refusals", report.plan.refusals.length);
  publishZones(report, telemetry);
  for (const { cluster, standing } of frozen) {
    if (standing.kind === "frozen")
      telemetry.warn("cluster is frozen", { cluster, code: standing.code, reason: standing.reason });
  }
  for (const { change, outcome } of report.results) {
    if (outcome.kind !== "failed") continue;
    const { place, kind, key, operation } = change;
    telemetry.error("change failed", {
      place: place.name,
      kind,
      key,
      operation,
      code: outcome.code,
      reason: outcome.reason,
    });
  }
  const done = report.results.filter(({ outcome }) => outcome.kind === "done").length;
  telemetry.info("pass ended", {
    mode: report.mode,
    ended: report.ended.kind,
    changes: report.plan.changes.length,
    done,
    statuses: report.statuses.filter(({ outcome }) => outcome === "written").length,
    events: report.events,
    frozen: frozen.length,
  });
}

/** A zone that was not read has no numbers: a gap in the chart, not a zero. */
function publishZones({ zones }: PassReport, telemetry: Telemetry): void {
  for (const { zone, reading } of zones) {
    if (reading.read === "not-read") {
      const { code, reason } = reading;
      telemetry.warn("zone is not read", { zone, code, reason });
    }
    if (reading.read !== "complete") continue;
    for (const [result, count] of Object.entries(reading.names)) {
      telemetry.metric("service_router.records", count, { zone, result });
    }
    telemetry.metric("service_router.records.garbage", reading.garbage.found, { zone });
  }
}
