/**
 * One ExternalDNS instance: reads the DNSEndpoints of one region in one cluster, writes that region's zone. As measured
 * with the real 0.22: policy upsert-only (never deletes), registry TXT with one owner id per region, a record of another
 * owner or without TXT is left alone, a type never changes, all records are written before the first TXT, a write that
 * Azure refuses is not noticed, and while the API server is away it goes on asserting what it last read.
 */
import type { DnsEndpoint } from "../../../shared/model/cluster-objects.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import { metadataOf } from "./field-ownership.ts";
import { keyOf, labelsOf, parsedOf, type ApiServer } from "./api-server.ts";
import { recordTypes, type RecordToWrite, type Zone } from "./zone.ts";

type Wanted = RecordToWrite & {
  /** `namespace/name` of the DNSEndpoint. */
  readonly resource: string;
};

/** Seconds between a pass's read and its writes: at most this, as handover assumes (10 s). */
export const slowestWriteMs = 8_000;

export class ExternalDns {
  readonly cluster: string;
  readonly region: string;
  readonly ownerId: string;
  /** Whether its Deployment has a replica. */
  running = true;
  #last: readonly Wanted[] = [];
  #lastReadAtMs = 0;

  constructor(cluster: string, region: string, ownerId: string) {
    this.cluster = cluster;
    this.region = region;
    this.ownerId = ownerId;
  }

  clone(): ExternalDns {
    const copy = new ExternalDns(this.cluster, this.region, this.ownerId);
    copy.running = this.running;
    copy.#last = this.#last;
    copy.#lastReadAtMs = this.#lastReadAtMs;
    return copy;
  }

  /**
   * The first half of a pass: it writes into each DNSEndpoint which generation it has read. Without an API server the last
   * answer is kept.
   */
  read(server: ApiServer | undefined, atMs: number): void {
    if (server === undefined || !this.running) return;
    this.#last = wantedRecords(server, this.region);
    this.#lastReadAtMs = atMs;
    for (const object of server.stored("DNSEndpoint")) {
      if (labelsOf(object)["router.io/region"] !== this.region) continue;
      const observedGeneration = metadataOf(object)["generation"];
      server.setStatus("DNSEndpoint", keyOf(object), { observedGeneration }, "external-dns");
    }
  }

  /** The second half, up to some seconds later: whatever was read then is asserted now. */
  write(zone: Zone): void {
    if (!this.running) return;
    const due = this.#last.filter((wanted) => this.#isDue(zone, wanted));
    for (const wanted of due) zone.write(wanted, { writer: this.cluster, readAtMs: this.#lastReadAtMs });
    for (const wanted of due) zone.writeOwnership(wanted, wanted.resource);
  }

  #isDue(zone: Zone, { name, type, targets, ttl }: Wanted): boolean {
    const before = zone.get(name, type);
    if (before === undefined) return true;
    return before.owner === this.ownerId && before.content !== `${type} ${[...targets].sort().join(",")} ${ttl}`;
  }
}

const read = new WeakMap<readonly unknown[], Map<string, readonly Wanted[]>>();

/** The same list gives the same records: lists are made anew with every change. */
function wantedRecords(server: ApiServer, region: string): readonly Wanted[] {
  const list = server.stored("DNSEndpoint");
  const known = read.get(list) ?? new Map<string, readonly Wanted[]>();
  read.set(list, known);
  const before = known.get(region);
  if (before !== undefined) return before;
  const wanted = mergedRecords(list, region);
  known.set(region, wanted);
  return wanted;
}

/** Two DNSEndpoints of one name and type: addresses are merged, of two CNAMEs the smaller target stays (0.22). */
function mergedRecords(list: readonly JsonObject[], region: string): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const object of list) {
    if (labelsOf(object)["router.io/region"] !== region) continue;
    const parsed = parsedOf("DNSEndpoint", object);
    if (!parsed.ok) continue;
    for (const record of parsed.value.spec.endpoints) addRecord(wanted, record, keyOf(object));
  }
  return [...wanted.values()];
}

type EndpointRecord = DnsEndpoint["spec"]["endpoints"][number];

function addRecord(wanted: Map<string, Wanted>, record: EndpointRecord, resource: string): void {
  const { dnsName: name, recordTTL: ttl = 300 } = record;
  const type = recordTypes.find((one) => one === record.recordType);
  if (record.targets.length === 0 || type === undefined) return;
  const key = `${name} ${type}`;
  const before = wanted.get(key);
  if (before === undefined) {
    wanted.set(key, { name, type, targets: record.targets, ttl, resource });
    return;
  }
  const all = [...new Set([...before.targets, ...record.targets])].sort();
  const targets = type === "CNAME" ? all.slice(0, 1) : all;
  wanted.set(key, { ...before, targets });
}
