/**
 * Which actions of Azure the product needs on a zone, and what is said where the identity lacks some. The custom role of
 * docs/platform/zones.md grants exactly these; a test holds the two together.
 */
import type { ZoneAction } from "../../model/access.ts";
import { finding, type Finding } from "../../model/finding.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";

export type ZoneWrites = RegionConfiguration["zoneWrites"];

const provider = "Microsoft.Network/privateDnsZones";

export const zoneReads: readonly ZoneAction[] = [
  `${provider}/read`,
  `${provider}/ALL/read`,
  ...(["A", "AAAA", "CNAME", "TXT"] as const).map((type) => `${provider}/${type}/read` as const),
];

/** A CNAME is deleted and never written. */
export const zoneChanges: readonly ZoneAction[] = [
  ...(["A", "AAAA", "TXT"] as const).map((type) => `${provider}/${type}/write` as const),
  ...(["A", "AAAA", "CNAME", "TXT"] as const).map((type) => `${provider}/${type}/delete` as const),
];

export function neededActions(writes: ZoneWrites): readonly ZoneAction[] {
  return writes === "apply" ? [...zoneReads, ...zoneChanges] : zoneReads;
}

/** What the identity lacks of `neededActions` on one zone of a region. */
export type ZoneRights = {
  readonly region: string;
  /** DNS name, lower case. */
  readonly zone: string;
  readonly writes: ZoneWrites;
} & ({ readonly denied: readonly ZoneAction[] } | { readonly denied: "unknown"; readonly reason: string });

/** @param refusal what the zone said where it refused its listing: that counts, even where the roles allow it. */
export function roleFindings(rights: ZoneRights, refusal: string | undefined): readonly Finding[] {
  const { region, zone, writes, denied } = rights;
  const at = { region, object: `zone ${zone}` };
  const missing = (what: string, names: readonly ZoneAction[]): Finding =>
    finding("ZoneRoleMissing", { ...at, what, names, ...byMode[writes] });
  if (denied === "unknown") {
    const unknown = finding("ZoneRoleUnknown", { ...at, what: rights.reason });
    return refusal === undefined ? [unknown] : [missing(refusal, []), unknown];
  }
  const names = [...denied].sort();
  const contradicted = refusal !== undefined && !zoneReads.some((action) => denied.includes(action));
  const sentences = [
    ...(names.length === 0
      ? []
      : [`the identity lacks ${names.length} of ${neededActions(writes).length} needed actions`]),
    ...(contradicted
      ? [`${refusal}; its roles allow that: they were assigned just now, or a deny assignment stands`]
      : []),
  ];
  return sentences.length === 0 ? [] : [missing(sentences.join("; "), names)];
}

const custom = "or the custom role of docs/platform/zones.md";

/** Where records may be written, a takeover relies on it. */
const byMode = {
  observe: { severity: "warning", fix: `assign the role Reader on the zone to the identity, ${custom}` },
  apply: {
    severity: "critical",
    fix: `assign the role Private DNS Zone Contributor on the zone to the identity, ${custom}`,
  },
} as const;
