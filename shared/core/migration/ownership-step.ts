/**
 * Step 3: one owner id and one TXT prefix per region, in every cluster. The order within it is what keeps names served:
 *
 * 1. The ownership TXTs are copied to the common prefix. Instances with an old prefix still find their own, so nothing changes
 *    for them; under `upsert-only` nobody deletes a copy either.
 * 2. The instances get the common prefix and owner. Each finds every record owned from its first pass on.
 * 3. What was created between the two under an old prefix is copied as well.
 *
 * The other way round each name is an orphan from the change of the flag until its TXT is there: it resolves, and no new target
 * reaches it, silently (measured). Under `sync` neither order is safe: with one prefix each instance owns what all of them
 * publish, and deletes what it does not want itself. So step 1 comes first.
 *
 * One exception: where clusters publish a name with different destinations, the prefix per cluster is what keeps the second
 * writer off. There the prefix is joined after the take-over, which leaves one publisher.
 */
import type { ExternalDnsInstance } from "../../model/external-dns.ts";
import type { Finding, FindingCode } from "../../model/finding.ts";
import type { MigrationAction, MigrationStep, MigrationTask } from "../../model/migration.ts";
import { word } from "./commands.ts";
import { editDeployment, isUnsafe } from "./external-dns-step.ts";
import { isTakenOver, type MigratingRegion, type MigrationFacts } from "./facts.ts";
import { action, counted, group, step, task } from "./tasks.ts";

export function ownershipStep(facts: MigrationFacts): MigrationStep {
  return step(
    "ownership",
    facts.regions.flatMap((region) => regionTasks(region, facts)),
  );
}

/** Regions whose prefix is joined only after the take-over; step 5 does not wait for them. */
export function isPostponed(region: MigratingRegion, facts: MigrationFacts): boolean {
  return publishersToTakeOver(region, facts).length > 0 && !isJoined(region, facts);
}

/** Of contested names: clusters that still publish as the operator left it. */
function publishersToTakeOver({ contested }: MigratingRegion, { clusters }: MigrationFacts): readonly string[] {
  const publishing = new Set(contested.flatMap((one) => one.clusters));
  return clusters
    .filter((cluster) => publishing.has(cluster.configuration.name) && !isTakenOver(cluster))
    .map(({ configuration }) => configuration.name);
}

function isJoined(region: MigratingRegion, facts: MigrationFacts): boolean {
  return differing(region, facts).length === 0 && region.copies.length === 0;
}

function instancesOf(
  { configuration }: MigratingRegion,
  { diagnosis }: MigrationFacts,
): readonly ExternalDnsInstance[] {
  return diagnosis.instances.filter(
    ({ settings, regions }) => settings.sources.includes("crd") && regions.includes(configuration.name),
  );
}

function differing(region: MigratingRegion, facts: MigrationFacts): readonly ExternalDnsInstance[] {
  const { ownerId, txtPrefix } = region.configuration.externalDns;
  return instancesOf(region, facts).filter(
    ({ settings, unknown }) =>
      ownershipFlags.some((flag) => unknown.includes(flag)) ||
      settings.ownerId !== ownerId ||
      settings.txtPrefix.toLowerCase() !== txtPrefix.toLowerCase() ||
      settings.txtSuffix !== "",
  );
}

const ownershipFlags = ["txt-owner-id", "txt-prefix", "txt-suffix"];

function regionTasks(region: MigratingRegion, facts: MigrationFacts): readonly MigrationTask[] {
  const about = { region: region.configuration.name };
  const left = leftOutTasks(region);
  if (region.notRead !== undefined || region.configuration.zones.length === 0) {
    return [
      task(about, "waits", "whose the records are is not known", { waitsFor: "step 2: the zones of the region" }),
    ];
  }
  const waitsFor = waitsForBefore(region, facts);
  const open = waitsFor === undefined ? openTask(region, facts) : undefined;
  if (waitsFor !== undefined && !isJoined(region, facts)) {
    return [task(about, "waits", stateText(region, facts), { waitsFor }), ...left];
  }
  return [open ?? task(about, "done", doneText(region, facts)), ...left];
}

function doneText(region: MigratingRegion, facts: MigrationFacts): string {
  const { ownerId, txtPrefix } = region.configuration.externalDns;
  const { length } = instancesOf(region, facts);
  const instances =
    length === 0
      ? "no ExternalDNS of these clusters publishes for it"
      : `${counted(length, "instance")} with owner ${ownerId} and prefix ${quoted(txtPrefix)}`;
  return `${instances}; no record is owned under another prefix alone`;
}

