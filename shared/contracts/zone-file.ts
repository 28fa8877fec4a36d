/**
 * A zone as a YAML file (docs/reference/zone-file.md): the list of record sets that
 * `az network private-dns record-set list -o yaml` prints, and beside it the file of what was written over it.
 * Every fault is reported with its path; what could not be understood is never left out, because any record could stand
 * there.
 */
import * as z from "zod";
import type { JsonObject } from "../model/json.ts";
import { isInZone, type RecordSet, type RecordSetId, type RecordSetType } from "../model/zone-records.ts";
import { RECORD_SET_TYPES, recordSetOf, recordSetTypeOf, recordsOf, wholeName } from "./azure/record-set.ts";
import { type FaultAt, faultsAt, pathText, wording } from "./issues.ts";

/** A record set of a zone file: it has no etag of its own. */
export type FiledRecordSet = Omit<RecordSet, "etag">;

export type ParsedZoneFile<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly FaultAt[] };

/** `over`: etag of the record set in the zone file that this stands over; absent when it had none of that name and type. */
export type WrittenRecordSet = FiledRecordSet & { readonly over?: string };
export type DeletedRecordSet = RecordSetId & { readonly over: string };
export type WrittenZone = {
  readonly written: readonly WrittenRecordSet[];
  readonly deleted: readonly DeletedRecordSet[];
};

/** Where what is written over a zone file goes: `zones/weu.yaml` → `zones/weu.out.yaml`. */
export function writtenZonePath(file: string): string {
  return `${file.replace(/\.ya?ml$/i, "")}.out.yaml`;
}

/** The record set field that belongs to each type. */
const RECORDS_FIELD = {
  A: "aRecords",
  AAAA: "aaaaRecords",
  CNAME: "cnameRecord",
  TXT: "txtRecords",
} as const satisfies Record<RecordSetType, string>;

/** Types that a private zone may hold and that nothing here looks at. */
const OTHER_TYPES: ReadonlySet<string> = new Set(["MX", "PTR", "SOA", "SRV"]);

/** What `az` prints as well, and what follows from the rest. */
const printedByAz = z.unknown().optional();

const RecordSetWire = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(253)
    .regex(/^(@|[^\s.@]+(\.[^\s.@]+)*)$/, "must be relative to the zone, without final dot; @ is the zone itself"),
  type: z.string(),
  ttl: z.int().min(1).max(2_147_483_647),
  metadata: z.record(z.string(), z.string()).nullish(),
  aRecords: z.array(z.strictObject({ ipv4Address: z.ipv4("must be an IPv4 address") })).nullish(),
  aaaaRecords: z.array(z.strictObject({ ipv6Address: z.ipv6("must be an IPv6 address") })).nullish(),
  cnameRecord: z.strictObject({ cname: z.string().min(1) }).nullish(),
  txtRecords: z.array(z.strictObject({ value: z.array(z.string()) })).nullish(),
  id: printedByAz,
  etag: printedByAz,
  fqdn: printedByAz,
  isAutoRegistered: printedByAz,
  resourceGroup: printedByAz,
  systemData: printedByAz,
});

const over = z.string().min(1);
const WrittenWire = RecordSetWire.extend({ over: over.optional() });
const DeletedWire = z.strictObject({ name: RecordSetWire.shape.name, type: z.string(), over });
const OutWire = z.strictObject({ written: z.array(z.unknown()), deleted: z.array(z.unknown()) });

type RecordSetWire = z.output<typeof RecordSetWire>;

/** @param zone DNS name, lower case. */
export function parseZoneFile(zone: string, value: unknown): ParsedZoneFile<readonly FiledRecordSet[]> {
  if (value === null || value === undefined) {
    return failed([{ path: [], message: "is empty; write [] for a zone without record sets" }]);
  }
  if (!Array.isArray(value)) return failed([{ path: [], message: "must be a list of record sets" }]);
  const read = parseEntries(value, [], (entry) => parseRecordSet(zone, RecordSetWire, entry));
  const faults = [...read.faults, ...conflicts(read.entries, [])];
  return faults.length > 0 ? failed(faults) : { ok: true, value: read.entries.map(({ value: one }) => one) };
}

/** The file beside a zone file. Nobody writes it by hand, but a merge may damage it. */
export function parseWrittenZone(zone: string, value: unknown): ParsedZoneFile<WrittenZone> {
  const outline = OutWire.safeParse(value, { error: wording });
  if (!outline.success) return failed(faultsAt(outline.error, OutWire));
  const written = parseEntries(outline.data.written, ["written"], (entry) => parseRecordSet(zone, WrittenWire, entry));
  const deleted = parseEntries(outline.data.deleted, ["deleted"], (entry) => parseDeleted(zone, entry));
  const faults = [...written.faults, ...deleted.faults, ...conflicts(written.entries, ["written"])];
  if (faults.length > 0) return failed(faults);
  return {
    ok: true,
    value: {
      written: written.entries.map(({ value: one }) => one),
      deleted: deleted.entries.map(({ value: one }) => one),
    },
  };
}

/** A record set to be written as it would be read again, or why no zone could hold it. @param relative its name in the zone. */
export function checkedRecordSet(
  zone: string,
  recordSet: FiledRecordSet,
  relative: string,
): ParsedZoneFile<FiledRecordSet> {
  const read = parseRecordSet(zone, RecordSetWire, recordSetWire(recordSet, relative));
  if (!read.ok) return read;
  return { ok: true, value: read.value ?? recordSet };
}

