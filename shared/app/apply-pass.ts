/**
 * The writing half of a pass, in the order that makes it safe to stop at any line: what decides ties before the changes it
 * leads to, budget use before the changes it pays for, changes before statuses, the memory of handovers before the read that
 * would make them look finished, and last the events, which need neither lease nor memory.
 */
import { spendBudgets, type ScopedNames } from "../core/planning/budgets.ts";
import { lastGoodOf } from "../core/reading/last-good.ts";
import { orderToRemember } from "../core/reading/rebuilt-order.ts";
import { FleetError } from "../errors.ts";
import type { ChangeResult } from "../model/change.ts";
import type { FleetCluster } from "../model/fleet.ts";
import type { Since } from "../model/state.ts";
import type { Scope } from "../model/pass.ts";
import type { PassReport, StatusWrite } from "../model/report.ts";
import type { StatusChange } from "../core/planning/status-changes.ts";
import { applyPlan, type Unpaid } from "./apply-plan.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { remember, writeDocument, type FleetMemory, type Remembered } from "./fleet-memory.ts";
import { stoppedBy, type HeldLease, type Stopped } from "./held-lease.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import { publishEvents } from "./publish-events.ts";
import type { DecidedPass } from "./reconcile-fleet.ts";
import { watchPlaces } from "./silent-places.ts";
import { writableStatuses } from "./writable-statuses.ts";
import { dueStatuses, writeStatuses } from "./write-statuses.ts";

type ApplyPassInput = DecidedPass & {
  readonly lease: HeldLease;
  readonly deadlineMonotonicMs: number;
  readonly scope: Scope | undefined;
  readonly signal?: AbortSignal;
};

export type AppliedPass = {
  readonly results: readonly ChangeResult[];
  readonly statuses: readonly StatusWrite[];
  readonly statusesDue: readonly StatusChange[];
  readonly events: number;
  /** What of the memory could not be written, as sentences. */
  readonly notes: readonly string[];
  readonly ended: PassReport["ended"];
};

export async function applyPass(ports: FleetPorts, pass: ApplyPassInput): Promise<AppliedPass> {
  const { configuration, planned, lease, signal, deadlineMonotonicMs } = pass;
  // Nothing was read: there is nothing to do, and nothing that may replace what an earlier pass remembers.
  if (pass.isOff)
    return { results: [], statuses: [], statusesDue: [], events: 0, notes: [], ended: endOf(undefined, signal) };
  const clusters = configuration.clusters;
  const places = watchPlaces();
  const order = await rememberOrder(ports, pass);
  const { paid, unpaid } = await payBudgets(ports, pass);
  const { results, stopped } = await applyPlan(ports, {
    plan: planned.plan,
    clusters,
    lease,
    places,
    placementRevision: pass.memory.placement.revision,
    ...(unpaid === undefined ? {} : { unpaid }),
    ...(signal === undefined ? {} : { signal }),
  });
  const statusesDue = dueStatuses({
    statuses: writableStatuses(planned.statuses, pass.assessment.fleet, pass.scope),
    outcomeOf: itemOutcomes(planned, results),
    nowMs: pass.assessment.fleet.nowMs,
  });
  const statuses = await writeStatuses(ports, {
    due: stopped === undefined ? statusesDue : [],
    clusters,
    lease,
    places,
    deadlineMonotonicMs,
    ...(signal === undefined ? {} : { signal }),
  });
  // A pass that lost its lease leaves the memory to the one that has it now.
  const ended = stopped ?? (await leaseLost(lease));
  const left = ended === undefined ? await leaveMemory(ports, pass, { paid, results }) : [];
  const events = await publishEvents(ports, {
    results,
    statuses: stopped === undefined ? statusesDue : [],
    clusters,
    places,
    deadlineMonotonicMs,
  });
  const unwritten = [...order, ...left];
  const notes = unwritten.map(({ note }) => note);
  return { results, statuses, statusesDue, events, notes, ended: endOf(ended ?? unwritten[0], signal) };
}

async function leaseLost(lease: HeldLease): Promise<Stopped | undefined> {
  try {
    await lease.ensureRoom();
    return undefined;
  } catch (caught) {
    return stoppedBy(caught);
  }
}

function endOf(stopped: Stopped | undefined, signal: AbortSignal | undefined): PassReport["ended"] {
  if (stopped !== undefined) return { kind: "stopped", ...stopped };
  if (signal?.aborted === true) return { kind: "stopped", code: "INTERRUPTED", reason: "the pass was interrupted" };
  return { kind: "complete" };
}

/**
 * Before the first change: a pass that dies in the middle leaves names behind that its order gave, and the next one must not
 * take those for what others had published before.
 */
