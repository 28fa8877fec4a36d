/**
 * Records that ExternalDNS leaves behind: `upsert-only` never deletes. A record is garbage when its name is of our grammar, its
 * ownership TXT names the region's owner, no cluster claims or publishes it, and that has been so for longer than the grace
 * time. Judged only while every cluster was read completely; never by the TXT's resource, which goes stale while the record lives.
 */
import type { Fleet } from "../../model/fleet.ts";
import type { GarbageMark } from "../../model/state.ts";
import type { RecordSet } from "../../model/zone-records.ts";
import { ownHostTest } from "../naming/hosts.ts";
import { byText } from "../naming/item-id.ts";
import type { ZoneRecords } from "./zone-records.ts";

/** From the first pass that saw it, by the store's mark. Longer than a deployment, a rollback, and a lunch. */
export const garbageGraceMs = 60 * 60_000;

export type Garbage = {
  readonly region: string;
  readonly record: RecordSet;
  /** The TXT that decides about the record; it goes after it. */
  readonly txt: RecordSet;
  readonly reason: string;
  readonly firstSeenAtMs: number;
  /** When the grace time is over. */
  readonly dueAtMs: number;
};

export type GarbageJudgement = {
  readonly found: readonly Garbage[];
  /** Why nothing can be judged now; marks stay as they are. */
  readonly blocked?: string;
  readonly marks: Readonly<Record<string, GarbageMark>>;
};

export type GarbageInput = {
  readonly fleet: Fleet;
  readonly configuredRegions: readonly string[];
  /** Regions whose zones were read completely. */
  readonly regions: ReadonlyMap<string, ZoneRecords>;
  /** Whether anybody claims the name there, or a DNSEndpoint of whomever publishes it. */
  readonly isWanted: (region: string, name: string) => boolean;
  readonly marks: Readonly<Record<string, GarbageMark>>;
  readonly nowMs: number;
};

export function findGarbage(input: GarbageInput): GarbageJudgement {
  const unread = input.fleet.clusters.filter(
    ({ standing, mode, believed }) => (standing.kind === "frozen" || believed === undefined) && mode !== "retiring",
  );
  if (unread.length > 0) {
    const names = unread.map(({ name }) => name).join(", ");
    return { found: [], blocked: `not every cluster was read completely (${names})`, marks: input.marks };
  }
  // The region of a cluster that is gone is still configured.
  const isOwnHost = ownHostTest(
    input.fleet.clusters.flatMap(({ identity }) => identity ?? []),
    input.configuredRegions,
  );
  const found: Garbage[] = [];
  for (const [region, records] of input.regions) {
    const { ownerId } = records.region.externalDns;
    for (const record of records.records()) {
      if (!isOwnHost(record.name) || input.isWanted(region, record.name)) continue;
      const ownership = records.ownershipOf(record);
      if (ownership.kind !== "owned" || ownership.text.owner !== ownerId) continue;
      const firstSeenAtMs = input.marks[garbageId(region, record)]?.firstSeenAtMs ?? input.nowMs;
      found.push({
        region,
        record,
        txt: ownership.txt,
        reason: `no cluster claims ${record.name} in zone ${region}, and ${ownership.txt.name} names owner ${ownerId}`,
        firstSeenAtMs,
        dueAtMs: firstSeenAtMs + garbageGraceMs,
      });
    }
  }
  found.sort(
    (left, right) =>
      byText(left.region, right.region) ||
      byText(left.record.name, right.record.name) ||
      byText(left.record.type, right.record.type),
  );
  return { found, marks: marksAfter(found, input) };
}

/** A zone that was not read says nothing: what was marked in it stays marked. */
function marksAfter(found: readonly Garbage[], input: GarbageInput): Readonly<Record<string, GarbageMark>> {
  const unread = Object.entries(input.marks).filter(([id]) => !input.regions.has(id.slice(0, id.indexOf("|"))));
  const marked = found.map(
    ({ region, record, firstSeenAtMs }) => [garbageId(region, record), { firstSeenAtMs }] as const,
  );
  return Object.fromEntries([...unread, ...marked].sort(([left], [right]) => byText(left, right)));
}

function garbageId(region: string, { name, type }: Pick<RecordSet, "name" | "type">): string {
  return `${region}|${name}|${type}`;
}
