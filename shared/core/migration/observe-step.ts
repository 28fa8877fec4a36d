/**
 * Step 2: Service Router observes beside the operator: every cluster is read completely, every region has its zones, and both
 * mean the same where a route names no namespace for its Gateway. Nothing is written for it.
 */
import type { Finding } from "../../model/finding.ts";
import type { MigrationAction, MigrationStep, MigrationTask } from "../../model/migration.ts";
import { isInZone } from "../../model/zone-records.ts";
import type { MigratingCluster, MigratingRegion, MigrationFacts } from "./facts.ts";
import { action, counted, group, step, task } from "./tasks.ts";

/** Of the operator, where nothing sets it. */
const operatorsNamespace = "istio-system";

export function observeStep(facts: MigrationFacts): MigrationStep {
  return step("observe", [
    ...facts.clusters.flatMap((cluster) => clusterTasks(cluster, facts)),
    ...facts.unknownRegions.map((region) => unknownRegionTask(region)),
    ...facts.regions.flatMap((region) => regionTasks(region, facts)),
  ]);
}

function clusterTasks(cluster: MigratingCluster, facts: MigrationFacts): readonly MigrationTask[] {
  const { name } = cluster.configuration;
  const { standing, counts, notRead } = cluster.report;
  if (standing.kind === "frozen") {
    return [
      task({ cluster: name }, "next", `not read: ${standing.reason}`, {
        todo: fixesOf(
          facts.diagnosis.findings,
          (finding) => finding.cluster === name && aboutReading.has(finding.code),
          {
            otherwise: "do what the reason says; service-router status shows more",
          },
        ),
      }),
    ];
  }
  const read = [
    counted(counts.ServiceRoute ?? 0, "route"),
    counted(counts.Gateway ?? 0, "Gateway"),
    counted(counts.DNSEndpoint ?? 0, "DNSEndpoint"),
  ].join(", ");
  const missing = notRead.map(({ kind, reason }) => `${kind}: ${reason}`);
  return [
    ...namespaceTasks(cluster, facts),
    task({ cluster: name }, "done", `read completely: ${read}`),
    ...(missing.length === 0
      ? []
      : [task({ cluster: name }, "look", "not read, and not needed for every step", { details: missing })]),
  ];
}

const aboutReading: ReadonlySet<Finding["code"]> = new Set<Finding["code"]>([
  "ClusterNotRead",
  "KindNotRead",
  "ReadRightsMissing",
  "CrdsMissing",
  "DnsEndpointsNotServed",
]);

function fixesOf(
  findings: readonly Finding[],
  isMeant: (finding: Finding) => boolean,
  { otherwise }: { readonly otherwise: string },
): readonly MigrationAction[] {
  // Here it is this command that is run again.
  const fixes = [...new Set(findings.filter(isMeant).map(({ fix }) => fix.replace(/, then run doctor again$/, "")))];
  return (fixes.length === 0 ? [otherwise] : fixes).map((fix) => action(fix));
}

/** The namespace in which routes without gatewayNamespace look for their Gateway: another one, and every such route is Pending. */
function namespaceTasks({ configuration, deployments }: MigratingCluster, { values }: MigrationFacts) {
  const { name, gatewayNamespace } = configuration;
  const about = { cluster: name };
  const tasks: MigrationTask[] = [];
  const seen = (deployments ?? []).map(({ defaultGatewayNamespace = operatorsNamespace }) => defaultGatewayNamespace);
  const [said] = seen;
  if (values !== undefined && said !== undefined && said !== values.gatewayNamespace) {
    const what = `${values.files.join(", ")}: the values say ${values.gatewayNamespace} for Gateways of routes that name no namespace, the Deployment says ${said}`;
    const details = ["They are not the values of this release, or were not rolled out: the Deployment counts."];
    tasks.push(task(about, "look", what, { details }));
  }
  const operators = said ?? values?.gatewayNamespace;
  if (operators === undefined || operators === gatewayNamespace) return tasks;
  if (operators.startsWith("$(")) {
    const what = `the operator's --default-router-gateway-namespace is ${operators}, which cannot be read here; fleet.yaml says ${gatewayNamespace}`;
    return [...tasks, task(about, "look", what)];
  }
  return [
    ...tasks,
    task(
      about,
      "next",
      `the operator looks for Gateways of routes that name no namespace in ${operators}, fleet.yaml in ${gatewayNamespace}`,
      {
        details: ["Until both say the same, such a route finds no Gateway here, or another one."],
        todo: [action(`in fleet.yaml, cluster ${name}: gatewayNamespace: ${operators}`)],
      },
    ),
  ];
}

function unknownRegionTask(region: string): MigrationTask {
  return task({ region }, "next", "a DNSConfiguration names it, fleet.yaml does not", {
    todo: [
      action(
        `in fleet.yaml, regions: add name: ${region}, with its zones and externalDns; or correct the DNSConfiguration`,
      ),
    ],
  });
}

function regionTasks(region: MigratingRegion, { diagnosis, report }: MigrationFacts): readonly MigrationTask[] {
  const { name, zones } = region.configuration;
  const about = { region: name };
  if (zones.length === 0) {
    const say = `in fleet.yaml, region ${name}: zones: [{ subscription: …, resourceGroup: …, zone: … }], and let the identity read them (role Reader, or Private DNS Zone Contributor)`;
    return [
      task(about, "next", "its DNS zone is not configured, so nobody sees whose its records are", {
        todo: [action(say)],
      }),
    ];
  }
  if (region.notRead !== undefined) {
    // A role that is missing says more than that nothing was read.
    const isRoleKnown = diagnosis.findings.some((one) => one.region === name && one.code === "ZoneRoleMissing");
    const code = isRoleKnown ? "ZoneRoleMissing" : "ZoneNotRead";
    const todo = fixesOf(diagnosis.findings, (one) => one.region === name && one.code === code, {
      otherwise: "repair what the reason names",
    });
    return [task(about, "next", region.notRead, { todo })];
  }
  const reading = report.zones.find(({ zone }) => zone === name)?.reading;
  const sets = reading?.read === "complete" ? `: ${counted(reading.recordSets, "record set")}` : "";
  return [
    task(about, "done", `${zones.map(({ zone }) => zone).join(", ")} read to the last page${sets}`),
    ...strangersTasks(region),
  ];
}

/** Records that lead to a gateway that nobody has: a cluster of the operator that fleet.yaml lacks, or one that is gone. */
function strangersTasks({ configuration, strangers }: MigratingRegion): readonly MigrationTask[] {
  if (strangers.size === 0) return [];
  const zone = configuration.zones.find((one) => [...strangers.keys()].some((host) => isInZone(host, one.zone)))?.zone;
  const names = [...strangers].map(([host, count]) => `${host} (${counted(count, "record")})`);
  return [
    task(
      { region: configuration.name },
      "look",
      `records of ${zone ?? "its zone"} lead to gateways that no cluster of fleet.yaml has`,
      {
        groups: group("gateway hosts", names),
        details: [
          "Where the operator runs behind one of them, its cluster is missing in fleet.yaml; else they are left over.",
        ],
      },
    ),
  ];
}
