/** The record sets of a region's zones, by name and type, with the ownership of each. */
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import { zoneOfName, type RecordSet, type RecordSetType, type ZoneSnapshot } from "../../model/zone-records.ts";
import { ownershipNames, ownershipText, possibleHosts, type Ownership } from "./ownership.ts";

const addressable = ["A", "AAAA", "CNAME"] as const satisfies readonly RecordSetType[];

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

export class ZoneRecords {
  readonly region: RegionConfiguration;
  readonly #zones: readonly ZoneSnapshot[];
  /** By type, then name: one lookup per question, and no key to put together for each of a zone's thousands of names. */
  readonly #sets: ReadonlyMap<RecordSetType, Map<string, RecordSet>> = new Map(
    [...addressable, "TXT" as const].map((type) => [type, new Map()]),
  );
  #elsewhere: ReadonlyMap<string, readonly RecordSet[]> | undefined;

  constructor(region: RegionConfiguration, zones: readonly ZoneSnapshot[]) {
    this.region = region;
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
  ownershipOf(record: Pick<RecordSet, "name" | "type">): Ownership {
    const { txtPrefix } = this.region.externalDns;
    for (const name of ownershipNames(txtPrefix, record.type, record.name)) {
      const txt = this.get(name, "TXT");
      if (txt === undefined) continue;
      const [value = ""] = txt.values;
      const text = ownershipText(value);
      return text === undefined ? { kind: "unreadable", txt } : { kind: "owned", text, txt };
    }
    const elsewhere = this.#underOtherPrefix(record);
    return elsewhere === undefined ? { kind: "none" } : { kind: "none", elsewhere };
  }

  #underOtherPrefix({ name, type }: Pick<RecordSet, "name" | "type">) {
    this.#elsewhere ??= byPossibleHost(this.of("TXT"));
    const found = this.#elsewhere.get(name) ?? [];
    // A TXT that names a type is only about records of that type.
    const txt = found.find((candidate) => typeNamed(candidate.name, name) === type.toLowerCase()) ?? found[0];
    const text = txt === undefined ? undefined : ownershipText(txt.values[0] ?? "");
    return txt === undefined || text === undefined ? undefined : { text, txt };
  }
}

function byPossibleHost(sets: Iterable<RecordSet>): ReadonlyMap<string, readonly RecordSet[]> {
  const found = new Map<string, RecordSet[]>();
  for (const set of sets) {
    if (ownershipText(set.values[0] ?? "") === undefined) continue;
    for (const host of possibleHosts(set.name)) {
      const known = found.get(host);
      if (known === undefined) found.set(host, [set]);
      else known.push(set);
    }
  }
  return found;
}

/** The record type that a TXT's name speaks of: `cname` of `x-cname.foo`, `cname-foo`; undefined when it names none. */
function typeNamed(txtName: string, host: string): string | undefined {
  const before = txtName.slice(0, txtName.length - host.length);
  return /(?:^|[^a-z0-9])(aaaa|cname|a)[.-]?$/.exec(before)?.[1];
}
