/** Checks of what was named on the command line against the fleet. A name that matches nothing must not look like success. */
import type { FleetApp } from "../shared/compose.ts";
import type { Scope } from "../shared/model/pass.ts";
import type { PassReport } from "../shared/model/report.ts";
import { clusterNames, namespaceNames } from "../shared/presentation/status-scope.ts";
import { unknownName } from "./usage-error.ts";

/** Before anything is read, where the configuration alone can tell. @throws UsageError */
export function checkCluster({ configuration }: FleetApp, { cluster }: Scope): void {
  const known = configuration.clusters.map(({ name }) => name);
  if (cluster === undefined || known.includes(cluster) || configuration.discovery.length > 0) return;
  throw unknownName("--cluster", cluster, known);
}

/** After a scoped read. The whole fleet is looked at only where the scope turned out empty. @throws UsageError */
export async function checkScope(app: FleetApp, report: PassReport, scope: Scope, signal: AbortSignal): Promise<void> {
  const clusters = clusterNames(report);
  if (scope.cluster !== undefined && !clusters.includes(scope.cluster)) {
    throw unknownName("--cluster", scope.cluster, clusters);
  }
  if (scope.namespace === undefined || namespaceNames(report).includes(scope.namespace)) return;
  const whole = await app.preview({ signal });
  const namespaces = namespaceNames(whole);
  if (!namespaces.includes(scope.namespace)) throw unknownName("--namespace", scope.namespace, namespaces);
}
