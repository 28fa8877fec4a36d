/**
 * Step 5: cluster by cluster the operator stops and this product writes. In between nothing writes there, and every object and
 * record stays as it is.
 */
import type { OperatorDeployment } from "../../model/cluster-objects.ts";
import type { MigrationAction, MigrationStep, MigrationTask } from "../../model/migration.ts";
import { objectKey } from "../naming/item-id.ts";
import { directoryHint, kubectl, onObject, word } from "./commands.ts";
import { deployedBy, gitOpsText } from "./deployed-by.ts";
import { isTakenOver, type MigratingCluster, type MigrationFacts } from "./facts.ts";
import { isPostponed } from "./ownership-step.ts";
import { action, counted, isOpen, step, task } from "./tasks.ts";

export function takeOverStep(facts: MigrationFacts, before: readonly MigrationStep[]): MigrationStep {
  const tasks: MigrationTask[] = [];
  for (const cluster of facts.clusters) {
    // One after the other: what goes wrong in the first should not happen in all.
    const earlier = tasks.find((one) => one.state === "next");
    tasks.push(clusterTask(cluster, facts, waitsFor(cluster, facts, before) ?? after(earlier)));
  }
  return step("take-over", tasks);
}

function after(earlier: MigrationTask | undefined): string | undefined {
  return earlier?.cluster === undefined ? undefined : `${earlier.cluster}, the cluster before it`;
}

/** The first earlier step that this cluster is not through with. */
function waitsFor(
  cluster: MigratingCluster,
  facts: MigrationFacts,
  before: readonly MigrationStep[],
): string | undefined {
  const { name } = cluster.configuration;
  const postponed = facts.regions.filter((region) => isPostponed(region, facts));
  const isPostponedRegion = (region: string): boolean =>
    postponed.some(({ configuration }) => configuration.name === region);
  for (const [index, { id, tasks }] of before.entries()) {
    const open = tasks.find((one) => {
      if (!isOpen(one)) return false;
      // What is unsafe or not read anywhere in the fleet is unsafe for the names of this cluster.
      if (id === "external-dns" || id === "observe") return true;
      if (id === "differences") return one.cluster === name;
      return one.region !== undefined && concerns(cluster, one.region) && !isPostponedRegion(one.region);
    });
    if (open !== undefined) return `step ${index + 1}: ${open.cluster ?? open.region ?? "the fleet"}`;
  }
  return undefined;
}

/** How a wait for step 1 begins. */
const unsafe = "step 1:";

/** A cluster that says no regions may publish into any. */
function concerns({ regions }: MigratingCluster, region: string): boolean {
  return regions.length === 0 || regions.includes(region);
}

function clusterTask(cluster: MigratingCluster, facts: MigrationFacts, waits: string | undefined): MigrationTask {
  const { name } = cluster.configuration;
  const about = { cluster: name };
  if (isTakenOver(cluster)) {
    const taken = takenOverTask(cluster, facts);
    // What is written already goes on; nobody is told to write more while names can be deleted by somebody else.
    const isUnsafe = waits?.startsWith(unsafe) === true && taken.state === "next";
    return isUnsafe ? task(about, "waits", taken.what, { waitsFor: waits ?? "" }) : taken;
  }
  const adopt = notAdoptedText(cluster);
  if (waits !== undefined) return task(about, "waits", adopt, { waitsFor: waits });
  if (cluster.operator.kind === "unknown" && !cluster.configuration.operatorStopped) {
    return task(about, "next", `nobody can tell whether the operator runs there: ${cluster.operator.reason}`, {
      todo: [
        action("grant service-router-read (crds/rbac/read.yaml), which lets Leases and Deployments be listed"),
        action(`or stop the operator, and say so in fleet.yaml, cluster ${name}: takeover: { operatorStopped: true }`),
      ],
    });
  }
  const running = (cluster.deployments ?? []).filter(({ replicas }) => replicas > 0);
  if (cluster.operator.kind === "running" || running.length > 0) {
    return task(about, "next", `the operator runs there; ${adopt}`, {
      details: [
        "Its objects and their records stay. A Lease that it held counts as running for 60 s more.",
        "From here on nothing writes there until the next command has run.",
      ],
      todo: stops(cluster, running, facts),
    });
  }
  return task(about, "next", `the operator does not run there; ${adopt}`, { todo: starts(cluster, facts) });
}

