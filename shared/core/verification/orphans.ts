/**
 * Records without ownership TXT, which ExternalDNS never touches again. Writing the region's TXT cures them: from its next
 * pass on ExternalDNS keeps the record as its DNSEndpoint says, whatever it says now.
 */
import type { Fleet } from "../../model/fleet.ts";
import type { WantedRecord } from "../../model/verification.ts";
import type { RecordSet, RecordSetType } from "../../model/zone-records.ts";
import { byText } from "../naming/item-id.ts";
import { contentParts } from "../naming/record-content.ts";
import { newOwnershipValue, ownershipNames } from "./ownership.ts";
import { sameTargets, type Verification } from "./verify-record.ts";

/** A TXT that is missing beside a record. */
export type MissingOwnership = {
  readonly region: string;
  readonly record: RecordSet;
  readonly txtName: string;
  readonly txtValue: string;
  readonly ttlSeconds: number;
  /** ExternalDNS will lead the record elsewhere as soon as it owns it. */
  readonly redirects: boolean;
  /** The TXT of another prefix that says the same; it stays. */
  readonly copiedFrom?: RecordSet;
  readonly reason: string;
};

/** As ExternalDNS writes it. */
export const ownershipTtlSeconds = 300;

/**
 * Only names that somebody wants and a DNSEndpoint publishes, in a cluster that was read completely: a record that nobody wants
 * is nobody's to adopt. None that has an ownership TXT under another prefix: that one is copied, or is somebody else's.
 */
export function findOrphans(
  fleet: Fleet,
  wanted: Iterable<WantedRecord>,
  { verify, regionOf, publishedAt }: Verification,
): readonly MissingOwnership[] {
  const complete = new Set(
    fleet.clusters.filter(({ standing }) => standing.kind === "complete").map(({ name }) => name),
  );
  const found = new Map<string, MissingOwnership>();
  for (const one of wanted) {
    const verdict = verify(one);
    const region = regionOf(one.zone);
    if (verdict.kind === "not-read" || verdict.result !== "orphan" || region.kind === "not-read") continue;
    const { type, targets } = contentParts(one.content);
    const record = region.records.get(one.name, type as RecordSetType);
    if (record === undefined || region.records.ownedElsewhere(record).length > 0) continue;
    const publication = publishedAt(one.zone, one.name).find(
      ({ content, cluster }) => content === one.content && complete.has(cluster),
    );
    if (publication === undefined) continue;
    const { ownerId, txtPrefix } = region.records.region.externalDns;
    const [txtName = ""] = ownershipNames(txtPrefix, record.type, record.name);
    const redirects = !sameTargets(record, targets);
    const published = `DNSEndpoint ${publication.key} of cluster ${publication.cluster} publishes it`;
    found.set(`${one.zone} ${txtName}`, {
      region: one.zone,
      record,
      txtName,
      txtValue: newOwnershipValue(ownerId, `crd/${publication.key}`),
      ttlSeconds: ownershipTtlSeconds,
      redirects,
      reason: `the ${type} record ${record.name} has no ownership TXT, and ${published}${whereTo(record, targets, redirects)}`,
    });
  }
  return [...found.values()].sort(
    (left, right) => byText(left.region, right.region) || byText(left.txtName, right.txtName),
  );
}

/** What ExternalDNS changes once the record is its own; nothing where it stands as it should. */
export function whereTo({ values }: RecordSet, targets: readonly string[], redirects: boolean): string {
  return redirects ? `; it leads to ${values.join(", ")}, and ExternalDNS will lead it to ${targets.join(", ")}` : "";
}
