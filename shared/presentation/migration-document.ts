/**
 * A migration as a document: all steps in their order, each task with a mark (done, next, waits, worth a look), and below what
 * is next the commands for it. What is done stays short: the command is run again after every step.
 */
import type {
  Migration,
  MigrationAction,
  MigrationGroup,
  MigrationStep,
  MigrationStepId,
  MigrationTask,
} from "../model/migration.ts";
import { firstOf, section, text } from "./document.ts";
import type { Block, Document, Rich, Span, Tone } from "./document.ts";
import { counted, duration, timestamp } from "./wording.ts";

export const migrationTitles: Readonly<Record<MigrationStepId, string>> = {
  "external-dns": "Every ExternalDNS only adds and changes",
  observe: "Service Router observes beside the operator",
  ownership: "One owner id and one TXT prefix per region",
  differences: "Only intended differences are left",
  "take-over": "Cluster by cluster: the operator stops, Service Router writes",
  finish: "Everything verified, and the rest of the operator gone",
};

const marks: Readonly<Record<MigrationTask["state"], readonly [Tone, string]>> = {
  done: ["good", "✓"],
  next: ["attention", "→"],
  waits: ["dim", "…"],
  look: ["name", "·"],
};

/** @param limit names per group, and tasks per step that are done. */
export function migrationDocument(migration: Migration, limit: number): Document {
  const { steps, notes } = migration;
  return {
    headline: headline(steps),
    blocks: [
      text(["dim", subline(migration)]),
      ...steps.map((step, index) => stepSection(step, index + 1, limit)),
      ...(notes.length === 0
        ? []
        : [
            section(
              [["strong", "Notes"]],
              notes.map((note) => text(note)),
            ),
          ]),
      ...legend(steps),
    ],
  };
}

function headline(steps: readonly MigrationStep[]): Rich {
  const done = steps.filter(({ state }) => state === "done").length;
  const start: Span = ["strong", "Migration: "];
  if (done === steps.length) return [start, ["good", "all steps are done"]];
  const at = steps.findIndex(({ state }) => state === "next");
  const step = steps[at];
  const next = step === undefined ? "" : `; next: step ${at + 1}, ${migrationTitles[step.id]}`;
  return [start, ["attention", `${done} of ${counted(steps.length, "step")} done`], next];
}

function subline({ clusters, startedAtMs, endedAtMs }: Migration): string {
  const taken = clusters.filter(({ takenOver }) => takenOver).length;
  const seen = (["running", "stopped", "unknown"] as const).flatMap((state) => {
    const count = clusters.filter(({ operator }) => operator === state).length;
    return count === 0 ? [] : [`${state} in ${count}`];
  });
  const operator = seen.length === 0 ? "no operator seen" : `operator ${seen.join(", ")}`;
  return `${taken} of ${counted(clusters.length, "cluster")} written to by service-router, ${operator}; read at ${timestamp(startedAtMs)} in ${duration(endedAtMs - startedAtMs)}; nothing was written`;
}

function stepSection({ id, state, tasks }: MigrationStep, number: number, limit: number): Block {
  const title: Rich = [marks[state], " ", ["strong", `${number} ${migrationTitles[id]}`]];
  const { shown, more } = firstOf(together(tasks.filter((task) => task.state !== "next")), limit);
  const open = together(tasks.filter((task) => task.state === "next"));
  return section(title, [
    ...shown.map((like) => taskBlock(like, limit)),
    ...(more === 0 ? [] : [{ kind: "entries", entries: [], more } as const]),
    // What can be done now is never cut.
    ...open.map((like) => taskBlock(like, limit)),
  ]);
}

/** Tasks that say the same stand together: a fleet has many clusters. At least one in each list. */
function together(tasks: readonly MigrationTask[]): readonly (readonly MigrationTask[])[] {
  return [
    ...Map.groupBy(tasks, ({ cluster: _cluster, region, ...rest }) => JSON.stringify([region ?? "", rest])).values(),
  ];
}

function taskBlock(like: readonly MigrationTask[], limit: number): Block {
  const [task] = like;
  if (task === undefined) return { kind: "entries", entries: [], more: 0 };
  const where = task.cluster === undefined ? task.region : like.map(({ cluster }) => cluster).join(", ");
  const title: Rich = [
    marks[task.state],
    " ",
    ...(where === undefined ? [] : [["strong", where] as const, task.cluster === undefined ? " (region)  " : "  "]),
    task.what,
  ];
  const waits: readonly Block[] =
    task.waitsFor === undefined || task.waitsFor === "" ? [] : [text(["dim", "waits for "], task.waitsFor)];
  const blocks = [
    ...waits,
    ...task.details.map((detail) => text(detail)),
    ...task.groups.flatMap((group) => groupBlocks(group, limit)),
    ...task.todo.flatMap(actionBlocks),
  ];
  return blocks.length === 0
    ? { kind: "entries", entries: [{ head: title, details: [] }], more: 0 }
    : section(title, blocks);
}

/** Intended differences are counted with their first names; those to be judged stand out. */
function groupBlocks({ what, names, isIntended }: MigrationGroup, limit: number): readonly Block[] {
  const mark: readonly Span[] =
    isIntended === undefined ? [] : isIntended ? [["good", "intended: "]] : [["attention", "to be judged: "]];
  const { shown, more } = firstOf(names, isIntended === true ? Math.min(limit, intendedShown) : limit);
  return [
    {
      kind: "entries",
      entries: [
        {
          head: [...mark, `${what} (${names.length})`],
          details: [
            ...shown.map((name): Rich => ["- ", ["name", name]]),
            ...(more === 0 ? [] : [[["dim", `and ${more} more (--output json shows all)`] as const]]),
          ],
        },
      ],
      more: 0,
    },
  ];
}

const intendedShown = 2;

function actionBlocks({ say, commands }: MigrationAction): readonly Block[] {
  return [text(["attention", "→ "], say), ...commands.map((command): Block => ({ kind: "command", text: command }))];
}

function legend(steps: readonly MigrationStep[]): readonly Block[] {
  if (steps.every(({ state }) => state === "done")) return [];
  return [
    section(
      [["strong", "Next"]],
      [
        text("✓ done  → can be done now  … waits  · worth a look; why in this order: docs/migration.md"),
        text(["attention", "→ "], "after each step, to see that it is done and what is next:"),
        { kind: "command", text: "service-router migrate" },
      ],
    ),
  ];
}
