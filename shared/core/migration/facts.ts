/** What the steps are judged by: a diagnosis, a preview, the copies of ownership that are missing, and the operator itself. */
import type { OperatorDeployment } from "../../model/cluster-objects.ts";
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { ClusterConfiguration, RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { MigratingClusterReport } from "../../model/migration.ts";
import type { OperatorValues } from "../../model/operator-values.ts";
import type { ClusterReport, PassReport } from "../../model/report.ts";
import type { LeftOut, ZoneChange } from "../../model/zone-change.ts";

export type MigratingCluster = {
  readonly configuration: ClusterConfiguration;
  readonly report: ClusterReport;
  readonly operator:
    | { readonly kind: "running" | "not-running" }
    | { readonly kind: "unknown"; readonly reason: string };
  /** Deployments of the operator, running or not; absent where Deployments could not be read. */
  readonly deployments?: readonly OperatorDeployment[];
  /** Labels of every Deployment that was read, by `namespace/name`: who installed it stands there. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Regions that the cluster publishes into, by its DNSConfiguration. */
  readonly regions: readonly string[];
  readonly notAdopted: MigratingClusterReport["notAdopted"];
};

export type MigratingRegion = {
  readonly configuration: RegionConfiguration;
  /** Why nobody can say what its zones hold; absent: they were read. */
  readonly notRead?: string;
  /** Records whose ownership stands under another prefix alone. */
  readonly copies: readonly ZoneChange[];
  readonly leftOut: readonly LeftOut[];
  /** Owners of its instances besides its own, for `--from-owner`. */
  readonly fromOwners: readonly string[];
  /** Names that several clusters lead to different destinations. */
  readonly contested: readonly ContestedName[];
  /** Gateway hosts that records lead to and no cluster of the fleet has, with the number of records. */
  readonly strangers: ReadonlyMap<string, number>;
};

export type ContestedName = { readonly name: string; readonly clusters: readonly string[] };

export type MigrationFacts = {
  readonly diagnosis: Diagnosis;
  readonly report: PassReport;
  /** In the order of the configuration, which is the order of the take-over. */
  readonly clusters: readonly MigratingCluster[];
  readonly regions: readonly MigratingRegion[];
  /** Regions that DNSConfigurations name and the fleet configuration does not. */
  readonly unknownRegions: readonly string[];
  /** Helm values of the operator's release, where they were given. */
  readonly values?: OperatorValues;
};

/** Whether this product writes to the cluster, and nothing of the operator can come back. */
export function isTakenOver({ report, operator, deployments = [] }: MigratingCluster): boolean {
  const canComeBack = deployments.some(({ replicas }) => replicas > 0);
  return report.mode !== "observe" && report.writes.kind === "allowed" && operator.kind !== "running" && !canComeBack;
}
