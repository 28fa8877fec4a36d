/**
 * Records without ownership TXT, which ExternalDNS never touches again. Writing the region's TXT cures them: from its next
 * pass on ExternalDNS keeps the record as its DNSEndpoint says, whatever it says now.
 */
import type { Fleet } from "../../model/fleet.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { WantedRecord } from "../../model/verification.ts";
import type { LeftOut } from "../../model/zone-change.ts";
import type { RecordSet, RecordSetType } from "../../model/zone-records.ts";
import { byText } from "../naming/item-id.ts";
import { contentParts } from "../naming/record-content.ts";
import { fenceOwner } from "./fence-owner.ts";
import { newOwnershipValue, ownershipNames } from "./ownership.ts";
import type { Publication } from "./published.ts";
import { sameTargets, type Verification } from "./verify-record.ts";
import type { ForeignPrefixTxt, ZoneRecords } from "./zone-records.ts";

/** A TXT that is missing beside a record. */
export type MissingOwnership = {
  readonly region: string;
  readonly record: RecordSet;
  readonly txtName: string;
  readonly txtValue: string;
  readonly ttlSeconds: number;
  /** ExternalDNS will lead the record elsewhere as soon as it owns it. */
  readonly redirects: boolean;
  /** Of an orphan: the first pass that saw it (absent: none has yet), and when its grace time is over. */
  readonly firstSeenAtMs?: number;
  readonly dueAtMs?: number;
  /** The TXT of another prefix that says the same; it stays. */
  readonly copiedFrom?: RecordSet;
  readonly reason: string;
};

/**
 * From the first pass that saw it. ExternalDNS writes a record first and its TXT after it: what is read between the two looks
 * like an orphan, and is none a moment later.
 */
export const orphanGraceMs = 60_000;

/** As ExternalDNS writes it. */
export const ownershipTtlSeconds = 300;

export type Orphans = {
  /** Sorted by region and TXT. */
  readonly missing: readonly MissingOwnership[];
  /** Orphans that get no TXT here, and why; sorted by region, name and type. */
  readonly leftOut: readonly LeftOut[];
};

/**
 * Only names that somebody wants and a DNSEndpoint publishes, in a cluster that was read completely: a record that nobody wants
 * is nobody's to adopt. None that has an ownership TXT under another prefix: that one is copied, or is somebody else's.
 */
export function findOrphans(fleet: Fleet, wanted: Iterable<WantedRecord>, verification: Verification): Orphans {
  const complete = new Set(
    fleet.clusters.filter(({ standing }) => standing.kind === "complete").map(({ name }) => name),
  );
  const found = new Map<string, MissingOwnership>();
  const leftOut = new Map<string, LeftOut>();
  for (const one of wanted) {
    const seen = orphanOf(one, verification);
    if (seen === undefined) continue;
    const { record, records } = seen;
    const { name, type } = record;
    const id = `${one.zone} ${name} ${type}`;
    const [elsewhere] = records.ownedElsewhere(record);
    const publication = verification
      .publishedAt(one.zone, name)
      .find(({ content, cluster }) => content === one.content && complete.has(cluster));
    if (elsewhere !== undefined) {
      leftOut.set(id, { region: one.zone, name, type, reason: toBeCopied(elsewhere, records.region) });
    } else if (publication === undefined) {
      leftOut.set(id, { region: one.zone, name, type, reason: unpublished });
    } else {
      found.set(id, { ...missingTxt(one, seen, publication), ...datesOf(seen, fleet.nowMs) });
    }
  }
  return {
    missing: [...found.values()].sort(
      (left, right) => byText(left.region, right.region) || byText(left.txtName, right.txtName),
    ),
    leftOut: [...leftOut.values()].sort(
      (left, right) =>
        byText(left.region, right.region) || byText(left.name, right.name) || byText(left.type, right.type),
    ),
  };
}

type Orphan = {
  readonly record: RecordSet;
  readonly records: ZoneRecords;
  readonly sinceMs: number;
  /** No pass has seen it before. */
  readonly isNew: boolean;
};

function orphanOf(wanted: WantedRecord, { verify, regionOf }: Verification): Orphan | undefined {
  const verdict = verify(wanted);
  const region = regionOf(wanted.zone);
  if (verdict.kind === "not-read" || verdict.result !== "orphan" || region.kind === "not-read") return undefined;
  const record = region.records.get(wanted.name, contentParts(wanted.content).type as RecordSetType);
  if (record === undefined) return undefined;
  const { sinceMs } = verdict;
  return { record, records: region.records, sinceMs, isNew: sinceMs >= region.readAtMs };
}

function datesOf({ sinceMs, isNew }: Orphan, nowMs: number): Pick<MissingOwnership, "firstSeenAtMs" | "dueAtMs"> {
  return isNew ? { dueAtMs: nowMs + orphanGraceMs } : { firstSeenAtMs: sinceMs, dueAtMs: sinceMs + orphanGraceMs };
}

const unpublished =
  "no DNSEndpoint of a cluster that was read completely publishes it: nobody would keep it as it should be";

function toBeCopied({ text, txt }: ForeignPrefixTxt, { name, externalDns }: RegionConfiguration): string {
  const owned = `it is owned under another prefix (${txt.name}, owner ${text.owner})`;
  if (text.owner === fenceOwner) return `${owned}: this product itself holds it`;
  const whose =
    text.owner === externalDns.ownerId ? "" : ` --from-owner ${text.owner}, if it is to become the region's`;
  return `${owned}: service-router dns copy-ownership --region ${name}${whose}`;
}

function missingTxt(
  { zone, content }: WantedRecord,
  { record, records }: Orphan,
  { key, cluster }: Publication,
): MissingOwnership {
  const { type, targets } = contentParts(content);
  const { ownerId, txtPrefix } = records.region.externalDns;
  const [txtName = ""] = ownershipNames(txtPrefix, record.type, record.name);
  const redirects = !sameTargets(record, targets);
  const published = `DNSEndpoint ${key} of cluster ${cluster} publishes it`;
  return {
    region: zone,
    record,
    txtName,
    txtValue: newOwnershipValue(ownerId, `crd/${key}`),
    ttlSeconds: ownershipTtlSeconds,
    redirects,
    reason: `the ${type} record ${record.name} has no ownership TXT, and ${published}${whereTo(record, targets, redirects)}`,
  };
}

/** What ExternalDNS changes once the record is its own; nothing where it stands as it should. */
export function whereTo({ values }: RecordSet, targets: readonly string[], redirects: boolean): string {
  return redirects ? `; it leads to ${values.join(", ")}, and ExternalDNS will lead it to ${targets.join(", ")}` : "";
}
