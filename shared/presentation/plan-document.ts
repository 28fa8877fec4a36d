/**
 * A plan as a document: the counts first, then what stands out (frozen clusters), then every change by place and phase,
 * and what is held, waits or is refused, each with the next step.
 */
import type { PassReport } from "../model/report.ts";
import { changesByPlace, placeSections } from "./change-lists.ts";
import { text } from "./document.ts";
import type { Block, Document, Rich, Span } from "./document.ts";
import {
  frozenSections,
  heldSections,
  leavingSection,
  notesSection,
  observedSections,
  refusedSection,
  rejectedSection,
  stoppedSection,
  stoppedWritesSections,
  unrefusedRejected,
  waitingSection,
} from "./report-sections.ts";
import { counted, listed } from "./wording.ts";

/** @param limit changes shown per place and phase; more are counted. @param heldLimit the same per held group. */
export function planDocument(report: PassReport, limit: number, heldLimit: number): Document {
  return {
    headline: planHeadline(report),
    blocks: [
      ...statusesLine(report),
      ...stoppedSection(report),
      ...frozenSections(report),
      ...stoppedWritesSections(report),
      ...placeSections(report.plan.changes, report, limit),
      ...heldSections(report, heldLimit),
      ...waitingSection(report, limit),
      ...leavingSection(report, limit),
      ...observedSections(report, limit),
      ...refusedSection(report, limit),
      ...rejectedSection(unrefusedRejected(report), limit),
      ...notesSection(report),
    ],
  };
}

/** `Plan: 12 changes in 3 clusters, 2 held, 1 waiting, 4 refused` */
export function planHeadline(report: PassReport): Rich {
  const { changes } = report.plan;
  const done: Span =
    changes.length === 0
      ? ["good", "nothing to change"]
      : ["strong", `${counted(changes.length, "change")} in ${placeCounts(report)}`];
  const rest = openCounts(report);
  return [["strong", "Plan: "], done, rest === "" ? "" : `, ${rest}`];
}

/** `2 held, 1 waiting, 4 refused`; what is zero is not said. */
export function openCounts(report: PassReport): string {
  const { waiting, refusals, observed } = report.plan;
  const frozen = report.clusters.filter(({ standing }) => standing.kind === "frozen").length;
  return listed(
    [
      part(report.heldForPerson, "held"),
      part(waiting.length, "waiting"),
      leavesLater(report) ? "1 more pass" : "",
      part(observed.length, "only observed"),
      part(refusals.length, "refused"),
      report.ended.kind === "stopped" ? `stopped (${report.ended.code})` : "",
      frozen === 0 ? "" : `${counted(frozen, "cluster")} frozen`,
    ],
    "",
  );
}

/** Something is left for the next pass that is no change of this one. */
export function leavesLater({ leaving = [] }: PassReport): boolean {
  return leaving.length > 0;
}

function part(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}`;
}

function placeCounts(report: PassReport): string {
  const places = changesByPlace(report.plan.changes).map(({ place }) => place.kind);
  const clusters = places.filter((kind) => kind === "cluster").length;
  const zones = places.length - clusters;
  return listed(
    [clusters === 0 ? "" : counted(clusters, "cluster"), zones === 0 ? "" : counted(zones, "zone")],
    "no place",
  );
}

function statusesLine(report: PassReport): readonly Block[] {
  const { statusesDue, clusters, plan } = report;
  const read = clusters.filter(({ standing }) => standing.kind === "complete").length;
  const parts = [
    `${read} of ${counted(clusters.length, "cluster")} read completely`,
    statusesDue === 0 ? "" : `${counted(statusesDue, "status", "statuses")} to write`,
    plan.changes.length === 0 ? "" : `digest ${plan.digest}`,
  ];
  return [text(["dim", listed(parts, "")])];
}
