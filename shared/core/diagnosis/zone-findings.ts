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
  readonly verified: { readonly unverified: readonly UnverifiedName[] };
  readonly garbage: {
    readonly found: readonly { readonly region: string; readonly record: { readonly name: string } }[];
  };
};

/** One finding per region and kind of trouble; the names stand in it. */
export function recordFindings({ verified, garbage }: Records): readonly Finding[] {
  const groups = new Map<string, { readonly code: FindingCode; readonly region: string; readonly names: string[] }>();
  const note = (code: FindingCode, region: string, name: string): void => {
    const id = `${code} ${region}`;
    const group = groups.get(id) ?? { code, region, names: [] };
    group.names.push(name);
    groups.set(id, group);
  };
  for (const { result, zone, name } of verified.unverified) note(codes[result], zone, name);
  for (const { region, record } of garbage.found) note("RecordUnclaimed", region, record.name);
  return [...groups.values()].map(({ code, region, names }) => {
    const distinct = [...new Set(names)].sort();
    const count = distinct.length === 1 ? "1 name" : `${distinct.length} names`;
    return finding(code, { region, what: `${count} in the zone of ${region}`, names: distinct });
  });
}
