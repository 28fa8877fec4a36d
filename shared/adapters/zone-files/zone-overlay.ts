/**
 * A zone as its file shows it: the record sets of the file, and over them what was written to the file beside it.
 * Pure. What was written counts only over the record set that it was written over, so that a later edit of the zone file is
 * seen; what counts no more is left out with the next write.
 */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { relativeName } from "../../contracts/azure/record-set.ts";
import {
  type DeletedRecordSet,
  type FiledRecordSet,
  recordSetWire,
  type WrittenRecordSet,
  type WrittenZone,
} from "../../contracts/zone-file.ts";
import type { JsonObject } from "../../model/json.ts";
import type { RecordSet, RecordSetId } from "../../model/zone-records.ts";

/** By `keyOf`. */
export type RecordSets = ReadonlyMap<string, RecordSet>;

export type ZoneReading = {
  /** The zone file alone. */
  readonly source: RecordSets;
  /** What counts of the file beside it, in the form in which it goes back. */
  readonly written: WrittenZone;
  /** Both together: the zone. */
  readonly current: RecordSets;
};

export function keyOf({ name, type }: RecordSetId): string {
  return `${name} ${type}`;
}

export function overlaid(filed: readonly FiledRecordSet[], beside: WrittenZone): ZoneReading {
  const source = new Map(filed.map((one) => [keyOf(one), withEtag(one)]));
  const counts = (one: RecordSetId & { readonly over?: string }): boolean => source.get(keyOf(one))?.etag === one.over;
  const written = { written: beside.written.filter(counts), deleted: beside.deleted.filter(counts) };
  const current = new Map(source);
  for (const one of written.deleted) current.delete(keyOf(one));
  for (const one of written.written) current.set(keyOf(one), withEtag(one));
  return { source, written, current };
}

/** The file beside the zone file after one record set was written (`recordSet`) or deleted (undefined). */
export function changed(reading: ZoneReading, id: RecordSetId, recordSet: FiledRecordSet | undefined): WrittenZone {
  const { source, written } = reading;
  const key = keyOf(id);
  const over = source.get(key)?.etag;
  const others = written.written.filter((one) => keyOf(one) !== key);
  const deleted = written.deleted.filter((one) => keyOf(one) !== key);
  if (recordSet !== undefined) {
    const { name, type, ttlSeconds, values, metadata } = recordSet;
    const one: WrittenRecordSet = {
      name,
      type,
      ttlSeconds,
      values,
      metadata,
      ...(over === undefined ? {} : { over }),
    };
    return { written: [...others, one], deleted };
  }
  const tombstone: readonly DeletedRecordSet[] = over === undefined ? [] : [{ name: id.name, type: id.type, over }];
  return { written: others, deleted: [...deleted, ...tombstone] };
}

const NOTE =
  "# Generated. What service-router wrote over the zone file beside this one, which stays as it is.\n" +
  "# An entry counts as long as the record set of the zone file that it was written over (`over`) is as it was then.\n";

/** Sorted, so that the same content gives the same text. */
export function writtenText(zone: string, { written, deleted }: WrittenZone): string {
  const wire = (one: WrittenRecordSet): JsonObject => ({
    ...recordSetWire(one, nameIn(zone, one)),
    ...(one.over === undefined ? {} : { over: one.over }),
  });
  const body = {
    written: sorted(written).map(wire),
    deleted: sorted(deleted).map((one) => ({ name: nameIn(zone, one), type: one.type, over: one.over })),
  };
  return `${NOTE}${stringify(body, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** By name, then type. */
export function sorted<T extends RecordSetId>(recordSets: Iterable<T>): readonly T[] {
  return [...recordSets].sort((left, right) => {
    if (left.name !== right.name) return left.name < right.name ? -1 : 1;
    return left.type < right.type ? -1 : 1;
  });
}

function nameIn(zone: string, { name }: RecordSetId): string {
  return relativeName(name, zone) ?? name;
}

/** The etag is a hash of the content: it changes when the content does. */
export function withEtag(recordSet: FiledRecordSet): RecordSet {
  const { name, type, ttlSeconds, values, metadata } = recordSet;
  const sortedMetadata = Object.entries(metadata).sort(([left], [right]) => (left < right ? -1 : 1));
  const content = JSON.stringify([name, type, ttlSeconds, values, sortedMetadata]);
  const etag = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return { name, type, ttlSeconds, values, etag, metadata };
}
