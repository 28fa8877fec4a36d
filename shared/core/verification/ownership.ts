/**
 * Who owns a record, as ExternalDNS reads it: by the TXT beside it, in every format that 0.12 to 0.22 wrote.
 * Source of the rules: external-dns registry/mapper and registry/txt; measured with 0.20 and 0.22.
 */
import type { RecordSet, RecordSetType } from "../../model/zone-records.ts";
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

const types = ["aaaa", "cname", "a"] as const;

/**
 * Hosts that an ownership TXT of any prefix may be about: after each dot, and after `a-`, `aaaa-` or `cname-` at the start of
 * a label. For telling that a record is owned under another prefix, never for deciding who owns it.
 */
export function possibleHosts(txtName: string): readonly string[] {
  const hosts = new Set<string>();
  for (let at = 0; at !== -1 && at < txtName.length; at = nextLabel(txtName, at)) {
    const rest = txtName.slice(at);
    if (at > 0) hosts.add(rest);
    const type = types.find((one) => rest.startsWith(`${one}-`));
    if (type !== undefined) hosts.add(rest.slice(type.length + 1));
  }
  return [...hosts];
}

function nextLabel(name: string, at: number): number {
  const dot = name.indexOf(".", at);
  return dot === -1 ? -1 : dot + 1;
}
