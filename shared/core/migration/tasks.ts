/** Parts of a step: how a task is put together, and how far a step is. */
import type {
  MigrationAction,
  MigrationGroup,
  MigrationState,
  MigrationStep,
  MigrationStepId,
  MigrationTask,
} from "../../model/migration.ts";

export type TaskAbout = Pick<MigrationTask, "cluster" | "region">;

type Particulars = Partial<Pick<MigrationTask, "details" | "groups" | "todo" | "waitsFor">>;

export function task(
  about: TaskAbout,
  state: MigrationTask["state"],
  what: string,
  particulars: Particulars = {},
): MigrationTask {
  return { ...about, state, what, details: [], groups: [], todo: [], ...particulars };
}

export function action(say: string, commands: readonly string[] = []): MigrationAction {
  return { say, commands };
}

/** None where there is nothing in it. */
export function group(what: string, names: readonly string[], isIntended?: boolean): readonly MigrationGroup[] {
  if (names.length === 0) return [];
  const sorted = [...new Set(names)].sort();
  return [{ what, ...(isIntended === undefined ? {} : { isIntended }), names: sorted }];
}

export function step(id: MigrationStepId, tasks: readonly MigrationTask[]): MigrationStep {
  return { id, state: stateOf(tasks), tasks };
}

/** What is only worth a look decides nothing. */
function stateOf(tasks: readonly MigrationTask[]): MigrationState {
  if (tasks.some(({ state }) => state === "next")) return "next";
  return tasks.some(({ state }) => state === "waits") ? "waits" : "done";
}

export function isOpen({ state }: Pick<MigrationTask, "state">): boolean {
  return state === "next" || state === "waits";
}

/** `1 record`, `2 records` */
export function counted(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
