/** Builders of migrations as presentation and the command line get them. */
import type { Migration, MigrationState, MigrationStep, MigrationTask } from "../../shared/model/migration.ts";
import { PASS_AT_MS } from "./reports.ts";

const ids = ["external-dns", "observe", "ownership", "differences", "take-over", "finish"] as const;

/** All six steps, all of them done unless said, each with one task of cluster w1. */
export function migration(
  overrides: Partial<Omit<Migration, "steps">> & {
    readonly steps?: Readonly<Partial<Record<MigrationStep["id"], Partial<MigrationStep>>>>;
  } = {},
): Migration {
  const { steps = {}, ...rest } = overrides;
  return {
    startedAtMs: PASS_AT_MS,
    endedAtMs: PASS_AT_MS + 1_200,
    steps: ids.map((id) => migrationStep(id, "done", steps[id])),
    clusters: [{ cluster: "w1", region: "weu", operator: "gone", notAdopted: {}, takenOver: true }],
    notes: [],
    ...rest,
  };
}

function migrationStep(
  id: MigrationStep["id"],
  state: MigrationState,
  overrides: Partial<MigrationStep> = {},
): MigrationStep {
  return { id, state, tasks: [migrationTask({ what: "as it should be" })], ...overrides };
}

export function migrationTask(overrides: Partial<MigrationTask> = {}): MigrationTask {
  return { cluster: "w1", state: "done", what: "", details: [], groups: [], todo: [], ...overrides };
}
