/** A private DNS zone as ExternalDNS and its clients see it: one record set per name and type, each with its ownership TXT. */

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

export class Zone {
  readonly region: string;
  readonly #records = new Map<string, ZoneRecord>();
  watch: (write: ZoneWrite) => void = () => {};

  constructor(region: string) {
    this.region = region;
  }

  get records(): readonly ZoneRecord[] {
    return [...this.#records.values()];
  }

  get(name: string, type: string): ZoneRecord | undefined {
    return this.#records.get(`${name} ${type}`);
  }

  /** A CNAME excludes every other type of its name, as in any DNS zone. */
  excludes(name: string, type: string): boolean {
    return this.records.some(
      (record) => record.name === name && record.type !== type && [record.type, type].includes("CNAME"),
    );
  }

  write(record: ZoneRecord, readAtMs: number): void {
    const before = this.get(record.name, record.type);
    this.#records.set(`${record.name} ${record.type}`, record);
    this.watch({ zone: this.region, ...(before === undefined ? {} : { before }), after: record, readAtMs });
  }

  clone(): Zone {
    const copy = new Zone(this.region);
    for (const [key, record] of this.#records) copy.#records.set(key, record);
    return copy;
  }
}
