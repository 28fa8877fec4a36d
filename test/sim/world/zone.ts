/**
 * A private DNS zone as ExternalDNS and its clients see it: one record set per name and type, each with its ownership TXT.
 * The zone in memory behind it is what the product reads and writes through the zone port.
 */
import type { RecordSetType } from "../../../shared/model/zone-records.ts";
import { createMemoryZone, type MemoryZone } from "../../support/zone-port.ts";
import { domain } from "./bodies.ts";

export type ZoneRecord = {
  readonly name: string;
  readonly type: string;
  /** Targets sorted and joined, and the TTL: what is compared. */
  readonly content: string;
  /** Owner id in the ownership TXT; absent when there is none. */
  readonly owner?: string;
  /** Cluster whose ExternalDNS wrote it last. */
  readonly writer: string;
};

export type ZoneWrite = {
  readonly zone: string;
  readonly before?: ZoneRecord;
  readonly after: ZoneRecord;
  /** When the ExternalDNS that writes had read its DNSEndpoints, monotonic ms. */
  readonly readAtMs: number;
};

const RECORD_TYPES: readonly RecordSetType[] = ["A", "AAAA", "CNAME"];
const OWNER = /external-dns\/owner=([^,"]+)/;

export class Zone {
  readonly region: string;
  readonly memory: MemoryZone;
  /** Who wrote a record last, by its etag. */
  readonly #writers: Map<string, string>;
  watch: (write: ZoneWrite) => void = () => {};

  constructor(region: string, memory: MemoryZone = createMemoryZone(domain), writers: Iterable<[string, string]> = []) {
    this.region = region;
    this.memory = memory;
    this.#writers = new Map(writers);
  }

  get records(): readonly ZoneRecord[] {
    return this.memory.recordSets().flatMap(({ name, type }) => this.get(name, type) ?? []);
  }

  get(name: string, type: string): ZoneRecord | undefined {
    const known = RECORD_TYPES.find((one) => one === type);
    const found = known === undefined ? undefined : this.memory.get({ name, type: known });
    if (found === undefined) return undefined;
    const owner = this.memory
      .get(ownershipOf(name, type))
      ?.values.map((value) => OWNER.exec(value)?.[1])
      .find((one) => one !== undefined);
    return {
      name,
      type,
      content: `${type} ${found.values.join(",")} ${found.ttlSeconds}`,
      ...(owner === undefined ? {} : { owner }),
      writer: this.#writers.get(found.etag) ?? "somebody else",
    };
  }

  /** A CNAME excludes every other type of its name, as in any DNS zone. */
  excludes(name: string, type: string): boolean {
    return RECORD_TYPES.some(
      (other) =>
        other !== type && [other, type].includes("CNAME") && this.memory.get({ name, type: other }) !== undefined,
    );
  }

  write(record: ZoneRecord, readAtMs: number): void {
    const { name, type, content, owner, writer } = record;
    const before = this.get(name, type);
    const known = RECORD_TYPES.find((one) => one === type);
    if (known === undefined) throw new Error(`${name} has a type that ExternalDNS does not write: ${type}`);
    const [, values = "", ttl = ""] = content.split(" ");
    const written = this.memory.put({
      name,
      type: known,
      ttlSeconds: Number(ttl),
      values: values.split(","),
      metadata: {},
    });
    this.#writers.set(written.etag, writer);
    if (owner !== undefined) {
      const value = `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=crd/${writer}"`;
      this.memory.put({ ...ownershipOf(name, type), ttlSeconds: 300, values: [value], metadata: {} });
    }
    this.watch({ zone: this.region, ...(before === undefined ? {} : { before }), after: record, readAtMs });
  }

  clone(): Zone {
    return new Zone(this.region, this.memory.copy(), this.#writers);
  }
}

/** With the prefix of the fleet configuration's default. */
function ownershipOf(name: string, type: string): { readonly name: string; readonly type: "TXT" } {
  return { name: `_xdns-${type.toLowerCase()}.${name}`, type: "TXT" };
}
