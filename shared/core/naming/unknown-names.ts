/** Clusters that may publish names which nobody knows of. What is new to them must not be given away meanwhile. */
import type { FleetCluster } from "../../model/fleet.ts";

/** Never read completely, and not retiring: of a cluster that a person gave up nothing more is expected. */
export function hasUnknownNames({ believed, mode }: Pick<FleetCluster, "believed" | "mode">): boolean {
  return believed === undefined && mode !== "retiring";
}
