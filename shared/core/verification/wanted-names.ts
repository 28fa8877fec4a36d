/** Who wants a name in a region's zone: whoever claims it, winner or not, and every DNSEndpoint that publishes it. */
import type { Zones } from "../../model/claim.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { WantedRecord } from "../../model/verification.ts";
import { typeOf } from "../naming/record-content.ts";
import { namesWithoutRegion } from "./published.ts";
import type { Verification } from "./verify-record.ts";

export type WantedNames = {
  /** Every content that ExternalDNS is told to write at a name, now or next, each once, sorted: what stands by is not. */
  readonly contentsAt: (region: string, name: string) => readonly string[];
  /** Record types of every content that anybody wants there, standing by or not; `any` where nobody knows which. */
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
  /** One by one: every record of a zone is asked about, and most are wanted in one way. */
  function* published(region: string, name: string): Generator<string> {
    const contest = zones.get(region)?.get(name);
    if (contest !== undefined) yield contest.winner.content;
    for (const { content } of publishedAt(region, name)) yield content;
    yield* ofGateways.get(`${region} ${name}`) ?? [];
  }
  function* contents(region: string, name: string): Generator<string> {
    yield* published(region, name);
    const { losers = [], keptOffBy } = zones.get(region)?.get(name) ?? {};
    for (const { content } of losers) yield content;
    if (keptOffBy !== undefined) yield keptOffBy.content;
  }
  let anywhere: ReadonlySet<string> | undefined;
  return {
    contentsAt: (region, name) => [...new Set(published(region, name))].sort(),
    typesAt: (region, name) => {
      anywhere ??= namesWithoutRegion(fleet);
      if (anywhere.has(name)) return "any";
      const types = new Set<string>();
      for (const content of contents(region, name)) types.add(typeOf(content));
      return types;
    },
  };
}