function stateText(region: MigratingRegion, facts: MigrationFacts): string {
  const { length } = differing(region, facts);
  return [
    ...(region.copies.length === 0
      ? []
      : [`${counted(region.copies.length, "record")} owned under another prefix alone`]),
    ...(length === 0 ? [] : [`${counted(length, "instance")} with another owner or prefix than fleet.yaml`]),
  ].join(", ");
}

/** What must be done before, or undefined. */
function waitsForBefore(region: MigratingRegion, facts: MigrationFacts): string | undefined {
  const unread = facts.clusters
    .filter(({ report }) => report.standing.kind === "frozen")
    .map(({ report }) => report.cluster);
  if (unread.length > 0) return `step 2: ${unread.join(", ")} read completely, or names that it publishes are missing`;
  const unsafe = unsafeText(region, facts);
  if (unsafe !== undefined) return unsafe;
  const publishers = publishersToTakeOver(region, facts);
  if (publishers.length === 0) return undefined;
  const [first] = region.contested;
  return (
    `step 5 in ${publishers.join(", ")}: ${counted(region.contested.length, "name")} (${first?.name ?? ""}) led to different gateways by ` +
    `${first?.clusters.join(" and ") ?? ""}; with one prefix each instance would write its own, for ever. The take-over leaves one publisher`
  );
}

/** What step 1 has to do in the clusters that write there, as far as it concerns the region; undefined: nothing. */
function unsafeText(region: MigratingRegion, facts: MigrationFacts): string | undefined {
  const writing = new Set(instancesOf(region, facts).map(({ cluster }) => cluster));
  const unsafe = facts.diagnosis.findings.filter(
    (found) => isUnsafe(found) && writing.has(found.cluster ?? "") && concerns(region, found, facts),
  );
  if (unsafe.length === 0) return undefined;
  const clusters = facts.clusters
    .map(({ configuration }) => configuration.name)
    .filter((name) => unsafe.some(({ cluster }) => cluster === name));
  const codes = [...new Set(unsafe.map(({ code }) => code))].sort();
  const why = codes.some((code) => deleting.has(code))
    ? "with one prefix every instance owns every record of the region, and one that deletes would delete what other clusters publish"
    : "with one prefix every instance owns every record of the region, so each must be safe before";
  return `step 1 in ${clusters.join(", ")} (${codes.join(", ")}): ${why}`;
}

/** An instance that deletes, or of which nobody can say that it does not. */
const deleting: ReadonlySet<FindingCode> = new Set<FindingCode>([
  "ZoneWiper",
  "SyncShared",
  "SyncPolicy",
  "PolicyMissing",
  "MigrateFromOwner",
  "SettingsUnknown",
]);

/** Not what is wrong with an instance that is known to write into other regions only. */
function concerns({ configuration }: MigratingRegion, found: Finding, { diagnosis }: MigrationFacts): boolean {
  if (found.region !== undefined && found.region !== configuration.name) return false;
  const about = diagnosis.instances.filter(
    ({ cluster, deployment }) => cluster === found.cluster && found.object === `Deployment ${deployment}`,
  );
  return (
    about.length === 0 || about.some(({ regions }) => regions.length === 0 || regions.includes(configuration.name))
  );
}

function openTask(region: MigratingRegion, facts: MigrationFacts): MigrationTask | undefined {
  const about = { region: region.configuration.name };
  const instances = differing(region, facts);
  if (region.copies.length > 0) {
    return task(about, "next", stateText(region, facts), {
      details: ["Nothing is deleted: instances with an old prefix go on until they get the new one."],
      groups: group("records", namesOf(region)),
      todo: [...sameEverywhere(region, facts), ...rolesMissing(region, facts), copy(region)],
    });
  }
  if (instances.length === 0) return undefined;
  const taken = ownerUnderOneName(region, instances);
  if (taken !== undefined) {
    return task(about, "next", stateText(region, facts), {
      groups: group("instances", instances.map(instanceText)),
      todo: [...sameEverywhere(region, facts), taken],
    });
  }
  const { ownerId, txtPrefix } = region.configuration.externalDns;
  const flags = `${word(`--txt-owner-id=${ownerId}`)} ${word(`--txt-prefix=${txtPrefix}`)}`;
  const edits = instances.flatMap((instance) => {
    const cluster = facts.clusters.find(({ configuration }) => configuration.name === instance.cluster);
    return cluster === undefined ? [] : [editDeployment(cluster, instance.deployment, `${flags}, and no --txt-suffix`)];
  });
  return task(about, "next", stateText(region, facts), {
    details: [
      "Every record has its ownership TXT under the common prefix. Change all of them now, standbys without replicas as well; a name that is created meanwhile is copied when this command is run again.",
    ],
    groups: group("instances", instances.map(instanceText)),
    todo: [...sameEverywhere(region, facts), ...edits],
  });
}

