/** Every record set of a zone, to the last page, or an error: what is missing from half a list would look deleted. */
import { readRecordSet } from "../../contracts/azure/record-set.ts";
import type { RecordSet } from "../../model/zone-records.ts";
import { readPages, type PagedList } from "./read-pages.ts";
import { unusable } from "./zone-errors.ts";

export type ZoneToRead = Omit<PagedList, "of">;

/** Sorted by name and type. A record set that stands on two pages, because others came and went, counts as last seen. */
export async function readWholeZone(zone: ZoneToRead, signal: AbortSignal): Promise<readonly RecordSet[]> {
  const { address } = zone;
  const found = new Map<string, RecordSet>();
  for await (const entries of readPages({ ...zone, of: "record sets" }, signal)) {
    for (const entry of entries) {
      const read = readRecordSet(address.zone, entry);
      if (read.is === "fault") throw unusable(address, read.detail);
      // A space sorts before every character of a name, so that keys sort by name, then type.
      if (read.is === "record-set") found.set(`${read.recordSet.name} ${read.recordSet.type}`, read.recordSet);
    }
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}