function notAdoptedText({ notAdopted }: MigratingCluster): string {
  const { dnsEndpoints, istioGateways } = notAdopted;
  const parts = [
    ...(dnsEndpoints === undefined ? [] : [counted(dnsEndpoints, "DNSEndpoint")]),
    ...(istioGateways === undefined ? [] : [counted(istioGateways, "Istio Gateway")]),
  ];
  return `${parts.length === 0 ? "objects" : parts.join(" and ")} of the operator to be adopted`;
}

function stops(
  cluster: MigratingCluster,
  running: readonly OperatorDeployment[],
  { values }: MigrationFacts,
): readonly MigrationAction[] {
  if (running.length === 0) {
    return [
      action(
        "find what renews its Lease 3afd9a04.router.io there, and stop it (a Deployment of another name: takeover.operatorDeployment in fleet.yaml)",
      ),
    ];
  }
  const key = values?.replicasKey ?? "replicaCount (production.replicaCount where production.enabled is true)";
  return running.flatMap(({ meta }) => {
    const by = deployedBy(meta.labels);
    const gitOps = gitOpsText(by);
    const source = gitOps ?? (by.helmRelease === undefined ? undefined : `Helm release ${by.helmRelease}`);
    const kept =
      by.helmRelease === undefined && by.gitOps?.kind !== "flux-helm-release"
        ? "spec.replicas: 0"
        : `the value ${key}: 0`;
    const first = source === undefined ? [] : [action(`first in ${source}: ${kept}, or it is started again`)];
    const deployment = objectKey(meta);
    const scale = onObject(cluster.configuration, deployment, (name) => `scale deployment ${name} --replicas=0`);
    const say = `scale the operator to zero${directoryHint(cluster.configuration)}: Deployment ${deployment}${scale.length === 0 ? ", spec.replicas: 0" : ""}`;
    return [...first, action(say, scale)];
  });
}

function starts(cluster: MigratingCluster, { diagnosis }: MigrationFacts): readonly MigrationAction[] {
  const { name } = cluster.configuration;
  const prefix = kubectl(cluster.configuration);
  const lacksRights = diagnosis.findings.some((one) => one.cluster === name && one.code === "WriteRightsMissing");
  return [
    ...(prefix === undefined
      ? []
      : [
          action(
            `CRDs and roles of this version${lacksRights ? "; then bind service-router-write (crds/rbac/binding.yaml): the right to write is missing" : ""}`,
            [`${prefix} apply -k crds`, `${prefix} apply -k crds/rbac`],
          ),
        ]),
    action(`in fleet.yaml, cluster ${name}: writes: apply`),
    apply(name),
  ];
}

function apply(name: string): MigrationAction {
  return action("write what is due, until nothing waits:", [`service-router apply --cluster ${word(name)} --wait`]);
}

/** Done when nothing is due there. What waits for another cluster does not keep that cluster from its turn. */
function takenOverTask({ configuration: { name } }: MigratingCluster, { report }: MigrationFacts): MigrationTask {
  const about = { cluster: name };
  const { plan } = report;
  const ofCluster = ({ place }: { readonly place: { readonly kind: string; readonly name: string } }): boolean =>
    place.kind === "cluster" && place.name === name;
  const due = plan.changes.filter(ofCluster);
  const held = plan.held.filter(({ scope, changes }) => scope === `cluster/${name}` || changes.some(ofCluster));
  const waiting = plan.waiting.filter(({ change }) => ofCluster(change));
  if (held.length > 0) {
    return task(about, "next", `written to; ${counted(held.length, "group")} of changes held until a person approves`, {
      details: held.map(({ reason }) => reason),
      todo: [
        ...held.map(({ digest }) =>
          action("look at them in service-router plan, then:", [`service-router approve ${digest} --reason "…"`]),
        ),
        apply(name),
      ],
    });
  }
  if (due.length > 0) {
    return task(about, "next", `written to; ${counted(due.length, "change")} due`, { todo: [apply(name)] });
  }
  const contended = waiting.filter(({ code }) => code === "Contended");
  const timed = waiting.length - contended.length;
  if (timed > 0) {
    return task(about, "next", `written to; ${counted(timed, "change")} waiting for time`, { todo: [apply(name)] });
  }
  if (contended.length > 0) {
    const [first] = contended;
    return task(about, "waits", `written to; ${counted(contended.length, "change")} waiting`, {
      waitsFor: first?.reason ?? "",
    });
  }
  return task(about, "done", "written to by service-router; the operator does not run, and nothing is due");
}
