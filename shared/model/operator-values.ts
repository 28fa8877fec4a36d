/** Helm values of the in-cluster operator's release, as far as a migration needs them. Nothing else of the file is kept. */
export type OperatorValues = {
  /** Files that were read, in the order in which later ones win. */
  readonly files: readonly string[];
  /** `controller.defaultRouterGatewayNamespace`, with the chart's default filled in. */
  readonly gatewayNamespace: string;
  /** The value that sets the number of replicas. */
  readonly replicasKey: "replicaCount" | "production.replicaCount";
};
