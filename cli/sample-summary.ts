/** What `npm start` shows: one screen of the plan, the result, the fleet afterwards, and where to look next. */
import type { Change, Operation } from "../shared/model/change.ts";
import type { PassReport } from "../shared/model/report.ts";
import { changesByPlace, placeName } from "../shared/presentation/change-lists.ts";
import { firstTrouble, phaseSpan } from "../shared/presentation/condition-lines.ts";
import { firstOf, section, sectionUnlessEmpty, text } from "../shared/presentation/document.ts";
import type { Block, Document, Entry, Rich } from "../shared/presentation/document.ts";
import { pastedCommand } from "../shared/presentation/pasted-commands.ts";
import { planHeadline } from "../shared/presentation/plan-document.ts";
import { reportHeadline } from "../shared/presentation/report-document.ts";
import { frozenSections } from "../shared/presentation/report-sections.ts";
import { zonesSection } from "../shared/presentation/zone-sections.ts";
import { counted, dueTime } from "../shared/presentation/wording.ts";

export type SampleRun = {
  /** Preview before, report of the pass, preview after it. */
  readonly planned: PassReport;
  readonly applied: PassReport;
  readonly after: PassReport;
  readonly configurationPath: string;
  /** Directories into which generated objects and statuses were written. */
  readonly outputs: readonly string[];
};

export function sampleSummary(run: SampleRun): Document {
  const { planned, applied, after } = run;
  return {
    headline: [
      ["strong", "The sample fleet: "],
      "clusters read from manifests, results written beside them; no cloud needed.",
    ],
    blocks: [
      ...frozenSections(applied),
      section(planHeadline(planned), planTable(planned)),
      section(reportHeadline(applied), resultLines(applied)),
      ...zonesSection(after.zones),
      ...troubleSection(after),
      section([["strong", "Look around"]], [pointers(run)]),
    ],
  };
}

/** The sample has fewer; should that change, `status` shows all. */
const TROUBLE_SHOWN = 12;
const OPERATIONS: readonly Operation[] = ["create", "adopt", "update", "delete"];

/** One row per place: how many of which operation. */
function planTable(report: PassReport): readonly Block[] {
  const rows = changesByPlace(report.plan.changes).map(({ place, members }): readonly Rich[] => [
    placeName(place, report),
    ...OPERATIONS.map((operation) => operationCell(members, operation)),
  ]);
  const head = ["PLACE", ...OPERATIONS.map((operation) => operation.toUpperCase())];
  return rows.length === 0
    ? [text(nothingDue(report))]
    : [{ kind: "table", head, rows, numbers: [1, 2, 3, 4], more: 0 }];
}

/** Of a frozen cluster nobody can say that everything there is as it should be. */
function nothingDue({ clusters }: PassReport): string {
  return clusters.some(({ standing }) => standing.kind === "frozen")
    ? "Where the fleet can be judged, every object is as it should be: this run changes nothing."
    : "Every object is as it should be: this run changes nothing.";
}

function operationCell(changes: readonly Change[], operation: Operation): Rich {
  const count = changes.filter((change) => change.operation === operation).length;
  return [[count === 0 ? "dim" : operation, `${count}`]];
}

function resultLines({ plan, statuses, results, endedAtMs }: PassReport): readonly Block[] {
  const entries = plan.waiting.map(({ change, code, reason, dueAtMs }): Entry => {
    const due = dueAtMs === undefined ? "" : `, due ${dueTime(dueAtMs, endedAtMs)}`;
    return { head: [["attention", code], ` ${change.kind} `, ["name", change.key], `: ${reason}${due}`], details: [] };
  });
  const written = counted(statuses.length, "status", "statuses");
  const again = results.length + statuses.length === 0 ? "" : "; run npm start again: it finds nothing to do";
  return [
    text(["dim", `${written} written${again}`]),
    ...sectionUnlessEmpty(
      ["Waiting, for a later run"],
      entries.length === 0 ? [] : [{ kind: "entries", entries, more: 0 }],
    ),
  ];
}

/** What the sample has wrong on purpose: object and reason, in one line each. */
function troubleSection({ routes, gateways }: PassReport): readonly Block[] {
  const all = [
    ...gateways.map((each) => ({ ...each, kind: "Gateway" })),
    ...routes.map((each) => ({ ...each, kind: "ServiceRoute" })),
  ];
  const rows = all.flatMap(({ cluster, kind, key, phase, conditions }): readonly (readonly Rich[])[] => {
    const trouble = firstTrouble(conditions);
    return trouble === undefined
      ? []
      : [[[cluster], [`${kind} `, ["name", key]], [phaseSpan(phase)], [["attention", trouble.reason]]]];
  });
  const { shown, more } = firstOf(rows, TROUBLE_SHOWN);
  const table: Block = { kind: "table", head: ["CLUSTER", "OBJECT", "PHASE", "WHY"], rows: shown, more };
  return sectionUnlessEmpty(
    [["attention", "Wrong on purpose"], "; everything else goes on"],
    rows.length === 0 ? [] : [table],
  );
}

function pointers({ configurationPath, outputs, after }: SampleRun): Block {
  const command = (words: string) => `npx ${pastedCommand(`service-router ${words}`, configurationPath)}`;
  const route = widestRoute(after);
  const lines: readonly (readonly [string, string])[] = [
    ...outputs.slice(0, 1).map((directory) => [`${directory}/`, "written for one cluster"] as const),
    [command("status"), "the whole fleet"],
    ...(route === undefined ? [] : [[command(`status route ${route}`), "one route, and why"] as const]),
    [command("plan"), "what your edits change"],
    [command("doctor"), "what is unsafe, and who would take over what"],
  ];
  const rows = lines.map(([what, why]): readonly Rich[] => [[["name", what]], [["dim", why]]]);
  return { kind: "table", head: ["WHAT", "SHOWS"], rows, plain: true, more: 0 };
}

/** The route that most clusters have: there is the most to see of it. */
function widestRoute({ routes }: PassReport): string | undefined {
  const clusters = new Map<string, number>();
  for (const { key } of routes) clusters.set(key, (clusters.get(key) ?? 0) + 1);
  return [...clusters].sort(([, left], [, right]) => right - left)[0]?.[0];
}
