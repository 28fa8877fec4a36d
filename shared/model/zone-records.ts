/** What a DNS zone really contains: record sets as they were read, and what may be written to them. */
import type { ZoneConfiguration } from "./fleet-configuration.ts";

/** The types that matter here; record sets of other types (SOA, MX, SRV …) are not listed. */
export type RecordSetType = "A" | "AAAA" | "CNAME" | "TXT";

export type RecordSet = {
  /** Whole name, lower case, without trailing dot; the apex is the zone's own name. */
  readonly name: string;
  readonly type: RecordSetType;
  readonly ttlSeconds: number;
  /** Addresses, the one target of a CNAME (lower case, without trailing dot), or whole TXT values (strings joined). Sorted. */
  readonly values: readonly string[];
  /** Opaque; changes with every write. Goes back as If-Match. */
  readonly etag: string;
  /** Free key and value pairs at the record set. ExternalDNS wipes them with its next write of that record. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** Names one record set of a zone. */
export type RecordSetId = Pick<RecordSet, "name" | "type">;

/**
 * One record set to write whole. CNAMEs are never written by this product, only deleted.
 * `etag` of the record set as it was read, or `absent`: it must not exist.
 */
export type RecordSetWrite = {
  readonly name: string;
  readonly type: "A" | "AAAA" | "TXT";
  readonly ttlSeconds: number;
  readonly values: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly expected: { readonly etag: string } | "absent";
};

export type RecordSetDelete = RecordSetId & { readonly etag: string };

/**
 * One zone, read to its last page, or not read at all: there is no half of a zone.
 * `code` is the FleetError's code (FORBIDDEN, ZONE_UNREACHABLE …).
 */
export type ZoneListing =
  | { readonly read: "complete"; readonly recordSets: readonly RecordSet[] }
  | { readonly read: "not-read"; readonly code: string; readonly reason: string };

/** A zone of a region at one moment. A region may have several zones, of different names. */
export type ZoneSnapshot = {
  readonly region: string;
  /** DNS name of the zone, lower case. */
  readonly zone: string;
  readonly source: ZoneConfiguration;
  /** When the listing was sent, epoch ms. */
  readonly readAtMs: number;
  readonly listing: ZoneListing;
};

/** Whether a name is the zone's own or lies in it. Both lower case, without trailing dot. */
export function isInZone(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** The zone that answers for a name: of those it lies in, the longest, as a resolver finds it. Undefined: none does. */
export function zoneOfName<Z extends { readonly zone: string }>(name: string, zones: readonly Z[]): Z | undefined {
  return zones.reduce<Z | undefined>(
    (found, one) => (isInZone(name, one.zone) && one.zone.length > (found?.zone.length ?? 0) ? one : found),
    undefined,
  );
}
