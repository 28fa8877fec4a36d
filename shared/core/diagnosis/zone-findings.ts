/** What the zones say: whether they could be read at all and with which right, and what in them needs somebody. */
import { finding, type Finding, type FindingCode } from "../../model/finding.ts";
import type { UnverifiedName } from "../../model/verification.ts";
import type { ZoneSnapshot } from "../../model/zone-records.ts";
import { roleFindings, type ZoneRights } from "./needed-actions.ts";

const forbidden = "FORBIDDEN";

/** @param rights one per zone. A zone that cannot be reached is said to be so once, and not again by its rights. */
export function zoneFindings(zones: readonly ZoneSnapshot[], rights: readonly ZoneRights[]): readonly Finding[] {
  return zones.flatMap(({ region, zone, listing }) => {
    const own = rights.find((one) => one.region === region && one.zone === zone);
    if (listing.read === "complete") return own === undefined ? [] : roleFindings(own, undefined);
    const isRefused = listing.code === forbidden;
    if (isRefused && own !== undefined) return roleFindings(own, listing.reason);
    const code = isRefused ? "ZoneRoleMissing" : "ZoneNotRead";
    const unread = finding(code, { region, object: `zone ${zone}`, what: listing.reason });
    return own === undefined || own.denied === "unknown" ? [unread] : [unread, ...roleFindings(own, undefined)];
  });
}

const codes: Readonly<Record<UnverifiedName["result"], FindingCode>> = {
  orphan: "RecordOrphan",
  "foreign-owner": "RecordForeign",
  flapping: "RecordFlapping",
  "wrong-target": "RecordWrong",
  missing: "RecordMissing",
};

type Records = {
  readonly verified: {
    readonly unverified: readonly UnverifiedName[];
    readonly outside: readonly { readonly zone: string; readonly name: string }[];
  };
  readonly garbage: {
    readonly found: readonly { readonly region: string; readonly record: { readonly name: string } }[];
  };
};

type Group = {
  readonly code: FindingCode;
  readonly region: string;
  /** Perhaps only new: doctor looks once, and remembers nothing. */
  readonly awaited: boolean;
  readonly names: string[];
};

/** One finding per region and kind of trouble; the names stand in it. */
export function recordFindings({ verified, garbage }: Records): readonly Finding[] {
  const groups = new Map<string, Group>();
  const note = (name: string, about: Omit<Group, "names">): void => {
    const id = `${about.code} ${about.region} ${about.awaited}`;
    const group = groups.get(id) ?? { ...about, names: [] };
    group.names.push(name);
    groups.set(id, group);
  };
  for (const { result, zone, name, awaited } of verified.unverified) {
    note(name, { code: codes[result], region: zone, awaited });
  }
  for (const { zone, name } of verified.outside) note(name, { code: "NameOutsideZones", region: zone, awaited: false });
  for (const { region, record } of garbage.found) {
    note(record.name, { code: "RecordUnclaimed", region, awaited: false });
  }
  return [...groups.values()].map(({ code, region, awaited, names }) => {
    const distinct = [...new Set(names)].sort();
    const count = distinct.length === 1 ? "1 name" : `${distinct.length} names`;
    const what = `${count} in the zone of ${region}`;
    return awaited
      ? finding(code, {
          region,
          severity: "info",
          what: `${what}; ExternalDNS has not read their DNSEndpoints yet`,
          names: distinct,
        })
      : finding(code, { region, what, names: distinct });
  });
}
