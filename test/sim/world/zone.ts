/**
 * A private DNS zone as ExternalDNS, people and the product see it: record sets with etags, among them the ownership TXTs,
 * in the zone in memory that passes the contract suite of ZonePort. And what is wrong with it: how a list of it is answered,
 * and how many more creates Azure takes.
 */
import type { RecordSet, RecordSetType } from "../../../shared/model/zone-records.ts";
import { createMemoryZone, filed, type MemoryZone, type RecordSetParts } from "../../support/zone-port.ts";
import { domain } from "./bodies.ts";

/** What all ExternalDNS instances of the region were told. */
export type OwnershipProfile = { readonly ownerId: string; readonly txtPrefix: string };

/**
 * How the product's list of the zone is answered. `stale`: as the list before, though more was written since; `cut`: a page
 * fails; `hanging`: no answer until the product gives up.
 */
export type ZoneAnswer = "whole" | "stale" | "forbidden" | "missing" | "away" | "throttled" | "cut" | "hanging";

export type ZoneRecord = {
  readonly name: string;
  readonly type: string;
  /** Targets sorted and joined, and the TTL: what is compared. */
  readonly content: string;
  /** Owner id in the ownership TXT that decides; absent when there is none that can be read. */
  readonly owner?: string;
  /** Cluster whose ExternalDNS wrote it last. */
  readonly writer: string;
};

/** A record written by an ExternalDNS. */
export type ZoneWrite = {
  readonly zone: string;
  readonly before?: ZoneRecord;
  readonly after: ZoneRecord;
  /** When the ExternalDNS that writes had read its DNSEndpoints, monotonic ms. */
  readonly readAtMs: number;
};

/** What an ExternalDNS writes: type, targets and TTL, and whose DNSEndpoint they come from. */
export type RecordToWrite = {
  readonly name: string;
  readonly type: RecordSetType;
  readonly targets: readonly string[];
  readonly ttl: number;
};

