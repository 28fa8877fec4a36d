/** The record sets of a region's zones, by name and type, with the ownership of each. */
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { RecordSet, RecordSetId, RecordSetType, ZoneSnapshot } from "../../model/zone-records.ts";
import {
  isAbout,
  ownershipNames,
  ownershipText,
  possibleHosts,
  type Ownership,
  type OwnershipText,
} from "./ownership.ts";

export const addressable = ["A", "AAAA", "CNAME"] as const satisfies readonly RecordSetType[];

/** One region's zones, all read, or why not. Zones of several names are one here: a host is in at most one of them. */
export type RegionRecords =
  | { readonly kind: "not-read"; readonly isConfigured: boolean; readonly reason: string }
  | { readonly kind: "read"; readonly readAtMs: number; readonly records: ZoneRecords };

export function regionRecords(region: RegionConfiguration | undefined, zones: readonly ZoneSnapshot[]): RegionRecords {
  if (region === undefined || region.zones.length === 0 || zones.length === 0) {
    return { kind: "not-read", isConfigured: false, reason: "no DNS zone has been read" };
  }
  for (const { zone, listing } of zones) {
    if (listing.read === "complete") continue;
    return { kind: "not-read", isConfigured: true, reason: `zone ${zone} was not read: ${listing.reason}` };
  }
  const readAtMs = Math.min(...zones.map((zone) => zone.readAtMs));
  return { kind: "read", readAtMs, records: new ZoneRecords(region, zones) };
}

/** An ownership TXT that ExternalDNS does not read for this region: it has another prefix. */
export type ForeignPrefixTxt = { readonly text: OwnershipText; readonly txt: RecordSet };

export class ZoneRecords {
  readonly region: RegionConfiguration;
  readonly #zones: readonly ZoneSnapshot[];
  readonly #sets = new Map<string, RecordSet>();
  #dependents: ReadonlyMap<string, readonly RecordSet[]> | undefined;
  #elsewhere: ReadonlyMap<string, readonly ForeignPrefixTxt[]> | undefined;

  constructor(region: RegionConfiguration, zones: readonly ZoneSnapshot[]) {
    this.region = region;
    // The longest name last: of nested zones the inner one answers.
    this.#zones = [...zones].sort((left, right) => left.zone.length - right.zone.length);
    for (const one of this.#zones) {
      if (one.listing.read !== "complete") continue;
      for (const set of one.listing.recordSets) {
        // What an outer zone holds below an inner one is never answered, and no ExternalDNS looks there.
        if (this.zoneOf(set.name) === one) this.#sets.set(setKey(set.name, set.type), set);
      }
    }
  }

  get(name: string, type: RecordSetType): RecordSet | undefined {
    return this.#sets.get(setKey(name, type));
  }

  /** Record sets other than TXT at a name. */
  at(name: string): readonly RecordSet[] {
    return addressable.flatMap((type) => this.get(name, type) ?? []);
  }

  all(): Iterable<RecordSet> {
    return this.#sets.values();
  }

  /** The zone that answers for a name; undefined when none of the region's zones does. */
  zoneOf(name: string): ZoneSnapshot | undefined {
    return this.#zones.findLast(({ zone }) => name === zone || name.endsWith(`.${zone}`));
  }

  /** As the ExternalDNS of this region sees it, with the region's prefix. */
  ownershipOf(record: RecordSetId): Ownership {
    const txt = this.#decisive(record);
    if (txt !== undefined) {
      const text = ownershipText(txt.values[0] ?? "");
      return text === undefined ? { kind: "unreadable", txt } : { kind: "owned", text, txt };
    }
    const [elsewhere] = this.ownedElsewhere(record);
    return elsewhere === undefined ? { kind: "none" } : { kind: "none", elsewhere };
  }

  /** Record sets that a TXT decides about under the region's prefix. */
  dependents(txtName: string): readonly RecordSet[] {
    this.#dependents ??= this.#indexDependents();
    return this.#dependents.get(txtName) ?? [];
  }

  /** Ownership TXTs about a record under other prefixes. Each is about one record: the one that its name fits best. */
  ownedElsewhere({ name, type }: RecordSetId): readonly ForeignPrefixTxt[] {
    this.#elsewhere ??= this.#indexElsewhere();
    return this.#elsewhere.get(setKey(name, type)) ?? [];
  }

  #decisive({ name, type }: RecordSetId): RecordSet | undefined {
    for (const txtName of ownershipNames(this.region.externalDns.txtPrefix, type, name)) {
      const txt = this.get(txtName, "TXT");
      if (txt !== undefined) return txt;
    }
    return undefined;
  }

  #indexDependents(): ReadonlyMap<string, readonly RecordSet[]> {
    const found = new Map<string, RecordSet[]>();
    for (const set of this.#sets.values()) {
      if (set.type === "TXT") continue;
      const txt = this.#decisive(set);
      if (txt !== undefined) append(found, txt.name, set);
    }
    return found;
  }

  #indexElsewhere(): ReadonlyMap<string, readonly ForeignPrefixTxt[]> {
    const found = new Map<string, ForeignPrefixTxt[]>();
    for (const txt of this.#sets.values()) {
      const text = txt.type === "TXT" ? ownershipText(txt.values[0] ?? "") : undefined;
      if (text === undefined || this.dependents(txt.name).length > 0) continue;
      const about = this.#bestFit(txt.name);
      if (about !== undefined) append(found, setKey(about.name, about.type), { text, txt });
    }
    return found;
  }

  /** A name that tells the type beats one that does not, and the longer host the shorter. */
  #bestFit(txtName: string): RecordSet | undefined {
    let untyped: RecordSet | undefined;
    for (const host of possibleHosts(txtName)) {
      for (const record of this.at(host)) {
        const about = isAbout(txtName, record);
        if (about === "typed") return record;
        if (about === "untyped") untyped ??= record;
      }
    }
    return untyped;
  }
}

function setKey(name: string, type: RecordSetType): string {
  return `${type} ${name}`;
}

function append<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [one]);
  else known.push(one);
}
