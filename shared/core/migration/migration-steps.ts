/**
 * From the in-cluster operator to this product, step by step, for one fleet: what is done, what is next, what waits for what.
 * Pure: judged by what is there now, nothing is remembered. docs/migration.md says why the steps stand in this order.
 */
import type { MigratingClusterReport, MigrationStep } from "../../model/migration.ts";
import { differencesStep } from "./differences-step.ts";
import { externalDnsStep } from "./external-dns-step.ts";
import { isTakenOver, type MigratingCluster, type MigrationFacts } from "./facts.ts";
import { finishStep } from "./finish-step.ts";
import { observeStep } from "./observe-step.ts";
import { ownershipStep } from "./ownership-step.ts";
import { takeOverStep } from "./take-over-step.ts";

export type { MigratingCluster, MigratingRegion, MigrationFacts } from "./facts.ts";

/** All six, in their order. */
export function migrationSteps(facts: MigrationFacts): readonly MigrationStep[] {
  const externalDns = externalDnsStep(facts);
  const observe = observeStep(facts);
  const ownership = ownershipStep(facts);
  const differences = differencesStep(facts, observe);
  const takeOver = takeOverStep(facts, [externalDns, observe, ownership, differences]);
  return [externalDns, observe, ownership, differences, takeOver, finishStep(facts, takeOver)];
}

/** Sorted by name. */
export function migratingClusters({ clusters }: MigrationFacts): readonly MigratingClusterReport[] {
  return clusters
    .map((cluster): MigratingClusterReport => ({
      cluster: cluster.configuration.name,
      ...(cluster.report.region === undefined ? {} : { region: cluster.report.region }),
      operator: operatorState(cluster),
      notAdopted: cluster.notAdopted,
      takenOver: isTakenOver(cluster),
    }))
    .sort((left, right) => (left.cluster < right.cluster ? -1 : 1));
}

function operatorState({ operator, deployments }: MigratingCluster): MigratingClusterReport["operator"] {
  if (operator.kind !== "not-running") return operator.kind;
  return deployments?.length === 0 ? "gone" : "stopped";
}
