/**
 * Ownership TXTs that decide about nothing: their record is gone, or is owned by another TXT under the region's prefix. A name
 * can be read in several ways (`cname-api` is about `api`, or about `cname-api`): a TXT is stray only if it is in every one.
 */
import type { RecordSet, RecordSetId } from "../../model/zone-records.ts";
import type { FoundGarbage } from "./found-garbage.ts";
import { isAbout, possibleHosts } from "./ownership.ts";
import { isOursToDelete } from "./ownership-safety.ts";
import type { RegionView } from "./region-view.ts";
import { addressable, type ZoneRecords } from "./zone-records.ts";

export function findStrayOwnership(view: RegionView, txt: RecordSet): FoundGarbage | undefined {
  const { region, records } = view;
  const { ownerId } = records.region.externalDns;
  // Most TXTs stand beside their record. The older format under the region's own prefix stays there too: it goes with the record.
  const own = records.readingsOf(txt.name);
  if (own.some(({ name, type }) => records.get(name, type) !== undefined)) return undefined;
  if (!isOursToDelete(txt, ownerId)) return undefined;
  const readings = readingsOf(txt.name);
  const about = own.length > 0 ? own : readings.filter((one) => isAbout(txt.name, one) === "typed");
  if (about.length === 0 || !about.every(({ name }) => view.isOwnHost(name))) return undefined;
  const possible = [...own, ...readings].filter(({ name }) => mayBeMeant(view, name));
  if (possible.some((one) => mayNeed(view, one))) return undefined;
  const replacedBy = ownedOtherwise(records, possible);
  return {
    kind: replacedBy.length === 0 ? "ownership" : "old-ownership",
    region,
    record: txt,
    txts: [],
    about: replacedBy.length === 0 ? about : [],
    replacedBy,
    endsName: false,
    reason: reasonOf(txt, ownerId, replacedBy),
  };
}

function reasonOf(txt: RecordSet, ownerId: string, [replacedBy]: readonly RecordSet[]): string {
  if (replacedBy === undefined) return `${txt.name} names owner ${ownerId}, and the record that it is about is gone`;
  return (
    `${txt.name} has another prefix than the region, and ${replacedBy.name} owns its record; ` +
    "an ExternalDNS that still has the old prefix would leave the record alone afterwards"
  );
}

/** Every record that a TXT of this name could be about, under whatever prefix. */
function readingsOf(txtName: string): readonly RecordSetId[] {
  return possibleHosts(txtName).flatMap((name) =>
    addressable.flatMap((type) => (isAbout(txtName, { name, type }) === undefined ? [] : [{ name, type }])),
  );
}

/**
 * What follows a dot is read as a host too, up to the name of the zone and beyond it. Nobody meant these: whatever stands at the
 * apex needs no TXT of ours. But a zone can have the name of one host.
 */
function mayBeMeant({ records, isOwnHost }: RegionView, name: string): boolean {
  const zone = records.zoneOf(name);
  return zone !== undefined && (zone.zone !== name || isOwnHost(name));
}

/**
 * A record that could be the TXT's own and has no other, a wanted one that is still to come, or a wildcard: the TXT of
 * `*.cart` has some word for the star (`any.cart`).
 */
function mayNeed({ region, records, isOwnHost, wanted }: RegionView, { name, type }: RecordSetId): boolean {
  const parent = name.slice(name.indexOf(".") + 1);
  if (isOwnHost(parent) && records.at(`*.${parent}`).length > 0) return true;
  const record = records.get(name, type);
  if (record === undefined) {
    const types = wanted.typesAt(region, name);
    return types === "any" || types.has(type);
  }
  if (!isOwnHost(name)) return true;
  const ownership = records.ownershipOf(record);
  return ownership.kind !== "owned" || ownership.text.owner !== records.region.externalDns.ownerId;
}

/** The TXTs that own these records instead, each once. */
function ownedOtherwise(records: ZoneRecords, ids: readonly RecordSetId[]): readonly RecordSet[] {
  const txts = ids.flatMap(({ name, type }) => {
    const record = records.get(name, type);
    const ownership = record === undefined ? undefined : records.ownershipOf(record);
    return ownership?.kind === "owned" ? [ownership.txt] : [];
  });
  return [...new Set(txts)];
}
