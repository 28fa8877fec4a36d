/** Checks of what was named on the command line against the fleet. A name that matches nothing must not look like success. */
import type { FleetApp } from "../shared/compose.ts";
import type { Scope } from "../shared/model/pass.ts";
import type { PassReport } from "../shared/model/report.ts";
import { clusterNames, namespacesInstead } from "../shared/presentation/status-scope.ts";
import { unknownName } from "./usage-error.ts";

/** Before anything is read, where the configuration alone can tell. @throws UsageError */
export function checkCluster({ configuration }: FleetApp, { cluster }: Scope): void {
  const known = configuration.clusters.map(({ name }) => name);
  if (cluster === undefined || known.includes(cluster) || configuration.discovery.length > 0) return;
  throw unknownName("--cluster", cluster, known);
}

/**
 * After a read.
 * @param readWhole the whole fleet, asked for only where the scope turned out empty.
 * @throws UsageError
 */
export async function checkScope(
  report: PassReport,
  scope: Scope,
  readWhole: () => Promise<PassReport>,
): Promise<void> {
  const clusters = clusterNames(report);
  if (scope.cluster !== undefined && !clusters.includes(scope.cluster)) {
    throw unknownName("--cluster", scope.cluster, clusters);
  }
  const { namespace } = scope;
  if (namespace === undefined || namespacesInstead(report, namespace) === undefined) return;
  const instead = namespacesInstead(await readWhole(), namespace);
  if (instead !== undefined) throw unknownName("--namespace", namespace, instead);
}
