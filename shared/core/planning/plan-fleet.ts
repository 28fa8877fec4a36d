/**
 * The plan: difference, doubts, handover, budgets, order. Knows places, kinds, markers, names and phases, not routes.
 * Pure and deterministic: the same fleet gives the same bytes.
 */
import { InvariantError } from "../../errors.ts";
import type { Change, HeldChanges, Plan, WaitingChange } from "../../model/change.ts";
import type { Desired, DesiredItem, DesiredPlace, DesiredStatus, PublishedName, Refusal } from "../../model/desired.ts";
import type { FleetConfiguration } from "../../model/fleet-configuration.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Scope } from "../../model/pass.ts";
import type { PlaceId } from "../../model/place.ts";
import type { Approval, Handover, Since } from "../../model/state.ts";
import { canonicalJson, digestOfTexts } from "../naming/digest.ts";
import { byText, itemId, placeId } from "../naming/item-id.ts";
import { destinationOf } from "../naming/record-content.ts";
import { carries } from "../naming/own-objects.ts";
import { endpointNames, isDnsZone } from "../naming/published-names.ts";
import { holdForPerson } from "./always-approved.ts";
import { holdOverBudget, type ScopedNames } from "./budgets.ts";
import { diffCluster, type Difference } from "./diff.ts";
import { holdFollowers, keepInScope, waitTogether } from "./followers.ts";
import { stepHandovers } from "./handover.ts";
import { holdForNeverRead } from "./never-read.ts";
import { observedOf } from "./observed-items.ts";
import { compareChanges } from "./phases.ts";
import { isWritten } from "./status-changes.ts";

export type PlanInput = {
  readonly fleet: Fleet;
  readonly desired: Desired;
  readonly configuration: Pick<FleetConfiguration, "budgets" | "regions">;
  readonly since: Pick<Since, "handovers" | "budgets">;
  readonly approvals: readonly Approval[];
  /** Reads that wait for approval, from the assessment. */
  readonly heldReads: readonly HeldChanges[];
  readonly scope?: Scope;
  /** Whether the real zone shows that another cluster serves the name; absent where no zone was read. */
  readonly servedElsewhere?: (cluster: string, name: PublishedName) => boolean;
};

export type FleetPlan = {
  readonly plan: Plan;
  readonly handovers: Readonly<Record<string, Handover>>;
  readonly counted: ReadonlyMap<string, readonly ScopedNames[]>;
  /** Number of names published in a scope before this plan, for the base of a budget. */
  readonly namesPublished: (scope: string) => number;
  /** Items that were not compared because their kind was not read. */
  readonly unreadItems: ReadonlySet<string>;
  /** Statuses that differ from what is written, or that an item with a change may yet correct. */
  readonly statuses: readonly DesiredStatus[];
  /** Items with a due change that the scope leaves out. */
  readonly outOfScope: ReadonlySet<string>;
};

export const defaultIntervalSeconds = 60;

export function planFleet(input: PlanInput): FleetPlan {
  const { fleet, desired, approvals } = input;
  const raw = diffFleet(fleet, desired);
  const known = holdForNeverRead(raw.changes, fleet, approvals);
  const handed = handOver(input, known.due);
  const settled = splitWaiting(handed.due, raw.waiting);
  // What waits takes up no budget and asks nobody; it will when its time has come.
  const timed = waitTogether(settled.due, [...handed.waiting, ...settled.waiting]);
  const person = holdForPerson({
    changes: timed.due,
    items: () => itemsOf(desired.places),
    approvals,
    istioGateways: (cluster) => ourIstioGateways(fleet, cluster, desired),
  });
  const namesPublished = publishedCounter(fleet);
  const budget = holdOverBudget({
    changes: person.due,
    limits: input.configuration.budgets,
    use: input.since.budgets,
    approvals,
    namesPublished,
    staysServed: staysServed(input),
    nowMs: fleet.nowMs,
  });
  const final = holdFollowers(budget.due, [...known.held, ...person.held, ...budget.held]);
  const inScope = scopeFilter(input.scope);
  const scoped = keepInScope(final.due, inScope);
  const plan = assemble(input, {
    due: scoped.due,
    held: [...input.heldReads, ...final.held],
    waiting: timed.waiting,
    observed: raw.observed,
    refusals: raw.refusals,
  });
  const outside = [...raw.changes.filter((change) => !inScope(change)), ...scoped.outside];
  const outOfScope = new Set(outside.map((change) => change.item));
  return {
    plan,
    handovers: handed.handovers,
    counted: budget.counted,
    namesPublished,
    unreadItems: raw.unreadItems,
    statuses: raw.statuses,
    outOfScope,
  };
}