function namesOf({ copies }: MigratingRegion): readonly string[] {
  return copies.flatMap(({ about }) => about.map(({ name, type }) => `${type} ${name}`));
}

/** Asked where the zone may be written to by fleet.yaml: a copy would be refused. */
function rolesMissing({ configuration }: MigratingRegion, { diagnosis }: MigrationFacts): readonly MigrationAction[] {
  const found = diagnosis.findings.find(
    ({ code, region }) => code === "ZoneRoleMissing" && region === configuration.name,
  );
  return found === undefined ? [] : [action(`${found.what}: ${found.fix}`)];
}

function copy({ configuration, fromOwners }: MigratingRegion): MigrationAction {
  const from = fromOwners.map((owner) => ` --from-owner ${word(owner)}`).join("");
  const say =
    configuration.zoneWrites === "apply"
      ? "copy their ownership TXTs, then approve the list by its digest"
      : `in fleet.yaml, region ${configuration.name}: zoneWrites: apply (role Private DNS Zone Contributor); then copy their ownership TXTs and approve the list by its digest`;
  return action(say, [`service-router dns copy-ownership --region ${word(configuration.name)}${from}`]);
}

/** Where all instances agree already, fleet.yaml can say what they have: nothing has to be copied then. */
function sameEverywhere(region: MigratingRegion, facts: MigrationFacts): readonly MigrationAction[] {
  const instances = instancesOf(region, facts);
  const [first] = instances;
  const isSame = instances.every(
    ({ settings, unknown }) =>
      !ownershipFlags.some((flag) => unknown.includes(flag)) &&
      settings.ownerId === first?.settings.ownerId &&
      settings.txtPrefix === first.settings.txtPrefix &&
      settings.txtSuffix === "",
  );
  if (first === undefined || !isSame || differing(region, facts).length !== instances.length) return [];
  const { ownerId, txtPrefix } = first.settings;
  const say =
    `either let fleet.yaml say what all instances of ${region.configuration.name} have already, which copies nothing: ` +
    `externalDns: { ownerId: ${JSON.stringify(ownerId)}, txtPrefix: ${JSON.stringify(txtPrefix)} }` +
    `${txtPrefix.includes("%{record_type}.") ? "" : " (it leaves less room for long names)"}; or go over to the prefix of fleet.yaml:`;
  return [action(say)];
}

/** Another owner under the very prefix of the fleet: a copy would have the name of the TXT that is there. */
function ownerUnderOneName(
  { configuration }: MigratingRegion,
  instances: readonly ExternalDnsInstance[],
): MigrationAction | undefined {
  const { ownerId, txtPrefix } = configuration.externalDns;
  const owners = instances
    .filter(
      ({ settings }) =>
        settings.ownerId !== ownerId &&
        settings.txtPrefix.toLowerCase() === txtPrefix.toLowerCase() &&
        settings.txtSuffix === "",
    )
    .map(({ settings }) => settings.ownerId);
  if (owners.length === 0) return undefined;
  const holders = [...new Set(owners)].join(", ");
  return action(
    `in fleet.yaml, region ${configuration.name}: a txtPrefix that no instance has. Under the present one stand the TXTs of owner ${holders}: with the owner of fleet.yaml alone its records would be somebody else's. Under a new prefix the TXTs are copied with the new owner`,
  );
}

function instanceText({ cluster, deployment, settings, unknown }: ExternalDnsInstance): string {
  const known = (flag: string, value: string): string => (unknown.includes(flag) ? "cannot be read" : value);
  const affix =
    settings.txtSuffix === "" ? `prefix ${quoted(settings.txtPrefix)}` : `suffix ${quoted(settings.txtSuffix)}`;
  return `${cluster} ${deployment}: owner ${known("txt-owner-id", settings.ownerId)}, ${known("txt-prefix", affix)}`;
}

function quoted(text: string): string {
  return text === "" ? "none" : text;
}

function leftOutTasks({ configuration, leftOut }: MigratingRegion): readonly MigrationTask[] {
  if (leftOut.length === 0) return [];
  const byReason = Map.groupBy(leftOut, ({ reason }) => reason);
  return [
    task(
      { region: configuration.name },
      "look",
      `${counted(leftOut.length, "record")} of other prefixes or owners left as they are`,
      {
        groups: [...byReason].flatMap(([reason, members]) =>
          group(
            reason,
            members.map(({ type, name }) => `${type} ${name}`),
          ),
        ),
      },
    ),
  ];
}
