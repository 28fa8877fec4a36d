/**
 * Which zones an instance writes into, as far as its filters say.
 * Source of the rules: external-dns endpoint/domain_filter.go and provider/azure/azure_private_dns.go.
 */
import type { ExternalDnsSettings } from "../../model/external-dns.ts";

type Filters = Pick<
  ExternalDnsSettings,
  "domainFilters" | "excludedDomains" | "regexDomainFilter" | "regexDomainExclusion" | "zoneNameFilters"
>;

export type ZoneReach = { readonly kind: "reached" } | { readonly kind: "missed"; readonly because: string };

const reached: ZoneReach = { kind: "reached" };

/**
 * Whether names right below a zone's name get into that zone. The zone has to match the domain filters or a zone name filter,
 * the names the domain filters. A pattern that cannot be read here is believed.
 */
export function reachOf(filters: Filters, zone: string): ZoneReach {
  const { regexDomainFilter, regexDomainExclusion } = filters;
  const zones = named(filters.zoneNameFilters);
  const isNamed = zones.some((filter) => covers(filter, zone));
  if (regexDomainFilter !== "" || regexDomainExclusion !== "") {
    if (isNamed) return reached;
    if (matches(regexDomainExclusion, zone) === true) return missed("regex-domain-exclusion", [regexDomainExclusion]);
    return matches(regexDomainFilter, zone) === false ? missed("regex-domain-filter", [regexDomainFilter]) : reached;
  }
  const included = named(filters.domainFilters);
  const isIncluded = included.length === 0 || included.some((filter) => covers(filter, zone));
  // A narrower filter lets some of the names through; it never selects the zone itself.
  const isPartlyIncluded = included.some((filter) => filter.endsWith(`.${zone}`));
  if (!isIncluded && !(isNamed && isPartlyIncluded)) return missed("domain-filter", included);
  const excluded = named(filters.excludedDomains).find((filter) => covers(filter, zone));
  return excluded === undefined ? reached : missed("exclude-domains", [excluded]);
}

function missed(flag: string, values: readonly string[]): ZoneReach {
  return { kind: "missed", because: `--${flag} ${values.join(", ")}` };
}

/** No filter of any kind. */
export function isUnlimited(filters: Filters): boolean {
  const lists = [filters.domainFilters, filters.excludedDomains, filters.zoneNameFilters];
  return (
    lists.every((list) => named(list).length === 0) &&
    filters.regexDomainFilter === "" &&
    filters.regexDomainExclusion === ""
  );
}

function named(filters: readonly string[]): readonly string[] {
  return filters.map((filter) => filter.trim().toLowerCase().replace(/\.$/, "")).filter((filter) => filter !== "");
}

/** A filter that begins with a dot means the names below it only. */
function covers(filter: string, domain: string): boolean {
  if (filter.startsWith(".")) return domain.endsWith(filter);
  return domain === filter || domain.endsWith(`.${filter}`);
}

/** A repeated group: ours may try every way to divide the text, where Go's takes one pass. */
const REPEATED_GROUP = /\)[+*{]/;

/** Undefined: no pattern, or none that can be read here (Go's syntax is not quite ours). */
function matches(pattern: string, domain: string): boolean | undefined {
  if (pattern === "" || REPEATED_GROUP.test(pattern)) return undefined;
  try {
    return new RegExp(pattern).test(domain);
  } catch {
    return undefined;
  }
}