type RawDifference = {
  readonly changes: readonly Change[];
  readonly observed: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly waiting: ReadonlyMap<string, string>;
  readonly unreadItems: ReadonlySet<string>;
  readonly statuses: readonly DesiredStatus[];
};

/**
 * Place by place: what is as it should be is dropped at once.
 * @throws InvariantError when a place stands twice (each entry would take what the other one wants for not wanted), or is
 *   none of the fleet's clusters: what a family wants there would be left out without a word.
 */
function diffFleet(fleet: Fleet, desired: Desired): RawDifference {
  const clusters = new Map(fleet.clusters.map((cluster) => [cluster.name, cluster]));
  const changes: Change[] = [];
  const observed: Change[] = [];
  const refusals: Refusal[] = [];
  const waiting = new Map<string, string>();
  const unreadItems = new Set<string>();
  const statuses: DesiredStatus[] = [];
  const seen = new Set<PlaceId>();
  for (const { place, project } of desired.places) {
    const id = placeId(place);
    if (seen.has(id)) throw new InvariantError(`${id} stands twice among the places to plan; merge the families first`);
    seen.add(id);
    const cluster = place.kind === "cluster" ? clusters.get(place.name) : undefined;
    if (cluster === undefined)
      throw new InvariantError(`${id} is no cluster of this fleet, and nothing else is planned`);
    const wanted = project();
    const difference =
      cluster.standing.kind === "frozen" ? noDifference : diffCluster(cluster, wanted.items, desired.managed);
    const target = cluster.writes.kind === "allowed" ? changes : observed;
    for (const change of difference.changes) target.push(change);
    for (const refusal of [...difference.refusals, ...(wanted.refusals ?? [])]) refusals.push(refusal);
    for (const [change, reason] of difference.waiting) waiting.set(change, reason);
    for (const item of difference.unreadItems) unreadItems.add(item);
    const isOpen = openStatus(difference);
    for (const status of wanted.statuses) {
      if (status.refusal !== undefined) refusals.push(status.refusal);
      if (isOpen(status)) statuses.push(status);
    }
  }
  return { changes, observed, refusals, waiting, unreadItems, statuses };
}

/** Of a frozen cluster nothing follows but its own condition. */
const noDifference: Difference = { changes: [], refusals: [], waiting: new Map(), unreadItems: [] };

/** Whether a status has to be written, or depends on an item that is not simply as wanted. */
function openStatus(difference: Difference): (status: DesiredStatus) => boolean {
  const unsettled = new Set([
    ...difference.changes.map((change) => change.item),
    ...difference.refusals.map(({ place, kind, key }) => itemId(place, kind, key)),
    ...difference.unreadItems,
  ]);
  const isUnsettled = ({ place, needs }: DesiredStatus): boolean =>
    needs.some(({ kind, keys }) => keys.some((key) => unsettled.has(itemId(place, kind, key))));
  return (status) => !isWritten(status) || (unsettled.size > 0 && isUnsettled(status));
}

function handOver(input: PlanInput, changes: readonly Change[]) {
  const intervals = new Map(
    input.configuration.regions.map((region) => [region.name, region.externalDns.intervalSeconds]),
  );
  return stepHandovers({
    changes,
    fleet: input.fleet,
    claimedElsewhere: input.desired.claimedElsewhere,
    handovers: input.since.handovers,
    intervalSeconds: (zone) => intervals.get(zone) ?? defaultIntervalSeconds,
    fenced: () => false,
  });
}

function splitWaiting(changes: readonly Change[], reasons: ReadonlyMap<string, string>) {
  const waiting: WaitingChange[] = [];
  if (reasons.size === 0) return { due: changes, waiting };
  const due = changes.filter((change) => {
    const reason = reasons.get(change.id);
    if (reason === undefined) return true;
    waiting.push({ change, code: "SecondRead", reason });
    return false;
  });
  return { due, waiting };
}

type Parts = Omit<Plan, "digest" | "changes"> & { readonly due: readonly Change[] };