/** One record set as it stands in a file. @param relative its name in the zone. */
export function recordSetWire(recordSet: FiledRecordSet, relative: string): JsonObject {
  const { type, ttlSeconds, values, metadata } = recordSet;
  return {
    name: relative,
    type,
    ttl: ttlSeconds,
    ...recordsOf(type, values),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata: { ...metadata } }),
  };
}

type Entry<T> = { readonly index: number; readonly value: T };
type Entries<T> = { readonly entries: readonly Entry<T>[]; readonly faults: readonly FaultAt[] };

/** @param parse undefined for an entry that is passed over. */
function parseEntries<T>(
  list: readonly unknown[],
  at: readonly PropertyKey[],
  parse: (entry: unknown) => ParsedZoneFile<T | undefined>,
): Entries<T> {
  const entries: Entry<T>[] = [];
  const faults: FaultAt[] = [];
  for (const [index, entry] of list.entries()) {
    const read = parse(entry);
    if (!read.ok) faults.push(...read.faults.map(({ path, message }) => ({ path: [...at, index, ...path], message })));
    else if (read.value !== undefined) entries.push({ index, value: read.value });
  }
  return { entries, faults };
}

/** Undefined for a type that nothing here looks at; of such an entry nothing else is judged. */
function parseRecordSet(
  zone: string,
  schema: typeof RecordSetWire | typeof WrittenWire,
  entry: unknown,
): ParsedZoneFile<WrittenRecordSet | undefined> {
  const bare = typeOf(entry);
  if (bare !== undefined && OTHER_TYPES.has(bare)) return { ok: true, value: undefined };
  const read = schema.safeParse(entry, { error: wording });
  if (!read.success) return failed(faultsAt(read.error, schema));
  const { name, type: written } = read.data;
  const type = recordSetTypeOf(written);
  if (type === undefined) return failed([typeFault(written)]);
  const strangers = RECORD_SET_TYPES.filter((other) => other !== type && holds(read.data, other)).map((other) => ({
    path: [RECORDS_FIELD[other]],
    message: `does not belong to a record set of type ${type}`,
  }));
  const faults = [...nameFaults(name, zone), ...strangers];
  if (faults.length > 0) return failed(faults);
  const recordSet = recordSetOf(zone, { name, type, etag: "", fields: read.data });
  if (recordSet === undefined) return failed([{ path: ["ttl"], message: "is required" }]);
  const { etag: _, ...filed } = recordSet;
  return { ok: true, value: { ...filed, ...overOf(read.data) } };
}

function parseDeleted(zone: string, entry: unknown): ParsedZoneFile<DeletedRecordSet | undefined> {
  const read = DeletedWire.safeParse(entry, { error: wording });
  if (!read.success) return failed(faultsAt(read.error, DeletedWire));
  const type = recordSetTypeOf(read.data.type);
  if (type === undefined) return failed([typeFault(read.data.type)]);
  return { ok: true, value: { name: wholeName(read.data.name, zone), type, over: read.data.over } };
}

/** Two record sets of one name and type, and a CNAME beside any other type: no zone holds such. */
function conflicts(entries: readonly Entry<FiledRecordSet>[], at: readonly PropertyKey[]): readonly FaultAt[] {
  const byName = new Map<string, Entry<FiledRecordSet>[]>();
  const faults: FaultAt[] = [];
  for (const entry of entries) {
    const { name, type } = entry.value;
    const others = byName.get(name) ?? [];
    const same = others.find(({ value }) => value.type === type);
    const cname = others.find(({ value }) => [value.type, type].includes("CNAME"));
    const path = [...at, entry.index];
    if (same !== undefined) {
      faults.push({
        path,
        message: `is ${type} ${name} once more, after ${pathText([...at, same.index])}; remove one`,
      });
    } else if (cname !== undefined) {
      const where = pathText([...at, cname.index]);
      faults.push({
        path,
        message: `is ${type} ${name} beside ${cname.value.type} at ${where}: a CNAME stands alone`,
      });
    }
    byName.set(name, [...others, entry]);
  }
  return faults;
}

function nameFaults(name: string, zone: string): readonly FaultAt[] {
  if (!isInZone(name.toLowerCase(), zone)) return [];
  return [{ path: ["name"], message: `is relative to the zone: leave out .${zone}, or write @ for the zone itself` }];
}

function holds(wire: RecordSetWire, type: RecordSetType): boolean {
  const records = wire[RECORDS_FIELD[type]];
  return Array.isArray(records) ? records.length > 0 : records !== null && records !== undefined;
}

function overOf(wire: object): { readonly over?: string } {
  return "over" in wire && typeof wire.over === "string" ? { over: wire.over } : {};
}

function typeOf(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null || !("type" in entry) || typeof entry.type !== "string")
    return undefined;
  return entry.type.slice(entry.type.lastIndexOf("/") + 1).toUpperCase();
}

function typeFault(type: string): FaultAt {
  const known = [...RECORD_SET_TYPES, ...OTHER_TYPES].join(", ");
  return { path: ["type"], message: `is ${JSON.stringify(type)}; known are ${known}` };
}

function failed(faults: readonly FaultAt[]): { readonly ok: false; readonly faults: readonly FaultAt[] } {
  return { ok: false, faults };
}
