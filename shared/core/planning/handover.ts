/**
 * Handover of a name between publishers of different clusters. Desired state is the target; the next step follows from
 * what is observed: (1) a loser that still has a DNSEndpoint and is writable withdraws; (2) one that is not writable is
 * waited for, unless a fence stands; (3) once its DNSEndpoint is gone for one ExternalDNS interval and 10 s the winner
 * publishes; (4) record and owner seen: done. Under upsert-only a record outlives its publisher, so withdrawing first is
 * make before break, and two publishers never coexist by our doing.
 */
import type { Claim } from "../../model/claim.ts";
import type { Change, WaitingChange } from "../../model/change.ts";
import type { PublishedName } from "../../model/desired.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Listings } from "../../model/kinds.ts";
import type { Handover } from "../../model/state.ts";
import { endpointNames, isDnsZone } from "../naming/published-names.ts";

/** Added to one ExternalDNS interval: a pass that had begun may still be writing. */
const settleMs = 10_000;

export type HandoverInput = {
  readonly changes: readonly Change[];
  readonly fleet: Fleet;
  readonly claimedElsewhere: readonly Claim[];
  readonly handovers: Readonly<Record<string, Handover>>;
  /** Seconds between two ExternalDNS passes, by zone. */
  readonly intervalSeconds: (zone: string) => number;
  /** Whether a fence or the zone itself shows who holds a name. Not available yet: nothing is handed over on their word. */
  readonly fenced: (zone: string, name: string) => boolean;
};

export type HandoverResult = {
  readonly due: readonly Change[];
  readonly waiting: readonly WaitingChange[];
  readonly handovers: Readonly<Record<string, Handover>>;
};

type Publisher = { readonly cluster: string; readonly content: string; readonly writable: boolean };

export function stepHandovers(input: HandoverInput): HandoverResult {
  const joined = joinedNames(input.changes);
  const now = publishersOf(input.fleet, joined, (cluster) => cluster.believed);
  addClaims(now, input.claimedElsewhere, joined);
  const before = publishersOf(input.fleet, joined, (cluster) =>
    cluster.standing.kind === "complete" ? cluster.previous : undefined,
  );
  const due: Change[] = [];
  const waiting: WaitingChange[] = [];
  const handovers: Record<string, Handover> = {};
  for (const change of input.changes) {
    const waits = change.joins.flatMap((name) => waitFor(change, name, { input, now, before }) ?? []);
    const [first] = [...waits].sort((left, right) => (right.dueAtMs ?? Infinity) - (left.dueAtMs ?? Infinity));
    if (first === undefined) {
      due.push(change);
      continue;
    }
    for (const { handover } of waits)
      if (handover !== undefined) handovers[`${handover.zone}/${handover.name}`] = handover;
    waiting.push({
      change,
      code: first.code,
      reason: first.reason,
      ...(first.dueAtMs === undefined ? {} : { dueAtMs: first.dueAtMs }),
    });
  }
  return { due, waiting, handovers };
}

type Wait = {
  readonly code: "Handover" | "Contended";
  readonly reason: string;
  readonly dueAtMs?: number;
  readonly handover?: Handover;
};

type Publishers = ReadonlyMap<string, readonly Publisher[]>;
type Seen = { readonly input: HandoverInput; readonly now: Publishers; readonly before: Publishers };

function waitFor(change: Change, wanted: PublishedName, { input, now, before }: Seen): Wait | undefined {
  const { zone, name } = wanted;
  if (!isDnsZone(zone) || input.fenced(zone, name)) return undefined;
  const others = (publishers: Publishers): readonly Publisher[] =>
    (publishers.get(`${zone}/${name}`) ?? []).filter(
      ({ cluster, content }) => cluster !== change.place.name && content !== wanted.content,
    );
  const stuck = others(now).find(({ writable }) => !writable);
  if (stuck !== undefined) {
    const reason = `${name} in zone ${zone} is published by cluster ${stuck.cluster}, which is not written to now; it must be withdrawn there first`;
    return { code: "Contended", reason };
  }
  const known = input.handovers[`${zone}/${name}`];
  const [present] = others(now);
  if (present !== undefined) {
    const handover = { zone, name, from: present.cluster, to: change.place.name };
    return {
      code: "Handover",
      reason: `cluster ${present.cluster} withdraws ${name} from zone ${zone} first`,
      handover,
    };
  }
  const [gone] = others(before);
  const from = known?.from ?? gone?.cluster;
  if (from === undefined) return undefined;
  const goneAtMs = known?.goneAtMs ?? input.fleet.nowMs;
  const dueAtMs = goneAtMs + input.intervalSeconds(zone) * 1000 + settleMs;
  if (dueAtMs <= input.fleet.nowMs) return undefined;
  return {
    code: "Handover",
    reason: `cluster ${from} has withdrawn ${name} from zone ${zone}; its ExternalDNS may still be writing`,
    dueAtMs,
    handover: { zone, name, from, to: change.place.name, goneAtMs },
  };
}

function joinedNames(changes: readonly Change[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const change of changes) {
    for (const { zone, name } of change.joins) if (isDnsZone(zone)) names.add(`${zone}/${name}`);
  }
  return names;
}

function publishersOf(
  fleet: Fleet,
  names: ReadonlySet<string>,
  listingsOf: (cluster: FleetCluster) => Listings | undefined,
): Map<string, Publisher[]> {
  const found = new Map<string, Publisher[]>();
  if (names.size === 0) return found;
  for (const cluster of fleet.clusters) {
    const listing = listingsOf(cluster)?.DNSEndpoint;
    if (listing?.read !== "complete") continue;
    for (const endpoint of listing.objects) {
      for (const { zone, name, content } of endpointNames(endpoint)) {
        addPublisher(found, names, `${zone}/${name}`, {
          cluster: cluster.name,
          content,
          writable: cluster.writes.kind === "allowed",
        });
      }
    }
  }
  return found;
}

function addClaims(found: Map<string, Publisher[]>, claims: readonly Claim[], names: ReadonlySet<string>): void {
  for (const { zone, name, content, cluster } of claims) {
    addPublisher(found, names, `${zone}/${name}`, { cluster, content, writable: false });
  }
}

function addPublisher(
  found: Map<string, Publisher[]>,
  names: ReadonlySet<string>,
  key: string,
  publisher: Publisher,
): void {
  if (!names.has(key)) return;
  const known = found.get(key);
  if (known === undefined) found.set(key, [publisher]);
  else known.push(publisher);
}