export const recordTypes = ["A", "AAAA", "CNAME"] as const satisfies readonly RecordSetType[];
const ownerField = /external-dns\/owner=([^,"]+)/;

/** Writer of a record that no ExternalDNS wrote, or that was changed by hand since. */
export const byHand = "somebody";

type Parts = {
  readonly dnsName?: string;
  readonly memory?: MemoryZone;
  readonly writers?: Iterable<readonly [string, string]>;
};

export class Zone {
  readonly region: string;
  readonly dnsName: string;
  readonly profile: OwnershipProfile;
  readonly memory: MemoryZone;
  /** Who wrote a record last, by its etag. */
  readonly #writers: Map<string, string>;
  #listed: readonly RecordSet[] = [];
  answer: ZoneAnswer = "whole";
  /** Share of lists that fail by themselves. */
  flakiness = 0;
  /** Creates that Azure takes before it answers 429 to the next one. */
  createsLeft = Infinity;
  watch: (write: ZoneWrite) => void = () => {};

  constructor(region: string, profile: OwnershipProfile, { dnsName = domain, memory, writers = [] }: Parts = {}) {
    this.region = region;
    this.dnsName = dnsName;
    this.profile = profile;
    this.memory = memory ?? createMemoryZone(dnsName);
    this.#writers = new Map(writers);
  }

  get records(): readonly ZoneRecord[] {
    return this.memory.recordSets().flatMap((set) => (set.type === "TXT" ? [] : [this.#recordOf(set)]));
  }

  get(name: string, type: string): ZoneRecord | undefined {
    const known = recordTypes.find((one) => one === type);
    // DNS knows no case, and neither does the zone.
    const found = known === undefined ? undefined : this.memory.get({ name: name.toLowerCase(), type: known });
    return found === undefined ? undefined : this.#recordOf(found);
  }

  #recordOf(found: RecordSet): ZoneRecord {
    const { name, type, values, ttlSeconds, etag } = found;
    const owner = this.ownerOf(found);
    return {
      name,
      type,
      content: `${type} ${values.join(",")} ${ttlSeconds}`,
      ...(owner === undefined ? {} : { owner }),
      writer: this.#writers.get(etag) ?? byHand,
    };
  }

  /** The TXT that decides about a record, as ExternalDNS looks for it: the typed name, else the old one, which AAAA never had. */
  ownershipOf({ name, type }: { readonly name: string; readonly type: string }): RecordSet | undefined {
    const typed = this.memory.get({ name: ownershipName(this.profile, name, type), type: "TXT" });
    if (typed !== undefined || type === "AAAA") return typed;
    return this.memory.get({ name: oldOwnershipName(this.profile, name), type: "TXT" });
  }

  /** Undefined: nobody's, as ExternalDNS sees it. */
  ownerOf(record: { readonly name: string; readonly type: string }): string | undefined {
    const [value = ""] = this.ownershipOf(record)?.values ?? [];
    return ownerField.exec(value)?.[1];
  }

  /** A CNAME excludes every other type of its name, as in any DNS zone. */
  excludes(name: string, type: string): boolean {
    return recordTypes.some(
      (other) => other !== type && [other, type].includes("CNAME") && this.get(name, other) !== undefined,
    );
  }

  /** One PUT of an ExternalDNS. @returns false when Azure refused it: throttled, or another type has the name. */
  write(record: RecordToWrite, { writer, readAtMs }: { readonly writer: string; readonly readAtMs: number }): boolean {
    const { name, type, targets, ttl } = record;
    const before = this.get(name, type);
    if (this.excludes(name, type) || (before === undefined && !this.#admitsCreate())) return false;
    const written = this.memory.put(filed({ name, type, values: targets, ttlSeconds: ttl }));
    this.#writers.set(written.etag, writer);
    const after = this.#recordOf(written);
    this.watch({ zone: this.region, ...(before === undefined ? {} : { before }), after, readAtMs });
    return true;
  }

  /** The TXT beside a record: one that exists stays, whosever it is. @param resource `namespace/name` of the DNSEndpoint. */
  writeOwnership({ name, type }: RecordToWrite, resource: string): void {
    if (this.ownershipOf({ name, type }) !== undefined || !this.#admitsCreate()) return;
    this.own({ name, type }, { resource });
  }

  #admitsCreate(): boolean {
    this.createsLeft -= 1;
    return this.createsLeft >= 0;
  }

  /** Writes the TXT of a record, whatever stood there. @param owner the region's unless said. */
  own(
    record: { readonly name: string; readonly type: string },
    { resource = "team-a/api", owner = this.profile.ownerId }: { readonly resource?: string; readonly owner?: string },
  ): void {
    const value = `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=crd/${resource}"`;
    const name = this.ownershipOf(record)?.name ?? ownershipName(this.profile, record.name, record.type);
    this.edit({ name, type: "TXT", values: [value] });
  }

  /** Somebody writes a record set. */
  edit(set: RecordSetParts): void {
    this.memory.put(filed(set));
  }

  /** What a list of the product is given: as it is now, or as the list before. */
  list(): readonly RecordSet[] {
    if (this.answer !== "stale") this.#listed = this.memory.recordSets();
    return this.#listed;
  }

  heal(): void {
    this.answer = "whole";
    this.flakiness = 0;
    this.createsLeft = Infinity;
  }

  clone(): Zone {
    const { dnsName, memory } = this;
    const copy = new Zone(this.region, this.profile, { dnsName, memory: memory.copy(), writers: this.#writers });
    copy.#listed = this.#listed;
    copy.answer = this.answer;
    copy.flakiness = this.flakiness;
    copy.createsLeft = this.createsLeft;
    return copy;
  }
}

/** As 0.16 and later name it. */
export function ownershipName({ txtPrefix }: OwnershipProfile, name: string, type: string): string {
  const [before = "", after] = txtPrefix.split("%{record_type}");
  const kind = type.toLowerCase();
  return (after === undefined ? `${before}${kind}-${name}` : `${before}${kind}${after}${name}`).toLowerCase();
}

/** As versions before 0.12 named it, and later ones beside the typed one. */
export function oldOwnershipName({ txtPrefix }: OwnershipProfile, name: string): string {
  return (txtPrefix.split("%{record_type}").join("") + name).toLowerCase();
}
