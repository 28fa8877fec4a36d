/**
 * One pass on pure data, and what the API servers and the store hold after it. The same functions as the product's pass,
 * without ports: so several passes can be played in a quick test.
 */
import { desireFleet } from "../../../shared/app/desire-fleet.ts";
import { itemOutcomes } from "../../../shared/app/item-outcomes.ts";
import { verifyFleet, type VerifiedFleet } from "../../../shared/app/verify-fleet.ts";
import { writableStatuses } from "../../../shared/app/writable-statuses.ts";
import { readsOf, type FleetDesired } from "../../../shared/core/compute-desired.ts";
import { objectKey } from "../../../shared/core/naming/item-id.ts";
import { spendBudgets } from "../../../shared/core/planning/budgets.ts";
import { phases, wavesOf } from "../../../shared/core/planning/phases.ts";
import { FailedChanges, type Remainder } from "../../../shared/core/planning/failed-changes.ts";
import { planFleet, type FleetPlan } from "../../../shared/core/planning/plan-fleet.ts";
import { statusChange, type StatusChange } from "../../../shared/core/planning/status-changes.ts";
import { servedElsewhere } from "../../../shared/core/verification/served-elsewhere.ts";
import type { Assessment } from "../../../shared/core/reading/assess-fleet.ts";
import { lastGoodOf } from "../../../shared/core/reading/last-good.ts";
import { orderToRemember } from "../../../shared/core/reading/rebuilt-order.ts";
import type { Verification } from "../../../shared/core/verification/verify-record.ts";
import type { Change, ChangeOutcome, ChangeResult, Plan } from "../../../shared/model/change.ts";
import type { DesiredItem, DesiredStatus } from "../../../shared/model/desired.ts";
import type { FleetCluster } from "../../../shared/model/fleet.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { ObjectMeta, OwnerReference } from "../../../shared/model/object-meta.ts";
import { fieldManager, serviceRoutingMarker } from "../../../shared/model/ownership.ts";
import type { Scope } from "../../../shared/model/pass.ts";
import type { ResolvedPlacement } from "../../../shared/model/placement.ts";
import type { FleetSnapshot } from "../../../shared/model/snapshot.ts";
import type { LastGood, Order } from "../../../shared/model/state.ts";
import {
  approve,
  changeCluster,
  clusterOf,
  idOf,
  later,
  put,
  remove,
  snapshotOf,
  withMeta,
  type World,
  type WorldCluster,
} from "./fleet.ts";
import type { WorldObject } from "./objects.ts";

export type Pass = {
  readonly snapshot: FleetSnapshot;
  readonly assessment: Assessment;
  readonly placement: ResolvedPlacement;
  readonly desired: FleetDesired;
  readonly verified: VerifiedFleet["verified"];
  readonly garbage: VerifiedFleet["garbage"];
  readonly wanted: VerifiedFleet["wanted"];
  readonly views: VerifiedFleet["views"];
  readonly verification: Verification;
  readonly planned: FleetPlan;
  readonly plan: Plan;
  readonly order: Order;
};

export type PassOptions = {
  readonly scope?: Scope;
  /** Instead of what the world would be read as. */
  readonly snapshot?: FleetSnapshot;
};

/** Everything up to the first write: read, place, desire, plan. */
export function runPass(world: World, options: PassOptions = {}): Pass {
  const { configuration, memory } = world;
  const snapshot = options.snapshot ?? snapshotOf(world);
  const assessed = {
    configuration,
    snapshot,
    lastGood: memory.lastGood,
    shrunkReads: memory.since.shrunkReads,
    approvals: memory.approvals,
    order: memory.order,
    reads: readsOf(configuration.families),
    nowMs: world.nowMs,
  };
  const { since } = memory;
  const { assessment, placement, desired, order, verification } = desireFleet(assessed, {
    placement: memory.placement,
    records: since.records,
  });
  const { fleet } = assessment;
  const regions = configuration.regions;
  const { verified, garbage, wanted, views } = verifyFleet({ fleet, desired, regions, verification, since });
  const planned = planFleet({
    fleet: assessment.fleet,
    desired,
    configuration,
    since: memory.since,
    approvals: memory.approvals,
    heldReads: assessment.held,
    servedElsewhere: servedElsewhere(desired.zones, verification),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  });
  return {
    snapshot,
    assessment,
    placement,
    desired,
    verification,
    verified,
    garbage,
    wanted,
    views,
    planned,
    plan: planned.plan,
    order,
  };
}