function assemble(input: PlanInput, parts: Parts): Plan {
  const inScope = scopeFilter(input.scope);
  const changes = parts.due.filter((change) => inScope(change)).sort(compareChanges);
  return {
    digest: digestOfTexts(changes.map(({ id, before, after }) => canonicalJson({ id, before, after }))),
    changes,
    held: parts.held
      .map((group) => ({ ...group, changes: [...group.changes].sort(compareChanges) }))
      .filter(
        (group) =>
          input.scope === undefined || group.changes.length === 0 || group.changes.some((change) => inScope(change)),
      )
      .sort((left, right) => byText(left.scope, right.scope) || byText(left.code, right.code)),
    observed: parts.observed.filter((change) => inScope(change)).sort(compareChanges),
    waiting: parts.waiting
      .filter(({ change }) => inScope(change))
      .sort((left, right) => compareChanges(left.change, right.change)),
    refusals: parts.refusals
      .filter((refusal) => inScope(refusal))
      .sort(
        (left, right) =>
          byText(placeId(left.place), placeId(right.place)) ||
          byText(left.kind, right.kind) ||
          byText(left.key, right.key),
      ),
  };
}

/** Objects outside the scope are neither changed nor shown; what is due was computed from the whole fleet all the same. */
export function scopeFilter(scope: Scope | undefined): (object: Pick<Change, "place" | "key">) => boolean {
  return ({ place, key }) => {
    if (scope?.cluster !== undefined && !(place.kind === "cluster" && place.name === scope.cluster)) return false;
    return scope?.namespace === undefined || key.startsWith(`${scope.namespace}/`);
  };
}

function* itemsOf(places: readonly DesiredPlace[]): Generator<DesiredItem> {
  for (const { project } of places) yield* project().items;
}

/** Names published now: distinct names of a cluster, or of a zone over all clusters. */
function publishedCounter(fleet: Fleet): (scope: string) => number {
  const counts = new Map<string, number>();
  return (scope) => {
    const known = counts.get(scope);
    if (known !== undefined) return known;
    const names = new Set<string>();
    for (const cluster of fleet.clusters) addPublished(names, cluster, scope);
    counts.set(scope, names.size);
    return names.size;
  };
}

function addPublished(names: Set<string>, cluster: FleetCluster, scope: string): void {
  const listing = cluster.believed?.DNSEndpoint;
  if (listing?.read !== "complete") return;
  const ofCluster = scope === `cluster/${cluster.name}`;
  if (!ofCluster && !scope.startsWith("zone/")) return;
  for (const endpoint of listing.objects) {
    for (const { zone, name } of endpointNames(endpoint)) if (ofCluster || scope === `zone/${zone}`) names.add(name);
  }
}

function ourIstioGateways(fleet: Fleet, name: string, desired: Desired): number {
  const cluster = fleet.clusters.find((candidate) => candidate.name === name);
  const markers = desired.managed.filter(({ kind }) => kind === "IstioGateway");
  const observed = observedOf(cluster?.believed, "IstioGateway");
  return [...(observed?.values() ?? [])].filter(({ object }) =>
    markers.some(({ marker }) => carries(object.meta, marker)),
  ).length;
}

/** Whether a name that leaves an object goes on being answered: by another object of the place, or verifiably by another cluster. */
function staysServed({ desired, servedElsewhere }: PlanInput): (change: Change, name: PublishedName) => boolean {
  const isWanted = wantedElsewhere(desired.places);
  return (change, name) =>
    isWanted(change, name) || (isDnsZone(name.zone) && servedElsewhere?.(change.place.name, name) === true);
}

/** Whether another item of the same place still leads the name to the same destination: an object renamed loses nothing. */
function wantedElsewhere(places: readonly DesiredPlace[]): (change: Change, name: PublishedName) => boolean {
  const wanted = new Map<string, ReadonlySet<string>>();
  return ({ place }, name) => {
    const id = placeId(place);
    let destinations = wanted.get(id);
    if (destinations === undefined) {
      const found = places.find((candidate) => placeId(candidate.place) === id);
      destinations = found === undefined ? new Set() : wantedDestinations(found.project().items);
      wanted.set(id, destinations);
    }
    return destinations.has(destinationKey(name));
  };
}

function wantedDestinations(items: Iterable<DesiredItem>): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const item of items) {
    if (item.want === "absent") continue;
    for (const name of item.names) wanted.add(destinationKey(name));
  }
  return wanted;
}

function destinationKey({ zone, name, content }: PublishedName): string {
  return `${zone} ${name} ${isDnsZone(zone) ? destinationOf(content) : content}`;
}
