/** What the zones say. Here: whether they could be read at all, and with which right. */
import { finding, type Finding } from "../../model/finding.ts";
import type { ZoneSnapshot } from "../../model/zone-records.ts";

const forbidden = "FORBIDDEN";

export function zoneFindings(zones: readonly ZoneSnapshot[]): readonly Finding[] {
  return zones.flatMap(({ region, zone, listing }) => {
    if (listing.read === "complete") return [];
    const code = listing.code === forbidden ? "ZoneRoleMissing" : "ZoneNotRead";
    return [finding(code, { region, object: `zone ${zone}`, what: listing.reason })];
  });
}
