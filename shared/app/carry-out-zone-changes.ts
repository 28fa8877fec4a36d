/**
 * Carries out what a person approved, in rounds. Each takes the lease of passes, reads the whole fleet and its zones again, and
 * writes what is still as approved: a name that somebody claimed meanwhile stays. Between two rounds the lease is given back,
 * so that passes go on while a long list is worked off at the speed that Azure allows.
 */
import { changeText, newlyDue, overBudget } from "../core/planning/zone-plan.ts";
import type { ApprovedZoneRequest, ZoneChange, ZoneChangeOutcome, ZonePlan, ZoneRun } from "../model/zone-change.ts";
import { applyZoneChanges } from "./apply-zone-changes.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { giveBack, holdLease, stoppedBy, type HeldLease, type Stopped } from "./held-lease.ts";
import { zoneBudgetOf, zonePlanOf } from "./plan-zone-changes.ts";
import { seeFleet, type SeenFleet } from "./see-fleet.ts";
import { payForNames, settlePayment } from "./zone-budget-use.ts";

/** Interrupted between two changes, never within one. */
type Request = ApprovedZoneRequest & { readonly signal?: AbortSignal };

/** Enough for thousands of records; more are another run. */
const roundsAtMost = 200;
/** Rounds in a row in which nothing was done. */
const idleRoundsAtMost = 3;
/** Azure counts writes per minute. */
const roundMs = 60_000;
/** The timer tries every 15 s to begin a pass. */
const pauseMs = 16_000;

/** What of the approved list is still to be done, and what became of the rest. */
type Work = {
  readonly request: Request;
  /** By `changeText`. */
  readonly open: Map<string, ZoneChange>;
  readonly all: readonly ZoneChange[];
  readonly outcomes: Map<string, ZoneChangeOutcome>;
  /** A held group was looked at by itself: it does not use up the budget. */
  readonly isHeld: boolean;
  readonly notes: Set<string>;
  stopped?: Stopped;
};

/** @throws LeaseHeldError when a pass runs for longer than the first round waits. */
export async function carryOutZoneChanges(ports: FleetPorts, request: Request): Promise<ZoneRun> {
  const startedAtMs = ports.clock.nowMs();
  let work: Work | undefined;
  let idle = 0;
  for (let round = 0; round < roundsAtMost && idle < idleRoundsAtMost; round += 1) {
    const begunMs = ports.clock.monotonicMs();
    const before = work?.open.size ?? Infinity;
    const turn = await takeTurn(ports, request, work);
    if ("kind" in turn) return turn;
    work = turn;
    idle = work.open.size < before ? 0 : idle + 1;
    if (work.open.size === 0 || work.stopped !== undefined) break;
    await pause(ports, work, roundMs - (ports.clock.monotonicMs() - begunMs));
    if (work.stopped !== undefined) break;
  }
  return ended(ports, request, { startedAtMs, work });
}

async function pause(ports: FleetPorts, work: Work, untilMs: number): Promise<void> {
  ports.progress.stage("wait for the zone's next minute");
  try {
    await ports.clock.sleep(Math.max(pauseMs, untilMs), work.request.signal);
  } catch {
    work.stopped = interrupted;
  }
}

const interrupted: Stopped = { code: "INTERRUPTED", reason: "the run was interrupted" };

