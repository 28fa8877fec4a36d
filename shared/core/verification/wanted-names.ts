/** Who wants a name in a region's zone: whoever claims it, winner or not, and every DNSEndpoint that publishes it. */
import type { Zones } from "../../model/claim.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { WantedRecord } from "../../model/verification.ts";
import { contentParts } from "../naming/record-content.ts";
import { namesWithoutRegion } from "./published.ts";
import type { Verification } from "./verify-record.ts";

export type WantedNames = {
  /** Every content that anybody wants at a name, each once. */
  readonly contentsAt: (region: string, name: string) => readonly string[];
  /** Record types of these contents; `any` where nobody knows which. */
  readonly typesAt: (region: string, name: string) => ReadonlySet<string> | "any";
};

export type WantedNamesInput = {
  readonly fleet: Fleet;
  readonly zones: Zones;
  /** Address records of gateways, for which nobody competes. */
  readonly gatewayRecords: readonly WantedRecord[];
  readonly publishedAt: Verification["publishedAt"];
};

export function wantedNames({ fleet, zones, gatewayRecords, publishedAt }: WantedNamesInput): WantedNames {
  const ofGateways = new Map<string, string[]>();
  for (const { zone, name, content } of gatewayRecords) {
    const known = ofGateways.get(`${zone} ${name}`);
    if (known === undefined) ofGateways.set(`${zone} ${name}`, [content]);
    else known.push(content);
  }
  let anywhere: ReadonlySet<string> | undefined;
  const contentsAt = (region: string, name: string): readonly string[] => {
    const contest = zones.get(region)?.get(name);
    const claims = contest === undefined ? [] : [contest.winner, ...(contest.losers ?? [])];
    const keptOffBy = contest?.keptOffBy === undefined ? [] : [contest.keptOffBy];
    const contents = [...claims, ...keptOffBy, ...publishedAt(region, name)].map(({ content }) => content);
    return [...new Set([...contents, ...(ofGateways.get(`${region} ${name}`) ?? [])])].sort();
  };
  return {
    contentsAt,
    typesAt: (region, name) => {
      anywhere ??= namesWithoutRegion(fleet);
      if (anywhere.has(name)) return "any";
      return new Set(contentsAt(region, name).map((content) => contentParts(content).type));
    },
  };
}
