/**
 * One zone of the Private DNS server: its record sets, conditional writes as Azure does them, pages, and how often each
 * kind of request was let through. In memory, without I/O; the caller passes the time.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import {
  propertiesOf,
  type RecordSetInput,
  type RecordType,
  type StoredRecordSet,
  type WireProperties,
} from "./record-sets.ts";
import {
  coexistenceRefusal,
  contentRefusal,
  etagMismatch,
  existsAlready,
  MOST_RECORD_SETS_OF_A_ZONE,
  nameRefusal,
  recordSetMissing,
  service,
  type Refusal,
} from "./refusals.ts";

/** Zones of the same name in different resource groups are what regions have. */
export type ZoneAddress = {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** DNS name. */
  readonly zone: string;
};

/** Counted by zone and minute. */
export type Counted = "create" | "update" | "delete" | "get" | "list";

export type Zone = {
  readonly address: ZoneAddress;
  /** Resource id. */
  readonly id: string;
  readonly etag: string;
  /** By `keyOf`. */
  readonly sets: Map<string, StoredRecordSet>;
  /** When requests were let through, epoch ms, of the last minute. */
  readonly passed: Record<Counted, number[]>;
  /** Keys in the order of listings; undefined after a record set came or went. */
  order: readonly string[] | undefined;
};

export type RecordSetKey = { readonly name: string; readonly type: RecordType };

export type Conditions = { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: string | undefined };

export type Change = {
  readonly address: ZoneAddress;
  readonly name: string;
  readonly type: RecordType;
  readonly before: StoredRecordSet | undefined;
  readonly after: StoredRecordSet | undefined;
};

export function isRefusal(outcome: object): outcome is Refusal {
  return "by" in outcome && "status" in outcome;
}