async function rememberOrder(ports: FleetPorts, pass: ApplyPassInput): Promise<readonly Forgotten[]> {
  const { memory, assessment, order } = pass;
  const value = orderToRemember(order, assessment.fleet, memory.order.value);
  try {
    await remember(ports.store, memory, { name: "order", value, before: memory.order });
    return [];
  } catch (caught) {
    return [forgotten(ports, caught)];
  }
}

/** A document that was not written. The places are as planned, but the pass is not complete: the next one knows too little. */
type Forgotten = Stopped & { readonly note: string };

function forgotten({ telemetry }: FleetPorts, caught: unknown): Forgotten {
  if (!(caught instanceof FleetError)) throw caught;
  const { code, message } = caught;
  telemetry.warn("the state store was not written", { code, error: message });
  return {
    code,
    reason: "the changes were made, but not all of what the next pass must know could be stored",
    note: `the state store was not written (${code}): ${message}; mend that, then run apply again`,
  };
}

type Payment = { readonly paid: Remembered<Since>; readonly unpaid?: Unpaid };

/**
 * Pays for every counted change before the first one, so that no crash takes names for nothing. The names are recorded with
 * the payment: whoever goes on after a crash does not pay for the same ones again.
 */
async function payBudgets(ports: FleetPorts, pass: ApplyPassInput): Promise<Payment> {
  const { memory, planned } = pass;
  const due = new Set(planned.plan.changes.map((change) => change.id));
  const counted = [...planned.counted].filter(([id]) => due.has(id));
  if (counted.length === 0) return { paid: memory.since };
  const unpaid = (code: string, why: string): Payment => ({
    paid: memory.since,
    unpaid: { changes: new Set(counted.map(([id]) => id)), code, reason: `its budget use cannot be recorded: ${why}` },
  });
  if (memory.untouchable.has("since")) {
    return unpaid("STORE_NEWER_SCHEMA", "since was written by a newer version of this product");
  }
  const spent = counted.map(([, scoped]) => scoped);
  const value = { ...memory.since.value, budgets: spend(pass, spent, { reserve: true }) };
  try {
    return { paid: await remember(ports.store, memory, { name: "since", value, before: memory.since }) };
  } catch (caught) {
    if (!(caught instanceof FleetError)) throw caught;
    return unpaid(caught.code, caught.message);
  }
}

function spend(
  pass: ApplyPassInput,
  spent: readonly (readonly ScopedNames[])[],
  how: { readonly reserve: boolean },
): Since["budgets"] {
  const { nowMs } = pass.assessment.fleet;
  const namesBefore = pass.planned.namesPublished;
  return spendBudgets(pass.memory.since.value.budgets, spent, { nowMs, namesBefore, ...how });
}

type Leaving = { readonly paid: Remembered<Since>; readonly results: readonly ChangeResult[] };

async function leaveMemory(
  ports: FleetPorts,
  pass: ApplyPassInput,
  { paid, results }: Leaving,
): Promise<readonly Forgotten[]> {
  const { memory, assessment, planned } = pass;
  const done = new Set(results.filter(({ outcome }) => outcome.kind === "done").map(({ change }) => change.id));
  const spent = [...planned.counted].filter(([id]) => done.has(id)).map(([, scoped]) => scoped);
  const since: Since = {
    shrunkReads: assessment.shrunkReads,
    handovers: planned.handovers,
    budgets: spend(pass, spent, { reserve: false }),
    records: pass.verified.marks,
    garbage: pass.garbage.marks,
  };
  try {
    await remember(ports.store, memory, { name: "since", value: since, before: paid });
    await mendApprovals(ports, memory);
  } catch (caught) {
    // The places are as planned; the next pass remembers again.
    return [forgotten(ports, caught)];
  }
  // Last: this makes today's read the one that the next pass compares with. All end before the lease is given back.
  const ends = await Promise.allSettled(
    assessment.fleet.clusters.map((cluster) => rememberRead(ports, memory, cluster)),
  );
  return ends.flatMap((end) => (end.status === "rejected" ? [forgotten(ports, end.reason)] : []));
}

async function rememberRead({ store }: FleetPorts, memory: FleetMemory, cluster: FleetCluster): Promise<void> {
  const before = memory.lastGood.get(cluster.name);
  const value = lastGoodOf(cluster);
  if (value === undefined || before?.value.digest === value.digest) return;
  await writeDocument(store, memory, { name: "last-good", id: cluster.name, value, before, yields: true });
}

/** What was approved is lost with a damaged document and is asked again; until it is written, every pass would note it. */
async function mendApprovals({ store }: FleetPorts, memory: FleetMemory): Promise<void> {
  if (!memory.damaged.has("approvals")) return;
  // Somebody may have approved meanwhile, and written it again.
  await writeDocument(store, memory, { name: "approvals", value: { approvals: [] }, before: undefined, yields: true });
}
