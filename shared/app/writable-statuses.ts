/** Statuses that may be written: of clusters that are written to, and the one condition of a frozen cluster. */
import { placeId } from "../core/naming/item-id.ts";
import { scopeFilter } from "../core/planning/plan-fleet.ts";
import type { DesiredStatus } from "../model/desired.ts";
import type { Fleet, FleetCluster } from "../model/fleet.ts";
import type { Scope } from "../model/pass.ts";

export function writableStatuses(
  statuses: readonly DesiredStatus[],
  fleet: Fleet,
  scope: Scope | undefined,
): readonly DesiredStatus[] {
  const writable = new Set(fleet.clusters.filter(takesStatuses).map(({ name }) => placeId({ kind: "cluster", name })));
  const inScope = scopeFilter(scope);
  return statuses.filter((status) => writable.has(placeId(status.place)) && inScope(status));
}

function takesStatuses(cluster: FleetCluster): boolean {
  if (cluster.writes.kind === "allowed") return true;
  return cluster.writes.kind === "stopped" && cluster.writes.code === "Frozen";
}
