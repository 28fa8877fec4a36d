/**
 * Record sets of the Private DNS server of the tests: flat as tests write and read them, nested as Azure sends them.
 * Shapes from recordings of the real service (Azure/azure-cli, command_modules/privatedns/tests/latest/recordings).
 */

/** The one of a zone that Azure makes and keeps is the SOA. NS does not exist in private zones. */
export const RECORD_TYPES = ["A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** What Azure calls properties of a record set, without the ones it computes. */
export type WireProperties = {
  readonly ttl: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly aRecords?: readonly { readonly ipv4Address: string }[];
  readonly aaaaRecords?: readonly { readonly ipv6Address: string }[];
  readonly cnameRecord?: { readonly cname: string };
  readonly mxRecords?: readonly { readonly preference: number; readonly exchange: string }[];
  readonly ptrRecords?: readonly { readonly ptrdname: string }[];
  readonly soaRecord?: Readonly<Record<string, string | number>>;
  readonly srvRecords?: readonly {
    readonly priority: number;
    readonly weight: number;
    readonly port: number;
    readonly target: string;
  }[];
  readonly txtRecords?: readonly { readonly value: readonly string[] }[];
};

export type StoredRecordSet = {
  /** Relative to the zone, as it was written; `@` is the apex. */
  readonly name: string;
  readonly type: RecordType;
  /** A bare GUID, as Azure gives it. */
  readonly etag: string;
  /** Written by Azure itself for a virtual machine; a PUT makes it an ordinary one. */
  readonly isAutoRegistered: boolean;
  readonly properties: WireProperties;
};

/** One record set as tests see it. */
export type RecordSetView = {
  /** Relative to the zone; `@` is the apex. */
  readonly name: string;
  readonly type: RecordType;
  readonly ttlSeconds: number;
  /**
   * Sorted. Addresses, the target of a CNAME, the strings of a TXT value joined, `10 mail.example.com` (MX),
   * `0 5 443 host.example.com` (SRV), a name (PTR, SOA).
   */
  readonly values: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string;
};

/** What a test puts into a zone. */
export type RecordSetInput = {
  readonly name: string;
  readonly type: Exclude<RecordType, "SOA">;
  /** Default 300. */
  readonly ttlSeconds?: number;
  readonly values: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly isAutoRegistered?: boolean;
};

/** The most that one string of a TXT value holds. */
export const TXT_STRING_LENGTH = 255;
const DEFAULT_TTL_SECONDS = 300;

export function viewOf(stored: StoredRecordSet): RecordSetView {
  const { name, type, etag, properties } = stored;
  const values = valuesOf(properties).toSorted();
  return { name, type, ttlSeconds: properties.ttl, values, metadata: properties.metadata ?? {}, etag };
}

function valuesOf(properties: WireProperties): readonly string[] {
  return [
    ...(properties.aRecords ?? []).map((record) => record.ipv4Address),
    ...(properties.aaaaRecords ?? []).map((record) => record.ipv6Address),
    ...(properties.cnameRecord === undefined ? [] : [properties.cnameRecord.cname]),
    ...(properties.mxRecords ?? []).map((record) => `${record.preference} ${record.exchange}`),
    ...(properties.ptrRecords ?? []).map((record) => record.ptrdname),
    ...(properties.soaRecord === undefined ? [] : [String(properties.soaRecord["host"])]),
    ...(properties.srvRecords ?? []).map(
      (record) => `${record.priority} ${record.weight} ${record.port} ${record.target}`,
    ),
    ...(properties.txtRecords ?? []).map((record) => record.value.join("")),
  ];
}

/** The properties that a client of Azure would send for it. */
export function propertiesOf(input: RecordSetInput): WireProperties {
  const { values, metadata } = input;
  const common = { ttl: input.ttlSeconds ?? DEFAULT_TTL_SECONDS, ...(metadata === undefined ? {} : { metadata }) };
  switch (input.type) {
    case "A":
      return { ...common, aRecords: values.map((ipv4Address) => ({ ipv4Address })) };
    case "AAAA":
      return { ...common, aaaaRecords: values.map((ipv6Address) => ({ ipv6Address })) };
    case "CNAME":
      return values[0] === undefined ? common : { ...common, cnameRecord: { cname: values[0] } };
    case "TXT":
      return { ...common, txtRecords: values.map((value) => ({ value: inStrings(value) })) };
    case "PTR":
      return { ...common, ptrRecords: values.map((ptrdname) => ({ ptrdname })) };
    case "MX":
      return {
        ...common,
        mxRecords: values.map((value) => {
          const [preference = "", exchange = ""] = value.split(" ");
          return { preference: Number(preference), exchange };
        }),
      };
    case "SRV":
      return {
        ...common,
        srvRecords: values.map((value) => {
          const [priority, weight, port, target = ""] = value.split(" ");
          return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
        }),
      };
  }
}

function inStrings(value: string): readonly string[] {
  const strings: string[] = [];
  for (let start = 0; start < value.length; start += TXT_STRING_LENGTH) {
    strings.push(value.slice(start, start + TXT_STRING_LENGTH));
  }
  return strings.length === 0 ? [""] : strings;
}

/** The list of records as Azure answers it: there even when the record set is empty, except for CNAME and SOA. */
export function listedProperties(type: RecordType, properties: WireProperties): WireProperties {
  switch (type) {
    case "A":
      return { aRecords: [], ...properties };
    case "AAAA":
      return { aaaaRecords: [], ...properties };
    case "MX":
      return { mxRecords: [], ...properties };
    case "PTR":
      return { ptrRecords: [], ...properties };
    case "SRV":
      return { srvRecords: [], ...properties };
    case "TXT":
      return { txtRecords: [], ...properties };
    case "CNAME":
    case "SOA":
      return properties;
  }
}

/** One record set in Azure's JSON. @param zoneId resource id and name of its zone. */
export function wireRecordSet(stored: StoredRecordSet, zone: { readonly id: string; readonly name: string }): object {
  const { name, type, etag, isAutoRegistered } = stored;
  const fqdn = `${name === "@" ? "" : `${name}.`}${zone.name}.`;
  return {
    id: `${zone.id}/${type}/${name}`,
    name,
    type: `Microsoft.Network/privateDnsZones/${type}`,
    etag,
    properties: { ...listedProperties(type, stored.properties), fqdn, isAutoRegistered },
  };
}
