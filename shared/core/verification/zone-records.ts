/** The record sets of a region's zones, by name and type, with the ownership of each. */
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import {
  zoneOfName,
  type RecordSet,
  type RecordSetId,
  type RecordSetType,
  type ZoneSnapshot,
} from "../../model/zone-records.ts";
import {
  isAbout,
  ownershipNames,
  ownershipText,
  possibleHosts,
  recordsUnder,
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
  /** By type, then name: one lookup per question, and no key to put together for each of a zone's thousands of names. */
  readonly #sets: ReadonlyMap<RecordSetType, Map<string, RecordSet>> = new Map(
    [...addressable, "TXT" as const].map((type) => [type, new Map()]),
  );
  readonly #underPrefix: (txtName: string) => readonly RecordSetId[];
  #elsewhere: ReadonlyMap<RecordSet, readonly ForeignPrefixTxt[]> | undefined;

  constructor(region: RegionConfiguration, zones: readonly ZoneSnapshot[]) {
    this.region = region;
    this.#underPrefix = recordsUnder(region.externalDns.txtPrefix);
    this.#zones = zones;
    for (const zone of zones) {
      if (zone.listing.read !== "complete") continue;
      for (const set of zone.listing.recordSets) {
        // Of nested zones the inner one answers: what stands in the outer one under its names is never asked for.
        if (zones.length > 1 && zoneOfName(set.name, zones) !== zone) continue;
        this.#sets.get(set.type)?.set(set.name, set);
      }
    }
  }

  get(name: string, type: RecordSetType): RecordSet | undefined {
    return this.#sets.get(type)?.get(name);
  }

  /** Record sets other than TXT at a name. */
  at(name: string): readonly RecordSet[] {
    return addressable.flatMap((type) => this.get(name, type) ?? []);
  }

  /** Of one type. */
  of(type: RecordSetType): Iterable<RecordSet> {
    return this.#sets.get(type)?.values() ?? [];
  }

  /** Record sets other than TXT. */
  *records(): Generator<RecordSet> {
    for (const type of addressable) yield* this.of(type);
  }

  /** The zone that answers for a name; undefined when none of the region's zones does. */
  zoneOf(name: string): ZoneSnapshot | undefined {
    return zoneOfName(name, this.#zones);
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

  /** Records, there or not, that a TXT of this name would be about under the region's prefix. */
  readingsOf(txtName: string): readonly RecordSetId[] {
    return this.#underPrefix(txtName);
  }

  /** Records that this TXT decides about, as the ExternalDNS of this region sees it. */
  dependents(txt: RecordSet): readonly RecordSet[] {
    return this.readingsOf(txt.name).flatMap((id) => {
      const record = this.get(id.name, id.type);
      return record !== undefined && this.#decisive(record) === txt ? [record] : [];
    });
  }

  /** Ownership TXTs about a record under other prefixes. Each is about one record: the one that its name fits best. */
  ownedElsewhere({ name, type }: RecordSetId): readonly ForeignPrefixTxt[] {
    this.#elsewhere ??= this.#indexElsewhere();
    const record = this.get(name, type);
    return (record === undefined ? undefined : this.#elsewhere.get(record)) ?? [];
  }

  #decisive({ name, type }: RecordSetId): RecordSet | undefined {
    for (const txtName of ownershipNames(this.region.externalDns.txtPrefix, type, name)) {
      const txt = this.get(txtName, "TXT");
      if (txt !== undefined) return txt;
    }
    return undefined;
  }

  #indexElsewhere(): ReadonlyMap<RecordSet, readonly ForeignPrefixTxt[]> {
    const found = new Map<RecordSet, ForeignPrefixTxt[]>();
    for (const txt of this.of("TXT")) {
      const text = ownershipText(txt.values[0] ?? "");
      if (text === undefined || this.dependents(txt).length > 0) continue;
      const about = this.#bestFit(txt.name);
      if (about === undefined) continue;
      const known = found.get(about);
      if (known === undefined) found.set(about, [{ text, txt }]);
      else known.push({ text, txt });
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
