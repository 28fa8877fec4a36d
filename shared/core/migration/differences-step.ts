/** Step 4: of what would change in the clusters that are only observed, nothing is left that a person has to judge. */
import type { MigrationAction, MigrationGroup, MigrationStep, MigrationTask } from "../../model/migration.ts";
import { onObject, word } from "./commands.ts";
import { differenceGroups } from "./difference-groups.ts";
import { isTakenOver, type MigratingCluster, type MigrationFacts } from "./facts.ts";
import { action, counted, isOpen, step, task } from "./tasks.ts";

/** More deletions than this are not written out as commands. */
const deletionsShown = 3;

export function differencesStep(facts: MigrationFacts, observe: MigrationStep): MigrationStep {
  return step(
    "differences",
    facts.clusters.map((cluster) => clusterTask(cluster, facts, observe)),
  );
}

function clusterTask(cluster: MigratingCluster, { report }: MigrationFacts, observe: MigrationStep): MigrationTask {
  const { name } = cluster.configuration;
  const about = { cluster: name };
  if (observe.tasks.some((one) => one.cluster === name && isOpen(one))) {
    return task(about, "waits", "what differs is not known yet", { waitsFor: `step 2: ${name}` });
  }
  if (isTakenOver(cluster)) return task(about, "done", "taken over: what differs is due, in step 5");
  const groups = differenceGroups(report, name);
  const judged = groups.filter(({ isIntended }) => isIntended === false);
  if (judged.length > 0) {
    const count = judged.reduce((sum, { names }) => sum + names.length, 0);
    return task(about, "next", `${counted(count, "difference")} to be judged by a person`, {
      groups,
      todo: judgements(cluster, judged),
    });
  }
  const intended = groups.reduce((sum, { names }) => sum + names.length, 0);
  return task(about, "done", intended === 0 ? "nothing differs" : "only intended differences", { groups });
}

function judgements(cluster: MigratingCluster, judged: readonly MigrationGroup[]): readonly MigrationAction[] {
  const deleted = judged.flatMap(({ what, names }) => (what.startsWith("objects deleted") ? names : []));
  const see = action("each with its reason, and what to correct:", [
    `service-router plan --cluster ${word(cluster.configuration.name)}`,
  ]);
  if (deleted.length === 0) return [see];
  const commands = deleted.slice(0, deletionsShown).flatMap((text) => deletion(cluster, text));
  const more = deleted.length > deletionsShown ? `, and ${deleted.length - deletionsShown} more` : "";
  return [
    see,
    action(
      `what may go: delete it now, its record stays in the zone${more}; what must stay: restore the route or Gateway that it came from`,
      commands,
    ),
  ];
}

/** @param text `DNSEndpoint shop/cart-external-dns-weu` */
function deletion(cluster: MigratingCluster, text: string): readonly string[] {
  const [kind = "", key = ""] = text.split(" ");
  const resource = kind === "DNSEndpoint" ? "dnsendpoints.externaldns.k8s.io" : "gateways.networking.istio.io";
  return onObject(cluster.configuration, key, (name) => `delete ${resource} ${name}`);
}