/** A cluster as the core sees it. @throws when the fleet has no such cluster. */
export function fleetCluster(world: World, name: string): FleetCluster {
  const found = runPass(world).assessment.fleet.clusters.find((one) => one.name === name);
  if (found === undefined) throw new Error(`this fleet has no cluster ${name}`);
  return found;
}

/** Statuses as a person reads them: `ServiceRoute shop/cart Active Ready=True ReconciliationSucceeded …`. */
export function statusLine({ kind, key, fields, conditions }: StatusText): string {
  const phase = typeof fields["phase"] === "string" ? ` ${fields["phase"]}` : "";
  const said = conditions.map(({ type, status, reason }) => ` ${type}=${status} ${reason}`);
  return `${kind} ${key}${phase}${said.join("")}`;
}

type StatusText = Pick<DesiredStatus, "kind" | "key" | "fields"> & {
  readonly conditions: readonly Pick<DesiredStatus["conditions"][number], "type" | "status" | "reason">[];
};

/** What every cluster should hold, and every status, whether it is written already or not. */
export function desiredItems({ desired }: Pass): readonly DesiredItem[] {
  return desired.places.flatMap(({ project }) => [...project().items]);
}

export function desiredStatuses({ desired }: Pass): readonly DesiredStatus[] {
  return desired.places.flatMap(({ project }) => [...project().statuses]);
}

/** Statuses that are due after these results: sorted by place, kind and key. */
export function dueStatuses(pass: Pass, results: readonly ChangeResult[] = [], scope?: Scope): readonly StatusChange[] {
  const outcomeOf = itemOutcomes(pass.planned, results);
  const { fleet } = pass.assessment;
  return writableStatuses(pass.planned.statuses, fleet, scope)
    .flatMap((status) => statusChange(status, outcomeOf, fleet.nowMs) ?? [])
    .sort((left, right) => (statusId(left) < statusId(right) ? -1 : 1));
}

function statusId({ status }: StatusChange): string {
  return `${status.place.name} ${status.kind} ${status.key}`;
}

export type ApplyOptions = {
  /** Changes that the API server refuses; what depends on them is blocked as in the product. */
  readonly fails?: (change: Change) => boolean;
  /** The pass is killed after this many changes: no status, no memory. */
  readonly killedAfter?: number;
  readonly statuses?: boolean;
};

/** What the API servers and the store hold after the pass. */
export function applyToWorld(world: World, pass: Pass, options: ApplyOptions = {}): World {
  const { results, after } = carryOut(world, pass.plan, options);
  const order = orderToRemember(pass.order, pass.assessment.fleet, world.memory.order);
  // Remembered before the first change; the rest after the last.
  if (options.killedAfter !== undefined) return { ...after, memory: { ...after.memory, order } };
  const withStatuses = options.statuses === false ? after : writeStatuses(after, dueStatuses(pass, results));
  return { ...withStatuses, memory: { ...memoryAfter(world, pass, results), order } };
}

type CarriedOut = { readonly results: readonly ChangeResult[]; readonly after: World };

function carryOut(world: World, plan: Plan, options: ApplyOptions): CarriedOut {
  const failed = new FailedChanges();
  const results: ChangeResult[] = [];
  let after = world;
  const limited = plan.changes.slice(0, options.killedAfter ?? plan.changes.length);
  for (const change of inOrder(limited)) {
    const outcome = outcomeOf(change, failed, options);
    results.push({ change, outcome: outcome.kind === "due" ? { kind: "done" } : outcome });
    if (outcome.kind === "due") after = applyChange(after, outcome.change);
    else failed.add(change);
  }
  return { results, after };
}

