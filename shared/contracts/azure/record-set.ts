/**
 * Record sets as Azure Private DNS writes them down (api-version 2024-06-01), and as the model has them. The fields `ttl`,
 * `aRecords` … stand under `properties` in a REST answer and at the top in what `az` prints and in a zone file.
 * Pure and forgiving only where Azure is: a record set without records is one, another type is none of ours, anything else
 * that is not as expected is a fault, because the zone it stands in must not be taken for read.
 */
import type { JsonObject } from "../../model/json.ts";
import { isInZone, type RecordSet, type RecordSetType, type RecordSetWrite } from "../../model/zone-records.ts";

export const RECORD_SET_TYPES = ["A", "AAAA", "CNAME", "TXT"] as const satisfies readonly RecordSetType[];

/** A string of a TXT record takes 255 bytes; longer values are split and joined again. */
const TXT_STRING_BYTES = 255;

export type ReadRecordSet =
  | { readonly is: "record-set"; readonly recordSet: RecordSet }
  | { readonly is: "other-type" }
  | { readonly is: "fault"; readonly detail: string };

const OTHER: ReadRecordSet = { is: "other-type" };
const TYPES: ReadonlyMap<string, RecordSetType> = new Map(RECORD_SET_TYPES.map((type) => [type, type]));

type Fields = Readonly<Record<string, unknown>>;
const NO_FIELDS: Fields = {};

/** One entry of `value` in a list answer, or the body of a get or put. @param zone DNS name, lower case. */
export function readRecordSet(zone: string, entry: unknown): ReadRecordSet {
  const { name, type, etag, properties } = fieldsOf(entry);
  const known = typeof type === "string" ? recordSetTypeOf(type) : undefined;
  if (known === undefined) return typeof type === "string" ? OTHER : fault("a record set has no type");
  if (typeof name !== "string" || name === "") return fault(`a record set of type ${known} has no name`);
  if (typeof etag !== "string" || etag === "") return fault(`record set ${known} ${name} has no etag`);
  const recordSet = recordSetOf(zone, { name, type: known, etag, fields: fieldsOf(properties) });
  return recordSet === undefined ? fault(`record set ${known} ${name} has no ttl`) : { is: "record-set", recordSet };
}

/** @param parts.fields `ttl`, `metadata` and the records. @returns undefined without a ttl. */
export function recordSetOf(
  zone: string,
  parts: { readonly name: string; readonly type: RecordSetType; readonly etag: string; readonly fields: Fields },
): RecordSet | undefined {
  const { type, etag, fields } = parts;
  if (typeof fields.ttl !== "number") return undefined;
  const values = valuesOf(type, fields);
  return {
    name: wholeName(parts.name, zone),
    type,
    ttlSeconds: fields.ttl,
    values: values.length < 2 ? values : values.toSorted(),
    etag,
    metadata: metadataOf(fields.metadata),
  };
}

/** `Microsoft.Network/privateDnsZones/A` or `A`, in any case; undefined for a type that is not listed here. */
export function recordSetTypeOf(type: string): RecordSetType | undefined {
  return TYPES.get(type.slice(type.lastIndexOf("/") + 1).toUpperCase());
}

/** `@` and relative names to whole ones, lower case. */
export function wholeName(relative: string, zone: string): string {
  return relative === "@" ? zone : `${relative.toLowerCase()}.${zone}`;
}

/** The inverse; undefined when the name does not lie in the zone. */
export function relativeName(name: string, zone: string): string | undefined {
  if (name === zone) return "@";
  return isInZone(name, zone) ? name.slice(0, -zone.length - 1) : undefined;
}

/** `ttl`, `metadata` and the records, as Azure takes them. */
export function recordFieldsOf(write: RecordSetWrite): JsonObject {
  const { ttlSeconds, metadata, type, values } = write;
  return { ttl: ttlSeconds, metadata: { ...metadata }, ...recordsOf(type, values) };
}

/** CNAMEs included, for a zone file that is written whole. */
export function recordsOf(type: RecordSetType, values: readonly string[]): JsonObject {
  switch (type) {
    case "A":
      return { aRecords: values.map((ipv4Address) => ({ ipv4Address })) };
    case "AAAA":
      return { aaaaRecords: values.map((ipv6Address) => ({ ipv6Address })) };
    case "CNAME":
      return values[0] === undefined ? {} : { cnameRecord: { cname: values[0] } };
    case "TXT":
      return { txtRecords: values.map((value) => ({ value: stringsOf(value) })) };
  }
}

function valuesOf(type: RecordSetType, fields: Fields): readonly string[] {
  switch (type) {
    case "A":
      return textsOf(fields.aRecords, "ipv4Address");
    case "AAAA":
      return textsOf(fields.aaaaRecords, "ipv6Address").map((address) => address.toLowerCase());
    case "CNAME": {
      const { cname } = fieldsOf(fields.cnameRecord);
      return typeof cname === "string" && cname !== "" ? [hostName(cname)] : [];
    }
    case "TXT":
      return listOf(fields.txtRecords).map((record) =>
        listOf(fieldsOf(record).value)
          .filter((text) => typeof text === "string")
          .join(""),
      );
  }
}

function hostName(text: string): string {
  const lower = text.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

function textsOf(records: unknown, key: string): readonly string[] {
  return listOf(records).flatMap((record) => {
    const text = fieldsOf(record)[key];
    return typeof text === "string" ? [text] : [];
  });
}

function metadataOf(metadata: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(metadata)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}

/** Whole characters only: a string that ends inside one would not be text any more. */
function stringsOf(value: string): string[] {
  const strings: string[] = [];
  let text = "";
  let bytes = 0;
  for (const character of value) {
    const size = Buffer.byteLength(character);
    if (bytes + size > TXT_STRING_BYTES) {
      strings.push(text);
      text = "";
      bytes = 0;
    }
    text += character;
    bytes += size;
  }
  return [...strings, text];
}

function fault(detail: string): ReadRecordSet {
  return { is: "fault", detail };
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NO_FIELDS;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
