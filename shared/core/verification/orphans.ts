/** Records without ownership TXT, which ExternalDNS never touches again: what is missing is the TXT of the region. */
import type { WantedRecord } from "../../model/verification.ts";
import type { RecordSet } from "../../model/zone-records.ts";
import { byText } from "../naming/item-id.ts";
import { contentParts } from "../naming/record-content.ts";
import { newOwnershipValue, ownershipNames } from "./ownership.ts";
import type { Verification } from "./verify-record.ts";

export type Orphan = {
  readonly region: string;
  readonly record: RecordSet;
  /** What has to be written so that ExternalDNS keeps the record again. */
  readonly txtName: string;
  readonly txtValue: string;
  readonly reason: string;
};

/** Only names that somebody wants and a DNSEndpoint publishes: a record that nobody wants is nobody's to adopt. */
export function findOrphans(wanted: Iterable<WantedRecord>, verification: Verification): readonly Orphan[] {
  const found: Orphan[] = [];
  for (const one of wanted) {
    const verdict = verification.verify(one);
    const region = verification.regionOf(one.zone);
    if (verdict.kind === "not-read" || verdict.result !== "orphan" || region.kind === "not-read") continue;
    const { type } = contentParts(one.content);
    const record = region.records.at(one.name).find((candidate) => candidate.type === type);
    const publication = verification.publishedAt(one.zone, one.name).find(({ content }) => content === one.content);
    if (record === undefined || publication === undefined) continue;
    const { ownerId, txtPrefix } = region.records.region.externalDns;
    const [txtName = ""] = ownershipNames(txtPrefix, record.type, record.name);
    found.push({
      region: one.zone,
      record,
      txtName,
      txtValue: newOwnershipValue(ownerId, `crd/${publication.key}`),
      reason: verdict.evidence,
    });
  }
  return found.sort((left, right) => byText(left.region, right.region) || byText(left.txtName, right.txtName));
}
