/** What a DNS server answers from one zone: CNAMEs followed while they stay inside, wildcards, "no such name" and "no such type". */
import type { Answer, SoaAnswer, StringRecordType } from "dns-packet";
import type { RecordSetView, RecordType } from "./record-sets.ts";

/** What an answer needs of a zone. */
export type ZoneContent = {
  /** DNS name. */
  readonly zone: string;
  readonly get: (key: { readonly name: string; readonly type: RecordType }) => RecordSetView | undefined;
  /** Whether a record set is at this relative name (lower case) or below it. */
  readonly exists: (name: string) => boolean;
};

export type ResponseCode = "NOERROR" | "NXDOMAIN" | "REFUSED";

export type Resolution = {
  readonly code: ResponseCode;
  readonly answers: readonly Answer[];
  /** The SOA where there is nothing of the asked type. */
  readonly authorities: readonly Answer[];
};

type AskedType = "A" | "AAAA" | "CNAME" | "TXT" | "SOA";

/** A chain of CNAMEs that is longer is one that goes round. */
const LONGEST_CHAIN = 8;
const ASKED_TYPES: readonly string[] = ["A", "AAAA", "CNAME", "TXT", "SOA"] satisfies readonly AskedType[];

const isAskedType = (type: string): type is AskedType => ASKED_TYPES.includes(type);

/**
 * @param question name in any case; a type that is not served counts as one that the name does not have.
 * A CNAME that leaves the zone is answered as it is, without an address.
 */
export function resolve(content: ZoneContent, question: { readonly name: string; readonly type: string }): Resolution {
  const answers: Answer[] = [];
  let name = question.name.toLowerCase().replace(/\.$/, "");
  for (let step = 0; step < LONGEST_CHAIN; step += 1) {
    const relative = relativeName(name, content.zone);
    if (relative === undefined) {
      return { code: step === 0 ? "REFUSED" : "NOERROR", answers, authorities: [] };
    }
    const owner = ownerOf(content, relative);
    if (owner === undefined) return { code: "NXDOMAIN", answers, authorities: authorities(content) };
    const found = isAskedType(question.type) ? content.get({ name: owner, type: question.type }) : undefined;
    answers.push(...(found === undefined ? [] : answersFrom(name, found)));
    if (found !== undefined && found.values.length > 0) return { code: "NOERROR", answers, authorities: [] };
    const alias = content.get({ name: owner, type: "CNAME" });
    const target = alias?.values[0];
    if (alias === undefined || target === undefined) {
      return { code: "NOERROR", answers, authorities: authorities(content) };
    }
    answers.push(...answersFrom(name, alias));
    name = target.toLowerCase();
  }
  return { code: "NOERROR", answers, authorities: [] };
}

/** @returns undefined for a name that is not in the zone. */
function relativeName(name: string, zone: string): string | undefined {
  const apex = zone.toLowerCase();
  if (name === apex) return "@";
  return name.endsWith(`.${apex}`) ? name.slice(0, -apex.length - 1) : undefined;
}

/** The name itself where it exists, else the wildcard of its closest existing ancestor (RFC 4592). */
function ownerOf(content: ZoneContent, name: string): string | undefined {
  if (name === "@" || content.exists(name)) return name;
  const labels = name.split(".");
  for (let index = 1; index <= labels.length; index += 1) {
    const ancestor = labels.slice(index).join(".");
    const wildcard = ancestor === "" ? "*" : `*.${ancestor}`;
    if (content.exists(wildcard)) return wildcard;
    if (ancestor !== "" && content.exists(ancestor)) return undefined;
  }
  return undefined;
}

function answersFrom(name: string, set: RecordSetView): readonly Answer[] {
  const ttl = set.ttlSeconds;
  switch (set.type) {
    case "A":
    case "AAAA":
    case "CNAME": {
      const type: StringRecordType = set.type;
      return set.values.map((data) => ({ name, type, ttl, data }));
    }
    case "TXT":
      return set.values.map((value) => ({ name, type: "TXT", ttl, data: value.match(/[^]{1,255}/g) ?? [""] }));
    case "SOA":
      return [soaOf(name, set)];
    case "MX":
    case "PTR":
    case "SRV":
      return [];
  }
}

function soaOf(name: string, set: RecordSetView): SoaAnswer {
  const data = {
    mname: set.values[0] ?? name,
    rname: `hostmaster.${name}`,
    serial: 1,
    refresh: 3_600,
    retry: 300,
    expire: 2_419_200,
    minimum: 10,
  };
  return { name, type: "SOA", ttl: set.ttlSeconds, data };
}

function authorities(content: ZoneContent): readonly Answer[] {
  const set = content.get({ name: "@", type: "SOA" });
  return set === undefined ? [] : [soaOf(content.zone, set)];
}