/** One round under the lease. @returns the work so far, or the answer for a digest that is not there. */
async function takeTurn(
  ports: FleetPorts,
  request: Request,
  before: Work | undefined,
): Promise<Work | Extract<ZoneRun, { readonly kind: "unknown-digest" }>> {
  const { signal } = request;
  let work = before;
  try {
    const lease = await holdLease(ports.store, ports.clock, {
      name: "reconcile",
      holder: ports.holder,
      waitMs: request.waitForLeaseMs ?? 0,
      waiting: (holder) => ports.progress.waiting?.(holder),
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      const seen = await seeFleet(ports, { lease, ...(signal === undefined ? {} : { signal }) });
      const plan = zonePlanOf(seen, request);
      work ??= approvedWork(request, plan);
      if (work === undefined) return unknownDigest(request, plan);
      if (before === undefined) sayApproved(ports, work);
      await writeRound(ports, { work, plan, seen, lease });
      return work;
    } finally {
      await giveBack(lease, ports.telemetry);
    }
  } catch (caught) {
    // What was done must be told, whatever ends the round.
    if (work === undefined) throw caught;
    work.stopped = signal?.aborted === true ? interrupted : stoppedBy(caught);
    return work;
  }
}

function approvedWork(request: Request, plan: ZonePlan): Work | undefined {
  const held = plan.held.find(({ digest }) => digest === request.digest);
  const isCommon = plan.changes.length > 0 && plan.digest === request.digest;
  const all = isCommon ? plan.changes : held?.changes;
  if (all === undefined) return undefined;
  const open = new Map(all.map((change) => [changeText(change), change]));
  return { request, open, all, outcomes: new Map(), isHeld: !isCommon, notes: new Set() };
}

function unknownDigest({ digest }: Request, plan: ZonePlan) {
  const added = newlyDue(plan.changes, digest);
  return { kind: "unknown-digest", digest, plan, ...(added === undefined ? {} : { newlyDue: added }) } as const;
}

type Round = {
  readonly work: Work;
  readonly plan: ZonePlan;
  readonly seen: SeenFleet;
  readonly lease: HeldLease;
};

async function writeRound(ports: FleetPorts, { work, plan, seen, lease }: Round): Promise<void> {
  for (const note of plan.notes) work.notes.add(note);
  const changes = withinBudget(work, seen, stillApproved(work, plan));
  if (changes.length === 0 || work.stopped !== undefined) return;
  const payment = await payForNames(ports, seen, work.isHeld ? [] : changes);
  if (payment.kind === "unpaid") {
    work.stopped = payment.why;
    return;
  }
  ports.progress.stage("zones");
  const { signal } = work.request;
  const { outcomes, throttled, stopped } = await applyZoneChanges(ports, {
    changes,
    regions: seen.configuration.regions,
    lease,
    ...(signal === undefined ? {} : { signal }),
  });
  const over = changes.flatMap((change) => {
    const outcome = outcomes.get(change.id);
    return outcome === undefined ? [] : [{ change, outcome }];
  });
  // Whatever became of it, this run does not try it again.
  for (const { change } of over) work.open.delete(changeText(change));
  for (const [id, outcome] of [...outcomes, ...throttled]) work.outcomes.set(id, outcome);
  ports.progress.step(work.all.length - work.open.size, work.all.length);
  if (stopped !== undefined) work.stopped = stopped;
  else if (signal?.aborted === true && work.open.size > 0) work.stopped = interrupted;
  const taken = changes.filter(({ id }) => mayHaveTaken(outcomes.get(id)));
  const note = await settlePayment(ports, seen, { paid: payment.since, taken });
  if (note !== undefined) work.notes.add(note);
  for (const one of over) sayEnded(ports, work, one);
}

/** What was begun and failed afterwards took its name all the same, and so may have what got no answer. */
function mayHaveTaken(outcome: ZoneChangeOutcome | undefined): boolean {
  return outcome !== undefined && (outcome.kind === "done" || outcome.took !== "nothing");
}

/** Those of the approved list that are there as they were approved, with the etags of this read; the others are over. */
function stillApproved(work: Work, plan: ZonePlan): readonly ZoneChange[] {
  const now = new Map(
    [...plan.changes, ...plan.held.flatMap(({ changes }) => changes)].map((change) => [changeText(change), change]),
  );
  const due: ZoneChange[] = [];
  for (const [text, change] of work.open) {
    const current = now.get(text);
    if (current !== undefined) {
      due.push(current);
      continue;
    }
    const blind = plan.notJudged.find(({ region }) => region === undefined || region === change.region);
    const [code, reason] =
      blind === undefined
        ? ["NOT_AS_APPROVED", notAsApproved]
        : ["NOT_JUDGED", `nobody can say any more: ${blind.reason}`];
    work.outcomes.set(change.id, { kind: "not-started", code, reason, took: "nothing" });
    work.open.delete(text);
  }
  return due;
}

/**
 * Less what a zone cannot lose any more since others used up its budget. What became due meanwhile is not approved here, and
 * counts for nothing.
 */
function withinBudget(work: Work, seen: SeenFleet, due: readonly ZoneChange[]): readonly ZoneChange[] {
  if (work.isHeld) return due;
  const over = new Map(
    overBudget(due, zoneBudgetOf(seen)).flatMap(({ changes, reason }) =>
      changes.map((change) => [change, reason] as const),
    ),
  );
  for (const [change, reason] of over) {
    work.outcomes.set(change.id, { kind: "not-started", code: "BUDGET_EXCEEDED", reason, took: "nothing" });
    work.open.delete(changeText(change));
  }
  return due.filter((change) => !over.has(change));
}

const notAsApproved = "it is not as it was approved any more: somebody claimed, wrote or deleted it meanwhile";

type Outcome = { readonly change: ZoneChange; readonly outcome: ZoneChangeOutcome };

/** There is a sentence on record of whatever became of it. */
function sayEnded({ telemetry }: FleetPorts, { request }: Work, { change, outcome }: Outcome): void {
  const [first] = change.writes;
  const fields = {
    task: request.task,
    change: change.kind,
    region: change.region,
    record: `${first?.type ?? ""} ${first?.name ?? ""}`,
    because: change.reason,
    digest: request.digest,
    by: request.person.name,
    verified: request.person.verified,
  };
  if (outcome.kind === "done") return telemetry.info("zone change made", fields);
  telemetry.warn("zone change not made", {
    ...fields,
    outcome: outcome.kind,
    code: outcome.code,
    reason: outcome.reason,
  });
}

function sayApproved({ telemetry }: FleetPorts, { request, all }: Work): void {
  const { task, digest, person, reason } = request;
  const by = { by: person.name, verified: person.verified };
  telemetry.info("zone changes approved", { task, digest, ...by, reason, changes: all.length });
}

type Ending = { readonly startedAtMs: number; readonly work: Work | undefined };

function ended(ports: FleetPorts, { task, digest }: Request, { startedAtMs, work }: Ending): ZoneRun {
  const { all = [], outcomes, stopped, open, notes = [] } = work ?? {};
  const rest: ZoneChangeOutcome = {
    kind: "not-started",
    code: stopped?.code ?? "THROTTLED",
    reason: stopped?.reason ?? "the zone takes no more writes for now; run it again",
    took: "nothing",
  };
  return {
    kind: "ran",
    task,
    digest,
    startedAtMs,
    endedAtMs: ports.clock.nowMs(),
    results: all.map((change) => ({ change, outcome: outcomes?.get(change.id) ?? rest })),
    ended: stopped === undefined || open?.size === 0 ? { kind: "complete" } : { kind: "stopped", ...stopped },
    notes: [...notes].sort(),
  };
}