/** @returns the change, or what is left of it, where it is made. */
function outcomeOf(change: Change, failed: FailedChanges, { fails }: ApplyOptions): ChangeOutcome | Remainder {
  const by = failed.blockerOf(change);
  if (by !== undefined) return { kind: "blocked", by };
  const remainder = failed.remainderOf(change);
  return remainder.kind === "due" && fails?.(change) === true
    ? { kind: "failed", code: "OBJECT_REFUSED", reason: "the API server refused it", retryable: false }
    : remainder;
}

/** As the product applies: phase by phase, within each first what depends on nothing. */
function inOrder(changes: readonly Change[]): readonly Change[] {
  return phases.flatMap((phase) => wavesOf(changes.filter((change) => change.phase === phase)).flat());
}

/** One write. @throws when the object is not the one that the plan saw: a plan must never need that. */
export function applyChange(world: World, change: Change): World {
  const { place, kind, key, operation, after, precondition } = change;
  const present = clusterOf(world, place.name).objects.get(idOf(kind, key));
  const stale = precondition === undefined ? present !== undefined : present?.object.meta.uid !== precondition.uid;
  if (stale && !(operation === "create" && precondition === undefined && present === undefined))
    throw new Error(`${change.id}: ${operation} does not fit what is there`);
  if (operation === "delete") return remove(world, place.name, kind, key);
  if (after === undefined) throw new Error(`${change.id}: ${operation} without a body`);
  const counter = world.counter + 1;
  return put({ ...world, counter }, place.name, asObject(change, after, present, { world, counter }));
}

function asObject(
  { kind, key }: Change,
  body: JsonObject,
  present: WorldObject | undefined,
  at: { readonly world: World; readonly counter: number },
): WorldObject {
  const metadata = body["metadata"] as Partial<ObjectMeta> & {
    readonly ownerReferences?: readonly OwnerReference[];
  };
  const [first = "", second] = key.split("/");
  const before = present?.object.meta;
  const meta: ObjectMeta = {
    ...(second === undefined ? {} : { namespace: first }),
    name: second ?? first,
    uid: before?.uid ?? `${kind}:${key}#${at.counter}`,
    resourceVersion: String(at.counter),
    generation: (before?.generation ?? 0) + 1,
    createdAtMs: before?.createdAtMs ?? at.world.nowMs,
    deleting: false,
    labels: { ...othersLabels(before), ...metadata.labels },
    annotations: { ...before?.annotations, ...metadata.annotations },
    owners: metadata.ownerReferences ?? [],
    managers: [...new Set([...(before?.managers ?? []), fieldManager])].sort(),
  };
  return { kind, object: { meta, spec: body["spec"] } } as unknown as WorldObject;
}

/** Server-side apply takes away what we applied before and do not any more; labels of others stay. */
function othersLabels(before: ObjectMeta | undefined): Readonly<Record<string, string>> {
  if (before === undefined || !before.managers.includes(fieldManager)) return before?.labels ?? {};
  return Object.fromEntries(
    Object.entries(before.labels).filter(
      ([label]) => label !== "app" && label !== serviceRoutingMarker.label && !label.startsWith("router.io/"),
    ),
  );
}

function writeStatuses(world: World, due: readonly StatusChange[]): World {
  let after = world;
  for (const { status, fields, conditions } of due) {
    const { place, kind, key } = status;
    const counter = after.counter + 1;
    const written = { ...fields, conditions };
    after = changeCluster({ ...after, counter }, place.name, (one) =>
      withStatus(one, idOf(kind, key), written, counter),
    );
  }
  return after;
}

/** An object that is gone by now gets no status. */
function withStatus(one: WorldCluster, id: string, status: JsonObject, counter: number): WorldCluster {
  const resourceVersion = String(counter);
  const found = one.objects.get(id);
  if (found !== undefined) {
    const entry = withMeta(found, { ...found.object.meta, resourceVersion });
    const object = { ...entry.object, status };
    return { ...one, objects: new Map([...one.objects, [id, { kind: entry.kind, object } as unknown as WorldObject]]) };
  }
  const unparsable = one.rejected.get(id);
  if (unparsable === undefined) return one;
  const rejected = { ...unparsable.rejected, status, meta: { ...unparsable.rejected.meta, resourceVersion } };
  return { ...one, rejected: new Map([...one.rejected, [id, { kind: unparsable.kind, rejected }]]) };
}

