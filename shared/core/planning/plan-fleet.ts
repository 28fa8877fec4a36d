/**
 * The plan: difference, doubts, handover, budgets, order. Knows places, kinds, markers, names and phases, not routes.
 * Pure and deterministic: the same fleet gives the same bytes.
 */
import type { Change, HeldChanges, Plan, WaitingChange } from "../../model/change.ts";
import type { Desired, DesiredItem, PublishedName, Refusal } from "../../model/desired.ts";
import type { FleetConfiguration } from "../../model/fleet-configuration.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Scope } from "../../model/pass.ts";
import type { Approval, Handover, Since } from "../../model/state.ts";
import { canonicalJson, digest } from "../naming/digest.ts";
import { byText, placeId } from "../naming/item-id.ts";
import { destinationOf } from "../naming/record-content.ts";
import { endpointNames, isDnsZone } from "../naming/published-names.ts";
import { holdForPerson } from "./always-approved.ts";
import { holdOverBudget, type ScopedNames } from "./budgets.ts";
import { diffCluster } from "./diff.ts";
import { stepHandovers } from "./handover.ts";
import { holdForNeverRead } from "./never-read.ts";
import { carries, observedOf } from "./observed-items.ts";
import { compareChanges, holdFollowers } from "./phases.ts";

export type PlanInput = {
  readonly fleet: Fleet;
  readonly desired: Desired;
  readonly configuration: Pick<FleetConfiguration, "budgets" | "regions">;
  readonly since: Pick<Since, "handovers" | "budgets">;
  readonly approvals: readonly Approval[];
  /** Reads that wait for approval, from the assessment. */
  readonly heldReads: readonly HeldChanges[];
  /** Without a store there is no memory of waits: the final state is planned at once. */
  readonly waits: boolean;
  readonly scope?: Scope;
};

export type FleetPlan = {
  readonly plan: Plan;
  readonly handovers: Readonly<Record<string, Handover>>;
  readonly counted: ReadonlyMap<string, readonly ScopedNames[]>;
  /** Number of names published in a scope before this plan, for the base of a budget. */
  readonly namesPublished: (scope: string) => number;
  /** Items that were not compared because their kind was not read. */
  readonly unreadItems: ReadonlySet<string>;
  /** Items with a due change that the scope leaves out. */
  readonly outOfScope: ReadonlySet<string>;
};

export const defaultIntervalSeconds = 60;

export function planFleet(input: PlanInput): FleetPlan {
  const { fleet, desired, approvals } = input;
  const raw = diffFleet(fleet, desired);
  const known = holdForNeverRead(raw.changes, fleet, approvals);
  const handed = input.waits ? handOver(input, known.due) : { due: known.due, waiting: [], handovers: {} };
  const settled = splitWaiting(handed.due, raw.waiting, input.waits);
  const person = holdForPerson({
    changes: settled.due,
    items: desired.items,
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
    staysWanted: wantedElsewhere(desired.items),
    nowMs: fleet.nowMs,
  });
  const final = holdFollowers(budget.due, [...known.held, ...person.held, ...budget.held]);
  const waiting = [...handed.waiting, ...settled.waiting];
  const plan = assemble(input, {
    due: withoutWaitingFollowers(final.due, waiting),
    held: [...input.heldReads, ...final.held],
    waiting,
    observed: raw.observed,
    refusals: [...desired.refusals, ...raw.refusals],
  });
  const inScope = scopeFilter(input.scope);
  const outOfScope = new Set(raw.changes.filter((change) => !inScope(change)).map((change) => change.item));
  return {
    plan,
    handovers: handed.handovers,
    counted: budget.counted,
    namesPublished,
    unreadItems: raw.unreadItems,
    outOfScope,
  };
}

type RawDifference = {
  readonly changes: readonly Change[];
  readonly observed: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly waiting: ReadonlyMap<string, string>;
  readonly unreadItems: ReadonlySet<string>;
};

function diffFleet(fleet: Fleet, desired: Desired): RawDifference {
  const itemsByCluster = groupByCluster(desired.items);
  const changes: Change[] = [];
  const observed: Change[] = [];
  const refusals: Refusal[] = [];
  const waiting = new Map<string, string>();
  const unreadItems = new Set<string>();
  for (const cluster of fleet.clusters) {
    if (cluster.standing.kind === "frozen") continue;
    const difference = diffCluster(cluster, itemsByCluster.get(cluster.name) ?? [], desired.managed);
    const target = cluster.writes.kind === "allowed" ? changes : observed;
    for (const change of difference.changes) target.push(change);
    for (const refusal of difference.refusals) refusals.push(refusal);
    for (const [id, reason] of difference.waiting) waiting.set(id, reason);
    for (const item of difference.unreadItems) unreadItems.add(item);
  }
  return { changes, observed, refusals, waiting, unreadItems };
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

function splitWaiting(changes: readonly Change[], reasons: ReadonlyMap<string, string>, waits: boolean) {
  const waiting: WaitingChange[] = [];
  if (!waits || reasons.size === 0) return { due: changes, waiting };
  const due = changes.filter((change) => {
    const reason = reasons.get(change.id);
    if (reason === undefined) return true;
    waiting.push({ change, code: "SecondRead", reason });
    return false;
  });
  return { due, waiting };
}

/** A later step of an object whose earlier step waits, waits too: it is made from what that step leaves behind. */
function withoutWaitingFollowers(due: readonly Change[], waiting: readonly WaitingChange[]): readonly Change[] {
  if (waiting.length === 0) return due;
  const items = new Set(waiting.map(({ change }) => change.item));
  return due.filter((change) => !items.has(change.item) && !change.dependsOn.some((item) => items.has(item)));
}

type Parts = Omit<Plan, "digest" | "changes"> & { readonly due: readonly Change[] };

function assemble(input: PlanInput, parts: Parts): Plan {
  const inScope = scopeFilter(input.scope);
  const changes = parts.due.filter((change) => inScope(change)).sort(compareChanges);
  return {
    digest: digest(changes.map(({ id, before, after }) => canonicalJson({ id, before, after }))),
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

function groupByCluster(items: readonly DesiredItem[]): ReadonlyMap<string, readonly DesiredItem[]> {
  const grouped = new Map<string, DesiredItem[]>();
  for (const item of items) {
    if (item.place.kind !== "cluster") continue;
    const known = grouped.get(item.place.name);
    if (known === undefined) grouped.set(item.place.name, [item]);
    else known.push(item);
  }
  return grouped;
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

/** Whether another item of the same place still leads the name to the same destination: an object renamed loses nothing. */
function wantedElsewhere(items: readonly DesiredItem[]): (change: Change, name: PublishedName) => boolean {
  let wanted: Map<string, Set<string>> | undefined;
  return (change, name) => {
    wanted ??= wantedNames(items);
    const destinations = wanted.get(`${placeId(change.place)} ${name.zone} ${name.name}`);
    return destinations?.has(isDnsZone(name.zone) ? destinationOf(name.content) : name.content) === true;
  };
}

function wantedNames(items: readonly DesiredItem[]): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const item of items) {
    if (item.want === "absent") continue;
    for (const { zone, name, content } of item.names) {
      const key = `${placeId(item.place)} ${zone} ${name}`;
      const destination = isDnsZone(zone) ? destinationOf(content) : content;
      const known = wanted.get(key);
      if (known === undefined) wanted.set(key, new Set([destination]));
      else known.add(destination);
    }
  }
  return wanted;
}
