/**
 * Step 1: every ExternalDNS only adds and changes, those without replicas included. A `sync` instance deletes what it does not
 * want, and during a take-over it is not yet, or no longer, its cluster that wants a name. Going over to `upsert-only` itself
 * writes nothing (measured).
 */
import { externalDnsTexts } from "../../model/external-dns-texts.ts";
import type { ExternalDnsInstance } from "../../model/external-dns.ts";
import type { Finding } from "../../model/finding.ts";
import type { MigrationAction, MigrationStep, MigrationTask } from "../../model/migration.ts";
import { directoryHint, onObject } from "./commands.ts";
import { deployedBy, gitOpsText } from "./deployed-by.ts";
import type { MigratingCluster, MigrationFacts } from "./facts.ts";
import { action, counted, step, task } from "./tasks.ts";

/** The step about ownership mends these. */
const aboutOwnership: ReadonlySet<string> = new Set(["OwnerDiffers", "PrefixDiffers", "TxtNameTooLong"]);

export function externalDnsStep(facts: MigrationFacts): MigrationStep {
  return step(
    "external-dns",
    facts.clusters.flatMap((cluster) => clusterTasks(cluster, facts)),
  );
}

function clusterTasks(cluster: MigratingCluster, { diagnosis }: MigrationFacts): readonly MigrationTask[] {
  const { name } = cluster.configuration;
  const about = { cluster: name };
  const seen = diagnosis.clusters.find((one) => one.cluster === name);
  // Whatever is wrong with a cluster that does not answer is said by the next step.
  if (seen?.reached !== true) return [task(about, "waits", "not looked at", { waitsFor: `${name} to be read` })];
  if (seen.externalDns === undefined) return [unreadTask(cluster, diagnosis.findings)];
  const unsafe = diagnosis.findings.filter((finding) => finding.cluster === name && isUnsafe(finding));
  const objects = Map.groupBy(unsafe, ({ object }) => object ?? "");
  const open = [...objects].map(([object, findings]) => unsafeTask(cluster, object, findings));
  if (open.length > 0) return open;
  const instances = diagnosis.instances.filter((one) => one.cluster === name);
  return [task(about, "done", safeText(instances))];
}

function safeText(instances: readonly ExternalDnsInstance[]): string {
  if (instances.length === 0) return "no ExternalDNS runs or waits there";
  const publishing = instances.filter(({ settings }) => settings.sources.includes("crd"));
  return `${counted(publishing.length, "instance")} for DNSEndpoints, none of which deletes anything`;
}

/** Critical for the names of the zone; and `sync` in any case. */
export function isUnsafe({ code, severity, names }: Finding): boolean {
  if (code === "ClockSkew") return severity === "critical";
  if (!Object.hasOwn(externalDnsTexts, code) || aboutOwnership.has(code)) return false;
  if (code === "SettingsUnknown") return names.includes("policy");
  return severity === "critical" || code === "SyncPolicy";
}

function unreadTask({ configuration: { name } }: MigratingCluster, findings: readonly Finding[]): MigrationTask {
  const own = findings.filter(({ cluster }) => cluster === name);
  const finding =
    own.find(
      ({ code, names }) => code === "ReadRightsMissing" && names.some((right) => right.includes("deployments")),
    ) ?? own.find(({ code, object }) => code === "KindNotRead" && object === "ExternalDnsDeployment");
  return task({ cluster: name }, "next", "its Deployments could not be read, so nobody can say how ExternalDNS runs", {
    todo: [action(finding?.fix ?? "let Deployments be listed (ClusterRole service-router-read, crds/rbac/read.yaml)")],
  });
}

function unsafeTask(cluster: MigratingCluster, object: string, findings: readonly Finding[]): MigrationTask {
  const fixes = [...new Set(findings.map(({ fix }) => fix))].join("; ");
  const codes = findings.map(({ code }) => code).join(", ");
  return task({ cluster: cluster.configuration.name }, "next", object === "" ? codes : `${object}: ${codes}`, {
    details: findings.map(({ what, consequence }) => `${what}. ${consequence}`),
    todo: [
      object.startsWith("Deployment ")
        ? editDeployment(cluster, object.slice("Deployment ".length), fixes)
        : action(fixes),
    ],
  });
}

/** A Deployment of ExternalDNS is changed at its source first, or the change is undone. */
export function editDeployment(cluster: MigratingCluster, key: string, change: string): MigrationAction {
  const by = deployedBy(cluster.labels.get(key) ?? {});
  const source = gitOpsText(by) ?? (by.helmRelease === undefined ? undefined : `Helm release ${by.helmRelease}`);
  const where = source === undefined ? "" : `; it comes from ${source}: change it there, or it comes back`;
  return action(
    `in Deployment ${key}${directoryHint(cluster.configuration)}: ${change}${where}`,
    onObject(cluster.configuration, key, (name) => `edit deployment ${name}`),
  );
}