function memoryAfter(world: World, pass: Pass, results: readonly ChangeResult[]): World["memory"] {
  const done = new Set(results.filter(({ outcome }) => outcome.kind === "done").map(({ change }) => change.id));
  const spent = [...pass.planned.counted].filter(([id]) => done.has(id)).map(([, scoped]) => scoped);
  const { memory, nowMs } = world;
  return {
    ...memory,
    since: {
      shrunkReads: pass.assessment.shrunkReads,
      handovers: pass.planned.handovers,
      budgets: spendBudgets(memory.since.budgets, spent, { nowMs, namesBefore: pass.planned.namesPublished }),
      records: pass.verified.marks,
      garbage: pass.garbage.marks,
    },
    lastGood: lastGoodAfter(memory.lastGood, pass),
  };
}

function lastGoodAfter(before: ReadonlyMap<string, LastGood>, pass: Pass): ReadonlyMap<string, LastGood> {
  const after = new Map(before);
  for (const one of pass.assessment.fleet.clusters) {
    const value = lastGoodOf(one);
    if (value !== undefined && before.get(one.name)?.digest !== value.digest) after.set(one.name, value);
  }
  return after;
}

/** Kubernetes removes DNSEndpoints and Istio Gateways of which no owner exists any more. */
export function collectGarbage(world: World): World {
  let after = world;
  for (const one of world.clusters) {
    const uids = new Set([
      ...[...one.objects.values()].map(({ object }) => object.meta.uid),
      ...[...one.rejected.values()].map(({ rejected }) => rejected.meta.uid),
    ]);
    for (const { kind, object } of one.objects.values()) {
      const { owners, deleting } = object.meta;
      // What is being deleted still has a finalizer, of somebody who ends it in his own time.
      const orphaned = !deleting && owners.length > 0 && !owners.some((owner) => uids.has(owner.uid));
      if (orphaned) after = remove(after, one.name, kind, objectKey(object.meta));
    }
  }
  return after;
}

/** One pass, decided and applied. */
export function play(world: World, options: ApplyOptions = {}): { readonly pass: Pass; readonly after: World } {
  const pass = runPass(world);
  return { pass, after: applyToWorld(world, pass, options) };
}

/** One ExternalDNS interval, the 10 s that a handover adds, and a little. */
export const WAIT_MS = 75_000;

export type Played = { readonly world: World; readonly passes: readonly Pass[] };

/**
 * Plays passes with everything approved that is held, garbage collected and waiting times elapsed between them, until two
 * in a row have nothing to do or wait for, at most `most` times. Two, because what a first read no longer has stays until
 * the second.
 */
export function settle(start: World, most = 8): Played {
  let world = start;
  const passes: Pass[] = [];
  let wasQuiet = false;
  for (let number = 0; number < most; number += 1) {
    world = approve(world, ...runPass(world).plan.held.map(({ digest }) => digest));
    const { pass, after } = play(world);
    passes.push(pass);
    world = later(collectGarbage(after), WAIT_MS);
    const quiet = isQuiet(pass) && dueStatuses(pass).length === 0;
    if (quiet && wasQuiet) break;
    wasQuiet = quiet;
  }
  return { world, passes };
}

/**
 * Nothing to do, nothing held, nothing that time alone will permit. What waits for somebody else's step without a time may
 * stay: a name that an observed cluster publishes is never handed over by us.
 */
export function isQuiet({ plan }: Pass): boolean {
  const timed = plan.waiting.filter(({ code, dueAtMs }) => dueAtMs !== undefined || code === "SecondRead");
  return plan.changes.length === 0 && plan.held.length === 0 && timed.length === 0;
}

/** `publish w1 create DNSEndpoint shop/cart-external-dns-weu`: one line per change, in the plan's order. */
export function planLines(plan: Pick<Plan, "changes">): readonly string[] {
  return plan.changes.map((change) => changeLine(change));
}

export function changeLine({ phase, place, operation, kind, key }: Change): string {
  return `${phase} ${place.name} ${operation} ${kind} ${key}`;
}
