/** What became of approved changes of zones, presented: what was not done first, each with the next step. */
import type { ZoneChangeResult, ZoneRun } from "../model/zone-change.ts";
import { firstOf, joined, section, text } from "./document.ts";
import type { Block, Document, Entry, Rich, Span } from "./document.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { nextStep } from "./next-steps.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { counted, duration, timestamp } from "./wording.ts";
import { zoneChangeHead, zoneTaskWords } from "./zone-lists.ts";
import { zoneChangeJson } from "./zone-plan.ts";

type Ran = Extract<ZoneRun, { readonly kind: "ran" }>;

export function presentZoneRun(run: Ran, as: Presentation): string {
  return present(
    (limit) => zoneRunDocument(run, limit),
    () => zoneRunJson(run),
    as,
  );
}

function zoneRunDocument(run: Ran, limit: number): Document {
  const done = run.results.filter(({ outcome }) => outcome.kind === "done");
  const undone = run.results.filter(({ outcome }) => outcome.kind !== "done");
  const notes = run.notes.map((note): Entry => ({ head: [note], details: [] }));
  return {
    headline: headline(run),
    blocks: [
      ...stopped(run),
      ...listSection([["bad", "Not done"], `  ${undone.length}`], undone.map(undoneEntry), limit),
      ...listSection([["good", "Done"], `  ${done.length}`], done.map(doneEntry), limit),
      ...listSection([["strong", "Notes"]], notes, notes.length),
    ],
  };
}

const words: Readonly<Record<ZoneChangeResult["outcome"]["kind"], readonly [Exclude<Span, string>[0], string]>> = {
  done: ["good", "done"],
  stale: ["attention", "changed meanwhile"],
  refused: ["bad", "refused"],
  throttled: ["attention", "throttled"],
  failed: ["bad", "failed"],
  "not-started": ["attention", "not started"],
};

/** `Garbage: 12 changes done, 1 refused, 2 not started in 4.2 s` */
function headline({ task, results, startedAtMs, endedAtMs }: Ran): Rich {
  const kinds = Object.entries(words).flatMap(([kind, [tone, word]]): readonly Span[] => {
    const count = results.filter(({ outcome }) => outcome.kind === kind).length;
    if (count === 0) return [];
    return [[tone, kind === "done" ? `${counted(count, "change")} done` : `${count} ${word}`]];
  });
  const said: Rich = kinds.length === 0 ? ["nothing was done"] : joined(kinds, ", ");
  return [["strong", `${zoneTaskWords[task].title}: `], ...said, ` in ${duration(endedAtMs - startedAtMs)}`];
}

function stopped({ ended }: Ran): readonly Block[] {
  if (ended.kind === "complete") return [];
  return [
    section([["bad", `STOPPED ${ended.code}`]], [text(ended.reason), text(["attention", "→ "], nextStep(ended.code))]),
  ];
}

function listSection(title: Rich, all: readonly Entry[], limit: number): readonly Block[] {
  const { shown, more } = firstOf(all, limit);
  return all.length === 0 ? [] : [section(title, [{ kind: "entries", entries: shown, more }])];
}

function doneEntry({ change }: ZoneChangeResult): Entry {
  return { head: [...zoneChangeHead(change), ` in zone ${change.region}`], details: [] };
}

function undoneEntry({ change, outcome }: ZoneChangeResult): Entry {
  const head: Rich = [...zoneChangeHead(change), ` in zone ${change.region}`];
  if (outcome.kind === "done") return { head, details: [] };
  const [tone] = words[outcome.kind];
  return {
    head,
    details: [
      [[tone, outcome.code], `: ${outcome.reason}`],
      ...(outcome.left === undefined ? [] : [[["attention", "left: "], outcome.left] as const]),
      [["attention", "→ "], nextStep(outcome.code)],
    ],
  };
}

function zoneRunJson({ task, digest, startedAtMs, endedAtMs, results, ended, notes }: Ran) {
  const count = (kind: string): number => results.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    apiVersion: JSON_API_VERSION,
    kind: "ZoneRun",
    at: timestamp(startedAtMs),
    durationMs: endedAtMs - startedAtMs,
    task,
    digest,
    summary: {
      done: count("done"),
      stale: count("stale"),
      refused: count("refused"),
      throttled: count("throttled"),
      failed: count("failed"),
      notStarted: count("not-started"),
    },
    ended,
    results: results.map(({ change, outcome }) => ({
      change: zoneChangeJson(change),
      outcome: outcome.kind === "done" ? outcome : { ...outcome, next: nextStep(outcome.code) },
    })),
    notes,
  };
}
