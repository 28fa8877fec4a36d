/**
 * Who owns a record, as ExternalDNS reads it: by the TXT beside it, in every format that 0.12 to 0.22 wrote.
 * Source of the rules: external-dns registry/mapper and registry/txt; measured with 0.20 and 0.22.
 */
import type { RecordSet, RecordSetId, RecordSetType } from "../../model/zone-records.ts";
import { ownershipName } from "../naming/hosts.ts";

export type OwnershipText = {
  readonly owner: string;
  /** `crd/<namespace>/<name>` of the DNSEndpoint that the record came from. It goes stale while the record lives. */
  readonly resource?: string;
};

/**
 * - `owned`: the TXT that decides names this owner. - `unreadable`: it is there, but is no ownership text, or an encrypted one.
 * - `none`: ExternalDNS takes the record for nobody's; `elsewhere` is the TXT of another prefix, where there is one.
 */
export type Ownership =
  | { readonly kind: "owned"; readonly text: OwnershipText; readonly txt: RecordSet }
  | { readonly kind: "unreadable"; readonly txt: RecordSet }
  | { readonly kind: "none"; readonly elsewhere?: { readonly text: OwnershipText; readonly txt: RecordSet } };

/** The value of a TXT, quotes included or not; undefined when it is no ownership text. */
export function ownershipText(value: string): OwnershipText | undefined {
  if (!heritage.test(value)) return undefined;
  const owner = ownerField.exec(value)?.[1];
  if (owner === undefined) return undefined;
  const resource = resourceField.exec(value)?.[1];
  return resource === undefined ? { owner } : { owner, resource };
}

// Comma-separated fields, in quotes or not, in any order.
const heritage = /(?:^|[",])heritage=external-dns(?=[",]|$)/;
const ownerField = /[",]external-dns\/owner=([^",]*)/;
const resourceField = /[",]external-dns\/resource=([^",]*)/;

/** The same text with another owner: heritage, labels and their order stay, as ExternalDNS would write them. */
export function withOwner(value: string, owner: string): string {
  return value.replace(/external-dns\/owner=[^,"]*/, `external-dns/owner=${owner}`);
}

/** A new ownership text, quotes included, as ExternalDNS writes it. */
export function newOwnershipValue(owner: string, resource: string): string {
  return `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=${resource}"`;
}

/** Names of the TXTs that decide about a record, the first that exists does: typed, then untyped (which AAAA never had). */
export function ownershipNames(txtPrefix: string, type: RecordSetType, host: string): readonly string[] {
  const typed = ownershipName(txtPrefix, type, host);
  const untyped = txtPrefix.toLowerCase().replace("%{record_type}", "") + host;
  return type === "AAAA" || untyped === host ? withBare(typed, type, untyped === host, host) : [typed, untyped];
}

/** Without a prefix the untyped TXT has the name of the record itself, which only an address record can share. */
function withBare(typed: string, type: RecordSetType, isBare: boolean, host: string): readonly string[] {
  return isBare && type === "A" ? [typed, host] : [typed];
}

/**
 * Records that a TXT would decide about under a prefix, by its name alone and in every way in which it can be read: the other
 * direction of `ownershipNames`. They need not exist. For a prefix, because every TXT of a zone is asked about.
 */
export function recordsUnder(txtPrefix: string): (txtName: string) => readonly RecordSetId[] {
  const starts = (["CNAME", "A", "AAAA"] as const).map((type) => [type, ownershipName(txtPrefix, type, "")] as const);
  const untyped = txtPrefix.toLowerCase().replace("%{record_type}", "");
  const older = untyped === "" ? (["A"] as const) : (["CNAME", "A"] as const);
  return (txtName) => {
    const found: RecordSetId[] = [];
    for (const [type, start] of starts) {
      if (isAfter(txtName, start)) found.push({ name: txtName.slice(start.length), type });
    }
    if (!isAfter(txtName, untyped)) return found;
    const name = txtName.slice(untyped.length);
    return [...found, ...older.map((type) => ({ name, type }))];
  };
}

function isAfter(text: string, start: string): boolean {
  return text.length > start.length && text.startsWith(start);
}

/**
 * Hosts that an ownership TXT of any prefix may be about, the longest first: its own name (without prefix, beside an address),
 * what follows a dot, and what follows `a-`, `aaaa-` or `cname-` (`x-cname-api`). For telling that a record is owned under
 * another prefix, never for deciding who owns it.
 */
export function possibleHosts(txtName: string): readonly string[] {
  const starts = new Set([0]);
  for (const { index, 0: dot } of txtName.matchAll(/\./g)) starts.add(index + dot.length);
  // The type begins where nothing but a separator stands before it; a look behind, so that two may follow each other.
  for (const { index, 0: type } of txtName.matchAll(/(?<![a-z0-9])(?:aaaa|cname|a)[_-]/g))
    starts.add(index + type.length);
  return [...starts]
    .sort((left, right) => left - right)
    .flatMap((at) => (at < txtName.length ? [txtName.slice(at)] : []));
}

/**
 * Whether a TXT, read as one about this host, is about records of this type. Its name tells the type (`x-cname.host`,
 * `cname-host`), or none: such a TXT is about A and CNAME. At the host itself there can only be an address beside it.
 * `typed`: its name says so; that reading beats one that says nothing.
 */
export function isAbout(txtName: string, { name, type }: RecordSetId): "typed" | "untyped" | undefined {
  if (txtName === name) return type === "A" ? "untyped" : undefined;
  const before = txtName.slice(0, txtName.length - name.length);
  const named = /(?:^|[^a-z0-9])(aaaa|cname|a)[._-]?$/.exec(before)?.[1];
  if (named === undefined) return type === "A" || type === "CNAME" ? "untyped" : undefined;
  return named === type.toLowerCase() ? "typed" : undefined;
}
