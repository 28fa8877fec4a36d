/** What a pass did, as a document: counts, what failed with its next step, then what was done, and what is still open. */
import type { ChangeResult } from "../model/change.ts";
import type { PassReport } from "../model/report.ts";
import { byPlace, changeHead, operationCounts, placeName } from "./change-lists.ts";
import { firstOf, joined, section, text } from "./document.ts";
import type { Block, Document, Entry, Rich, Span } from "./document.ts";
import { nextStep } from "./next-steps.ts";
import { openCounts } from "./plan-document.ts";
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
import { counted, duration, listed } from "./wording.ts";

/** @param limit changes shown per place and outcome; more are counted. @param heldLimit the same per held group. */
export function reportDocument(report: PassReport, limit: number, heldLimit: number): Document {
  return {
    headline: reportHeadline(report),
    blocks: [
      text(["dim", statusCounts(report)]),
      ...stoppedSection(report),
      ...frozenSections(report),
      ...stoppedWritesSections(report),
      ...resultSections(report, limit),
      ...failedStatuses(report, limit),
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

/** `Applied: 12 done, 1 failed, 2 blocked, 3 not started in 4.2 s; 2 held, 1 waiting` */
export function reportHeadline(report: PassReport): Rich {
  const count = (kind: ChangeResult["outcome"]["kind"]) =>
    report.results.filter(({ outcome }) => outcome.kind === kind).length;
  const parts: readonly (readonly [number, Span])[] = [
    [count("done"), ["good", `${counted(count("done"), "change")} done`]],
    [count("failed"), ["bad", `${count("failed")} failed`]],
    [count("blocked"), ["bad", `${count("blocked")} blocked`]],
    [count("not-started"), ["attention", `${count("not-started")} not started`]],
  ];
  const said = parts.filter(([number]) => number > 0).map(([, span]) => span);
  const results: Rich = said.length === 0 ? [["good", "nothing to change"]] : joined(said, ", ");
  const open = openCounts(report);
  const took = ` in ${duration(report.endedAtMs - report.startedAtMs)}`;
  return [["strong", "Applied: "], ...results, took, open === "" ? "" : `; ${open}`];
}

function statusCounts(report: PassReport): string {
  const count = (outcome: string) => report.statuses.filter((status) => status.outcome === outcome).length;
  const [written, failed, deferred] = [count("written"), count("failed"), count("deferred")];
  return listed(
    [
      `${counted(written, "status", "statuses")} written`,
      failed === 0 ? "" : `${failed} failed`,
      deferred === 0 ? "" : `${deferred} left for the next pass`,
    ],
    "",
  );
}

function resultSections(report: PassReport, limit: number): readonly Block[] {
  return byPlace(report.results, ({ change }) => change.place).map(({ place, members }) => {
    const changes = members.map(({ change }) => change);
    const done = members.filter(({ outcome }) => outcome.kind === "done");
    return section(
      [...placeName(place, report), "  ", ...operationCounts(changes)],
      [
        ...undone(members, limit),
        ...entriesUnlessEmpty(
          done.map(({ change }) => ({ head: changeHead(change), details: [] })),
          limit,
        ),
      ],
      true,
    );
  });
}

/** Failed first, then what was blocked by it, then what was never begun. */
function undone(results: readonly ChangeResult[], limit: number): readonly Block[] {
  const rank = { failed: 0, blocked: 1, "not-started": 2, done: 3 };
  const entries = results
    .filter(({ outcome }) => outcome.kind !== "done")
    .sort((left, right) => rank[left.outcome.kind] - rank[right.outcome.kind])
    .map(undoneEntry);
  return entriesUnlessEmpty(entries, limit);
}

function undoneEntry({ change, outcome }: ChangeResult): Entry {
  const head = changeHead(change);
  switch (outcome.kind) {
    case "failed":
      return {
        head: [["bad", "failed "], ...head],
        details: [
          [["bad", outcome.code], `: ${outcome.reason}`],
          [["attention", "→ "], nextStep(outcome.code)],
        ],
      };
    case "blocked":
      return {
        head: [["bad", "blocked "], ...head],
        details: [["by ", ["name", outcome.by.replaceAll("|", " ")], ", which did not succeed"]],
      };
    case "not-started":
      return { head: [["attention", "not started "], ...head], details: [[outcome.reason]] };
    case "done":
      return { head, details: [] };
  }
}

function entriesUnlessEmpty(entries: readonly Entry[], limit: number): readonly Block[] {
  const { shown, more } = firstOf(entries, limit);
  return entries.length === 0 ? [] : [{ kind: "entries", entries: shown, more }];
}

function failedStatuses(report: PassReport, limit: number): readonly Block[] {
  const failed = report.statuses.filter(({ outcome }) => outcome === "failed");
  const { shown, more } = firstOf(failed, limit);
  const rows = shown.map(({ place, kind, key, reason }): readonly Rich[] => [
    [place.name],
    [`${kind} `, ["name", key]],
    [reason ?? ""],
  ]);
  if (failed.length === 0) return [];
  return [
    section(
      [["bad", "Statuses that could not be written"]],
      [
        text(["attention", "→ "], "run again; the resources themselves are as reported above"),
        { kind: "table", head: ["CLUSTER", "OBJECT", "REASON"], rows, more },
      ],
    ),
  ];
}
