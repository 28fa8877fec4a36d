/**
 * Handover of a name between publishers of different clusters. Desired state is the target; the next step follows from
 * what is observed: (1) a loser that still has a DNSEndpoint and is writable withdraws; (2) one that is not writable is
 * waited for, unless a fence stands; (3) once its DNSEndpoint is gone for one ExternalDNS interval and 10 s the winner
 * publishes; (4) record and owner seen: done. Under upsert-only a record outlives its publisher, so withdrawing first is
 * make before break, and two publishers never coexist by our doing. Within one cluster there is nothing to wait for once the
 * other object is gone (leave-first.ts orders the two); while nothing takes that one away the name stays with it.
 */
import type { Claim } from "../../model/claim.ts";
import type { Change, WaitingChange } from "../../model/change.ts";
import type { PublishedName } from "../../model/desired.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Listings } from "../../model/kinds.ts";
import type { Handover } from "../../model/state.ts";
import { byText } from "../naming/item-id.ts";
import { endpointNames, isDnsZone } from "../naming/published-names.ts";
import { conflicting } from "../naming/record-content.ts";
import { beingDeleted } from "./being-deleted.ts";
import { lastPublishers } from "./last-publisher.ts";
import { addClaims, publishersOf, type Publisher } from "./publishers.ts";

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

export function stepHandovers(input: HandoverInput): HandoverResult {
  const handovers = namesGone(input);
  const joined = joinedNames(input.changes);
  const present = publishersOf(input.fleet, joined, (cluster) => {
    // A retiring cluster that cannot be read is gone by a person's word: nobody can withdraw anything there.
    return cluster.mode === "retiring" && cluster.standing.kind === "frozen" ? undefined : cluster.believed;
  });
  addClaims(present, input.claimedElsewhere, joined);
  // Of a frozen cluster nothing else is believed; a DNSEndpoint that was seen there publishes all the same.
  const seen = publishersOf(input.fleet, joined, (cluster) =>
    cluster.standing.kind === "frozen" ? cluster.current : undefined,
  );
  for (const [key, publishers] of seen) present.set(key, [...(present.get(key) ?? []), ...publishers]);
  const leaving = leavingNames(input.changes);
  const deletion = beingDeleted(input.fleet);
  const lastPublisher = lastPublishers(input);
  const due: Change[] = [];
  const waiting: WaitingChange[] = [];
  for (const change of input.changes) {
    const contended = deletion(change) ?? lastPublisher(change);
    if (contended !== undefined) {
      waiting.push({ change, code: "Contended", reason: contended });
      continue;
    }
    const waits = change.joins.flatMap((name) => waitFor(change, name, { input, present, handovers, leaving }) ?? []);
    const [first] = [...waits].sort((left, right) => (right.dueAtMs ?? Infinity) - (left.dueAtMs ?? Infinity));
    if (first === undefined) due.push(change);
    else waiting.push({ change, ...first });
  }
  return { due, waiting, handovers };
}

type Handovers = Readonly<Record<string, Handover>>;

/**
 * Names that a cluster was seen to stop publishing since its last good read, and those of earlier passes whose time is not
 * over. Remembered whether or not anybody wants the name yet: who comes for it in the next pass has to wait all the same.
 */
function namesGone(input: HandoverInput): Handovers {
  const { nowMs } = input.fleet;
  const gone = new Map<string, Handover>();
  for (const [key, handover] of Object.entries(input.handovers)) {
    if (dueAtMs(handover, input) > nowMs) gone.set(key, handover);
  }
  for (const cluster of input.fleet.clusters) {
    if (cluster.standing.kind !== "complete" || cluster.previous === undefined) continue;
    const published = publishedNames(cluster.believed);
    for (const { zone, name, content } of publishedNames(cluster.previous).values()) {
      const key = `${zone}/${name}`;
      if (!published.has(key)) gone.set(key, { zone, name, content, from: cluster.name, goneAtMs: nowMs });
    }
  }
  return Object.fromEntries([...gone].sort(([left], [right]) => byText(left, right)));
}