export function createZone(address: ZoneAddress): Zone {
  const { subscription, resourceGroup, zone } = address;
  const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/privateDnsZones/${zone}`;
  const created: Zone = {
    address,
    id,
    etag: randomUUID(),
    sets: new Map(),
    passed: { create: [], update: [], delete: [], get: [], list: [] },
    order: undefined,
  };
  const soaRecord = {
    host: "azureprivatedns.net",
    email: "azureprivatedns-host.microsoft.com",
    serialNumber: 1,
    refreshTime: 3_600,
    retryTime: 300,
    expireTime: 2_419_200,
    minimumTtl: 10,
  };
  store(created, { name: "@", type: "SOA" }, { ttl: 3_600, soaRecord });
  return created;
}

export const keyOf = (key: RecordSetKey): string => `${key.name.toLowerCase()}/${key.type}`;

/** The name of a key, lower case. */
export const nameOfKey = (key: string): string => key.slice(0, key.lastIndexOf("/"));

/** Writes whatever a test wants there, past every rule of Azure. */
export function putDirect(zone: Zone, input: RecordSetInput): StoredRecordSet {
  return store(zone, input, propertiesOf(input), input.isAutoRegistered);
}

/** @returns what was there. */
export function deleteDirect(zone: Zone, key: RecordSetKey): StoredRecordSet | undefined {
  const before = zone.sets.get(keyOf(key));
  zone.sets.delete(keyOf(key));
  zone.order = undefined;
  return before;
}

const RecordSetBody = z.object({
  properties: z
    .object({
      ttl: z.unknown().optional(),
      metadata: z.record(z.string(), z.string()).optional(),
      aRecords: z.array(z.object({ ipv4Address: z.string() })).optional(),
      aaaaRecords: z.array(z.object({ ipv6Address: z.string() })).optional(),
      cnameRecord: z.object({ cname: z.string() }).optional(),
      mxRecords: z.array(z.object({ preference: z.number(), exchange: z.string() })).optional(),
      ptrRecords: z.array(z.object({ ptrdname: z.string() })).optional(),
      soaRecord: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      srvRecords: z
        .array(z.object({ priority: z.number(), weight: z.number(), port: z.number(), target: z.string() }))
        .optional(),
      txtRecords: z.array(z.object({ value: z.array(z.string()) })).optional(),
    })
    .optional(),
});

/** The properties in the body of a write; what Azure computes itself is ignored. `ttl` is unchecked. */
export function parseBody(body: unknown): Partial<WireProperties> | Refusal {
  const read = RecordSetBody.safeParse(body);
  if (!read.success) {
    return { status: 400, code: "InvalidRequestContent", message: read.error.message, by: "gateway" };
  }
  const given = Object.entries(read.data.properties ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** PUT: the whole record set. @param given as the body gives it, `ttl` possibly missing. */
export function put(
  zone: Zone,
  key: RecordSetKey,
  given: Partial<WireProperties>,
  conditions: Conditions,
): Change | Refusal {
  const before = zone.sets.get(keyOf(key));
  const properties = { ...given, ttl: given.ttl ?? Number.NaN };
  const refusal =
    nameRefusal(key.name, zone.address.zone) ??
    contentRefusal(key.name, key.type, properties) ??
    conditionRefusal(key.name, before, conditions) ??
    (before === undefined ? newSetRefusal(zone, key) : undefined);
  if (refusal !== undefined) return refusal;
  return { ...key, address: zone.address, before, after: store(zone, key, properties) };
}

/** PATCH: each property that is given replaces the stored one, lists and metadata as a whole. */
export function patch(
  zone: Zone,
  key: RecordSetKey,
  given: Partial<WireProperties>,
  conditions: Conditions,
): Change | Refusal {
  const before = zone.sets.get(keyOf(key));
  if (before === undefined) return missing(zone, key);
  return put(zone, key, { ...before.properties, ...given }, conditions);
}

/** @returns a change without `before` when there was nothing to delete. */
export function remove(zone: Zone, key: RecordSetKey, conditions: Conditions): Change | Refusal {
  const before = zone.sets.get(keyOf(key));
  const unchanged = { ...key, address: zone.address, before: undefined, after: undefined };
  if (before === undefined) return unchanged;
  if (key.type === "SOA") return service(400, "BadRequest", "The SOA record set cannot be deleted.");
  const refusal = conditionRefusal(key.name, before, conditions);
  if (refusal !== undefined) return refusal;
  deleteDirect(zone, key);
  return { ...unchanged, before };
}

export function missing(zone: Zone, key: RecordSetKey): Refusal {
  return recordSetMissing(key.name, zone.address.resourceGroup, zone.address.subscription);
}

function conditionRefusal(
  name: string,
  before: StoredRecordSet | undefined,
  conditions: Conditions,
): Refusal | undefined {
  const { ifMatch, ifNoneMatch } = conditions;
  // Azure ignores other values of If-None-Match.
  if (ifNoneMatch === "*" && before !== undefined) return existsAlready(name);
  if (ifMatch === undefined || ifMatch === "") return undefined;
  if (before === undefined) return etagMismatch(name);
  return ifMatch === "*" || unquoted(ifMatch) === before.etag ? undefined : etagMismatch(name);
}

const unquoted = (etag: string): string => etag.replaceAll('"', "");

function newSetRefusal(zone: Zone, key: RecordSetKey): Refusal | undefined {
  if (zone.sets.size >= MOST_RECORD_SETS_OF_A_ZONE) {
    return service(409, "Conflict", `The zone cannot hold more than ${MOST_RECORD_SETS_OF_A_ZONE} record sets.`);
  }
  const name = key.name.toLowerCase();
  const others = [...typesAt(zone, name)].filter((type) => type !== key.type);
  return coexistenceRefusal(key.type, others);
}

/** Types that exist at a name (lower case). */
export function typesAt(zone: Zone, name: string): readonly RecordType[] {
  const types: readonly RecordType[] = ["A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT"];
  return types.filter((type) => zone.sets.has(keyOf({ name, type })));
}

function store(zone: Zone, key: RecordSetKey, properties: WireProperties, isAutoRegistered = false): StoredRecordSet {
  const { cnameRecord, ...others } = properties;
  // Azure keeps the target of a CNAME without its trailing dot.
  const cname = cnameRecord === undefined ? {} : { cnameRecord: { cname: cnameRecord.cname.replace(/\.$/, "") } };
  const { name, type } = key;
  const stored = { name, type, etag: randomUUID(), isAutoRegistered, properties: { ...others, ...cname } };
  if (!zone.sets.has(keyOf(key))) zone.order = undefined;
  zone.sets.set(keyOf(key), stored);
  return stored;
}

export type Page = { readonly sets: readonly StoredRecordSet[]; readonly next: string | undefined };

/** In an order that follows neither name nor type, as recorded, but stays the same over pages. */
export function page(
  zone: Zone,
  after: string | undefined,
  size: number,
  isWanted: (set: StoredRecordSet) => boolean,
): Page {
  zone.order ??= [...zone.sets.keys()].map((key) => `${hashOf(key)} ${key}`).toSorted();
  const sets: StoredRecordSet[] = [];
  let last: string | undefined;
  for (let index = after === undefined ? 0 : firstAfter(zone.order, after); index < zone.order.length; index += 1) {
    const entry = zone.order[index] ?? "";
    const set = zone.sets.get(entry.slice(entry.indexOf(" ") + 1));
    if (set === undefined || !isWanted(set)) continue;
    if (sets.length === size) return { sets, next: last };
    sets.push(set);
    last = entry;
  }
  return { sets, next: undefined };
}

/** Position of the first entry behind `after`, which itself may be gone by now. */
function firstAfter(order: readonly string[], after: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((order[middle] ?? "") <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): string {
  let hash = 0x81_1c_9d_c5;
  for (const character of Buffer.from(text)) hash = Math.imul(hash ^ character, 0x01_00_01_93);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
