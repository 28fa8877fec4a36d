/**
 * Ownership TXTs under other prefixes, copied to the region's own: what ExternalDNS needs when the prefix of a region changes,
 * or when its clusters get a common one. Without it every name is orphaned, silently (measured). Nothing is deleted: the TXT
 * of the old prefix stays for an ExternalDNS that still has it.
 */
import type { RecordSet } from "../../model/zone-records.ts";
import type { LeftOut } from "../../model/zone-change.ts";
import { ownershipFault } from "../naming/hosts.ts";
import { byText } from "../naming/item-id.ts";
import { contentParts, destinationOf } from "../naming/record-content.ts";
import { fenceOwner } from "./fence-owner.ts";
import { isOnly } from "./ownership-safety.ts";
import { whereTo, type MissingOwnership } from "./orphans.ts";
import { ownershipNames, withOwner } from "./ownership.ts";
import type { RegionView } from "./region-view.ts";
import { sameTargets } from "./verify-record.ts";
import type { ForeignPrefixTxt } from "./zone-records.ts";

export type OwnershipCopies = { readonly copies: readonly MissingOwnership[]; readonly leftOut: readonly LeftOut[] };

/** @param fromOwners owners besides the region's own whose records become the region's, by a person's word. */
export function findOwnershipCopies(view: RegionView, fromOwners: readonly string[]): OwnershipCopies {
  const { region, records } = view;
  const { ownerId } = records.region.externalDns;
  const copies: MissingOwnership[] = [];
  const leftOut: LeftOut[] = [];
  for (const record of records.records()) {
    const { name, type } = record;
    const ownership = records.ownershipOf(record);
    if (ownership.kind === "owned" && ownership.text.owner !== ownerId && fromOwners.includes(ownership.text.owner)) {
      leftOut.push({ region, name, type, reason: whyNotTaken(ownership) });
    }
    if (ownership.kind !== "none") continue;
    const made = takenFrom(view, record, [ownerId, ...fromOwners]);
    if (typeof made === "string") leftOut.push({ region, name, type, reason: made });
    else if (made !== undefined) copies.push(made);
  }
  return {
    copies: copies.sort((left, right) => byText(left.txtName, right.txtName)),
    leftOut: leftOut.sort((left, right) => byText(left.name, right.name) || byText(left.type, right.type)),
  };
}

function whyNotTaken({ text, txt }: ForeignPrefixTxt): string {
  if (text.owner === fenceOwner) return fenced(txt);
  return `${txt.name} has the region's prefix already, and names owner ${text.owner}; only a TXT of another prefix is copied`;
}

/** Whoever is named to give it away: such a record would get a writer while this product keeps every writer off it. */
function fenced({ name }: RecordSet): string {
  return `${name} names owner ${fenceOwner}: this product itself holds the record, and gives it back when the move ends for which it does`;
}

/** @returns the copy, why there is none, or undefined where no TXT of these owners is about the record. */
function takenFrom(
  view: RegionView,
  record: RecordSet,
  owners: readonly string[],
): MissingOwnership | string | undefined {
  const elsewhere = view.records.ownedElsewhere(record);
  const fence = elsewhere.find(({ text }) => text.owner === fenceOwner);
  if (fence !== undefined) return fenced(fence.txt);
  const from = bestOf(elsewhere, owners);
  return from === undefined ? undefined : copyOf(view, record, from);
}

/** The region's own owner before any other. */
function bestOf(found: readonly ForeignPrefixTxt[], owners: readonly string[]): ForeignPrefixTxt | undefined {
  return owners.flatMap((owner) => found.find(({ text, txt }) => text.owner === owner && isOnly(txt)) ?? [])[0];
}

/** @returns the copy, or why there is none. */
function copyOf(
  { region, records, wanted, isOwnHost }: RegionView,
  record: RecordSet,
  { text, txt }: ForeignPrefixTxt,
): MissingOwnership | string {
  const { ownerId, txtPrefix } = records.region.externalDns;
  const { name, type } = record;
  const contents = wanted.contentsAt(region, name).filter((content) => contentParts(content).type === type);
  // Of the region's own owner, what nobody wants is garbage that only becomes visible; another's is nobody's to give away.
  if (contents.length === 0 && (text.owner !== ownerId || !isOwnHost(name))) {
    return `no DNSEndpoint of the fleet publishes it, so the region's ExternalDNS would own what it knows nothing of`;
  }
  const destinations = [...new Set(contents.map(destinationOf))];
  if (destinations.length > 1) {
    return `it is wanted in ${destinations.length} ways (${destinations.join(" and ")}); ExternalDNS would write them in turn`;
  }
  const fault = ownershipFault(txtPrefix, type, name);
  if (fault !== undefined) return fault;
  const [txtName = ""] = ownershipNames(txtPrefix, type, name);
  const { targets } = contentParts(contents[0] ?? "");
  const redirects = contents.length > 0 && !sameTargets(record, targets);
  return {
    region,
    record,
    txtName,
    txtValue: withOwner(txt.values[0] ?? "", ownerId),
    ttlSeconds: txt.ttlSeconds,
    redirects,
    copiedFrom: txt,
    reason: `the ${type} record ${name} is owned under another prefix (${txt.name}, owner ${text.owner})${whereTo(record, targets, redirects)}`,
  };
}
