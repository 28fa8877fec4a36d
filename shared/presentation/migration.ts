/** A migration as a person, a ticket or a script wants it. */
import type { Migration, MigrationGroup } from "../model/migration.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { migrationDocument, migrationTitles } from "./migration-document.ts";
import { present, type Presentation } from "./presentation-format.ts";
import { timestamp } from "./wording.ts";

/** JSON: every step and task with all names, and the commands of what is next. */
export function presentMigration(migration: Migration, as: Presentation): string {
  return present(
    (limit) => migrationDocument(migration, limit),
    () => migrationJson(migration),
    as,
  );
}

function migrationJson({ startedAtMs, endedAtMs, steps, clusters, notes }: Migration) {
  const done = steps.filter(({ state }) => state === "done").length;
  return {
    apiVersion: JSON_API_VERSION,
    kind: "Migration",
    at: timestamp(startedAtMs),
    durationMs: endedAtMs - startedAtMs,
    summary: { steps: steps.length, done, next: steps.find(({ state }) => state === "next")?.id ?? null },
    steps: steps.map((step, index) => ({
      number: index + 1,
      id: step.id,
      title: migrationTitles[step.id],
      state: step.state,
      tasks: step.tasks.map((task) => ({ ...task, groups: task.groups.map(countedGroup) })),
    })),
    clusters,
    notes,
  };
}

function countedGroup(group: MigrationGroup) {
  return { ...group, count: group.names.length };
}
