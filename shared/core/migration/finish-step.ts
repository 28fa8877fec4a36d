/** Step 6: every name is verified, and what is left of the operator goes, without its CRDs and without anybody's objects. */
import type { MigrationAction, MigrationStep, MigrationTask } from "../../model/migration.ts";
import type { NameCounts } from "../../model/verification.ts";
import { objectKey } from "../naming/item-id.ts";
import { helm, kubectl, onObject, word } from "./commands.ts";
import { deployedBy, gitOpsText } from "./deployed-by.ts";
import type { MigratingCluster, MigratingRegion, MigrationFacts } from "./facts.ts";
import { action, counted, group, isOpen, step, task } from "./tasks.ts";

export function finishStep(facts: MigrationFacts, takeOver: MigrationStep): MigrationStep {
  return step("finish", [
    ...facts.regions.flatMap((region) => verifiedTasks(region, facts, takeOver)),
    ...facts.clusters.flatMap((cluster) => [...removalTasks(cluster, takeOver), ...settingTasks(cluster)]),
  ]);
}

function verifiedTasks(
  { configuration: { name } }: MigratingRegion,
  { report }: MigrationFacts,
  takeOver: MigrationStep,
): readonly MigrationTask[] {
  const about = { region: name };
  const reading = report.zones.find(({ zone }) => zone === name)?.reading;
  // Without a zone, or unread: step 2 says so.
  if (reading?.read !== "complete") return [task(about, "waits", "not verified", { waitsFor: "step 2: its zones" })];
  const counts = Object.entries(reading.names) as readonly (readonly [keyof NameCounts, number])[];
  const wrong = counts.filter(([result, count]) => result !== "verified" && count > 0);
  const verified = counted(reading.names.verified, "name");
  if (wrong.length === 0) return [task(about, "done", `${verified}, all verified in the zone`)];
  const waits = openClusters(takeOver);
  const seen = wrong.map(([result, count]) => `${count} ${result}`).join(", ");
  const groups = wrong.flatMap(([result]) =>
    group(
      result,
      reading.unverified
        .filter((one) => (one.awaited ? "awaited" : one.result) === result)
        .map(({ type, name: host }) => `${type} ${host}`),
    ),
  );
  if (waits !== undefined) return [task(about, "waits", `${verified} verified; ${seen}`, { groups, waitsFor: waits })];
  return [
    task(about, "next", `${verified} verified; ${seen}`, {
      groups,
      todo: [action("each with where it is stuck, and since when:", [`service-router status region ${word(name)}`])],
    }),
  ];
}

function openClusters({ tasks }: MigrationStep): string | undefined {
  const open = [...new Set(tasks.filter(isOpen).flatMap(({ cluster }) => cluster ?? []))];
  return open.length === 0 ? undefined : `step 5: ${open.join(", ")}`;
}

function removalTasks(cluster: MigratingCluster, takeOver: MigrationStep): readonly MigrationTask[] {
  const { name } = cluster.configuration;
  const about = { cluster: name };
  const { deployments } = cluster;
  if (deployments === undefined) {
    return [
      task(about, "look", "whether anything is left of the operator is not known: Deployments cannot be read there"),
    ];
  }
  if (deployments.length === 0) return [task(about, "done", "no Deployment of the operator")];
  const what = `still there: ${deployments.map(({ meta }) => `Deployment ${objectKey(meta)}`).join(", ")}`;
  // A way back is kept as long as any cluster is under way.
  const waitsFor = openClusters(takeOver);
  if (waitsFor !== undefined) return [task(about, "waits", what, { waitsFor })];
  const todo = deployments.flatMap(({ meta }) => removals(cluster, objectKey(meta), meta.labels));
  return [task(about, "next", what, { details: [crdsStay], todo })];
}

const crdsStay =
  "The CRDs and every ClusterIdentity, DNSConfiguration, Gateway, DNSPolicy and ServiceRoute must stay: with a CRD Kubernetes deletes all its objects, and with those every DNSEndpoint and Istio Gateway that they own.";

function removals(
  cluster: MigratingCluster,
  key: string,
  labels: Readonly<Record<string, string>>,
): readonly MigrationAction[] {
  const { configuration } = cluster;
  const [namespace = ""] = key.split("/");
  const by = deployedBy(labels);
  const gitOps = gitOpsText(by);
  const { helmRelease } = by;
  const prefix = helm(configuration);
  const all = kubectl(configuration);
  const fromGit =
    gitOps === undefined
      ? []
      : [
          action(
            `${gitOps} brings it: where the same source brings the CRDs, keep them there, or take pruning off them first (kustomize.toolkit.fluxcd.io/prune: disabled, argocd.argoproj.io/sync-options: Prune=false); then remove the operator from the source`,
          ),
        ];
  if (helmRelease !== undefined && prefix !== undefined) {
    const at = `${word(helmRelease)} -n ${word(namespace)}`;
    return [
      ...fromGit,
      action(
        "this must print 0: CRDs in crds/ of a chart stay when a release goes, templated ones are deleted with it",
        [`${prefix} get manifest ${at} | grep -c '^kind: CustomResourceDefinition'`],
      ),
      action(
        "where it does not: first upgrade the release with a chart whose CRDs carry the annotation helm.sh/resource-policy: keep (on the objects alone it does nothing: Helm looks at the release)",
      ),
      ...(gitOps === undefined ? [action("then:", [`${prefix} uninstall ${at}`])] : []),
      ...(all === undefined
        ? []
        : [action("and see that all five are still there:", [`${all} get crd -o name | grep router.io`])]),
    ];
  }
  return [
    ...fromGit,
    action(
      "delete its Deployment, ServiceAccount and roles one by one, never by kubectl delete -k config/default: that contains the CRDs",
      onObject(configuration, key, (name) => `delete deployment ${name}`),
    ),
  ];
}

/** A person's word that is no longer needed: what is seen says the same. */
function settingTasks({ configuration, operator }: MigratingCluster): readonly MigrationTask[] {
  if (!configuration.operatorStopped || operator.kind !== "not-running") return [];
  return [
    task({ cluster: configuration.name }, "look", "takeover: { operatorStopped: true } may go from fleet.yaml", {
      details: ["That the operator does not run is seen there by now."],
    }),
  ];
}