function publishedNames(listings: Listings | undefined): ReadonlyMap<string, PublishedName> {
  const listing = listings?.DNSEndpoint;
  const names = new Map<string, PublishedName>();
  for (const endpoint of listing?.read === "complete" ? listing.objects : []) {
    for (const published of endpointNames(endpoint)) names.set(`${published.zone}/${published.name}`, published);
  }
  return names;
}

function dueAtMs({ zone, goneAtMs }: Handover, input: HandoverInput): number {
  return goneAtMs + input.intervalSeconds(zone) * 1000 + settleMs;
}

type Wait = Pick<WaitingChange, "reason" | "dueAtMs"> & { readonly code: "Handover" | "Contended" };

type Publishers = ReadonlyMap<string, readonly Publisher[]>;
type Seen = {
  readonly input: HandoverInput;
  readonly present: Publishers;
  readonly handovers: Handovers;
  /** Names that a change of this plan takes away, as `leavingId` spells them. */
  readonly leaving: ReadonlySet<string>;
};

function waitFor(
  change: Change,
  wanted: PublishedName,
  { input, present, handovers, leaving }: Seen,
): Wait | undefined {
  const { zone, name } = wanted;
  if (!isDnsZone(zone) || input.fenced(zone, name)) return undefined;
  const conflicts = (present.get(`${zone}/${name}`) ?? []).filter(({ content }) =>
    conflicting(content, wanted.content),
  );
  const staysThere = ({ cluster, key }: Publisher): boolean => !leaving.has(leavingId(cluster, key, wanted));
  const beside = conflicts.find(
    (other) => other.cluster === change.place.name && other.key !== change.key && staysThere(other),
  );
  if (beside !== undefined) {
    const reason = `${name} in zone ${zone} is published by DNSEndpoint ${beside.key ?? ""} of the same cluster, which stays or is still being deleted; it must go first`;
    return { code: "Contended", reason };
  }
  const others = conflicts.filter(({ cluster }) => cluster !== change.place.name);
  const stuck = others.find(({ writable }) => !writable);
  if (stuck !== undefined) {
    const verb = stuck.claims === true ? "claimed" : "published";
    const reason = `${name} in zone ${zone} is ${verb} by cluster ${stuck.cluster}, which is not written to now; it must be withdrawn there first`;
    return { code: "Contended", reason };
  }
  const stays = others.find(staysThere);
  if (stays !== undefined) {
    const reason = `${name} in zone ${zone} is published by cluster ${stays.cluster} and stays there; it must be withdrawn there first`;
    return { code: "Contended", reason };
  }
  const [other] = others;
  if (other !== undefined) {
    return { code: "Handover", reason: `cluster ${other.cluster} withdraws ${name} from zone ${zone} first` };
  }
  const gone = handovers[`${zone}/${name}`];
  // Whoever takes its own name back, before anyone else published it, waits for nobody.
  if (gone === undefined || gone.from === change.place.name || gone.content === wanted.content) return undefined;
  return {
    code: "Handover",
    reason: `cluster ${gone.from} has withdrawn ${name} from zone ${zone}; its ExternalDNS may still be writing`,
    dueAtMs: dueAtMs(gone, input),
  };
}

function leavingNames(changes: readonly Change[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { place, key, leaves } of changes) for (const name of leaves) names.add(leavingId(place.name, key, name));
  return names;
}

function leavingId(cluster: string, key: string | undefined, { zone, name }: PublishedName): string {
  return `${cluster} ${key ?? ""} ${zone}/${name}`;
}

function joinedNames(changes: readonly Change[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const change of changes) {
    for (const { zone, name } of change.joins) if (isDnsZone(zone)) names.add(`${zone}/${name}`);
  }
  return names;
}
