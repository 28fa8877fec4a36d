/**
 * The simulation's own reading of a zone: what stands at a name and whose it is, by plain rules written a second time, apart
 * from the core. Of what the product says about a zone it tells whether that is so.
 */
import type { RecordSet } from "../../../shared/model/zone-records.ts";
import type { VerificationResult } from "../../../shared/model/verification.ts";
import { oldOwnershipName, ownershipName, recordTypes, type OwnershipProfile } from "../world/zone.ts";

/** `owner`: the region's ExternalDNS instances, somebody else (or a text that nobody can read), or nobody. */
export type Standing = {
  /** Of the record of the type that was asked for; absent when there is none. */
  readonly values?: readonly string[];
  /** A record of another type has the name, which excludes this one. */
  readonly isTaken: boolean;
  readonly owner: "region" | "another" | "nobody";
};

const indexes = new WeakMap<readonly RecordSet[], ReadonlyMap<string, RecordSet>>();

function byTypeAndName(recordSets: readonly RecordSet[]): ReadonlyMap<string, RecordSet> {
  const known = indexes.get(recordSets);
  if (known !== undefined) return known;
  const made = new Map(recordSets.map((set) => [`${set.type} ${set.name}`, set]));
  indexes.set(recordSets, made);
  return made;
}

export function standingAt(
  recordSets: readonly RecordSet[],
  profile: OwnershipProfile,
  asked: { readonly name: string; readonly type: string },
): Standing {
  const { type } = asked;
  const name = asked.name.toLowerCase();
  const sets = byTypeAndName(recordSets);
  const values = sets.get(`${type} ${name}`)?.values;
  const isTaken = recordTypes.some(
    (other) => other !== type && [other, type].includes("CNAME") && sets.has(`${other} ${name}`),
  );
  const typed = sets.get(`TXT ${ownershipName(profile, name, type)}`);
  const old = type === "AAAA" ? undefined : sets.get(`TXT ${oldOwnershipName(profile, name)}`);
  const owner = ownerIn(typed ?? old, profile.ownerId);
  return { ...(values === undefined ? {} : { values }), isTaken, owner };
}

function ownerIn(txt: RecordSet | undefined, ownerId: string): Standing["owner"] {
  if (txt === undefined) return "nobody";
  const [value = ""] = txt.values;
  return value.includes(`external-dns/owner=${ownerId},`) ? "region" : "another";
}

/** What must be said of a name that should lead to these targets; flapping apart, which no single look shows. */
export function resultOf(
  { values, isTaken, owner }: Standing,
  targets: readonly string[],
): Exclude<VerificationResult, "flapping"> {
  if (values === undefined) return isTaken ? "wrong-target" : "missing";
  if (owner === "nobody") return "orphan";
  if (owner === "another") return "foreign-owner";
  return [...values].sort().join() === [...targets].sort().join() ? "verified" : "wrong-target";
}
