/**
 * Carries out a plan: phase by phase, places in parallel, every write bounded and under the lease.
 * A failed change blocks only later phases of the same name, and what depends on it; everything else goes on.
 */
import pLimit, { type LimitFunction } from "p-limit";
import { placeId } from "../core/naming/item-id.ts";
import { FailedChanges } from "../core/planning/failed-changes.ts";
import { phases, wavesOf } from "../core/planning/phases.ts";
import { asError, FleetError } from "../errors.ts";
import type { Change, ChangeOutcome, ChangeResult, Plan } from "../model/change.ts";
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { PlaceId } from "../model/place.ts";
import type { ClusterPort } from "../ports.ts";
import { clusterAt } from "./cluster-at.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";
import { stoppedBy, type HeldLease, type Stopped } from "./held-lease.ts";
import { watchPlaces, type SilentPlaces } from "./silent-places.ts";

export type ApplyInput = {
  readonly plan: Plan;
  readonly clusters: readonly ClusterConfiguration[];
  readonly lease: HeldLease;
  /** Revision the plan was made for; a newer one stops the pass before its next phase. */
  readonly placementRevision: number;
  readonly unpaid?: Unpaid;
  /** Shared by all that a pass writes. */
  readonly places?: SilentPlaces;
  readonly signal?: AbortSignal;
};

/** Changes, by id, whose budget use could not be recorded: they fail untried, so that no budget is spent twice. */
export type Unpaid = { readonly changes: ReadonlySet<string>; readonly code: string; readonly reason: string };

export type ApplyResult = {
  readonly results: readonly ChangeResult[];
  readonly stopped?: Stopped;
};

type Progressing = {
  readonly ports: FleetPorts;
  readonly input: ApplyInput;
  readonly places: SilentPlaces;
  readonly limitOf: (place: PlaceId) => LimitFunction;
  readonly failed: FailedChanges;
  readonly results: Map<string, ChangeResult>;
  stopped?: Stopped;
};

export async function applyPlan(ports: FleetPorts, input: ApplyInput): Promise<ApplyResult> {
  const limiters = new Map<PlaceId, LimitFunction>();
  const run: Progressing = {
    ports,
    input,
    places: input.places ?? watchPlaces(),
    limitOf: (place) => {
      const known = limiters.get(place) ?? pLimit(limits.writesPerCluster);
      limiters.set(place, known);
      return known;
    },
    failed: new FailedChanges(),
    results: new Map(),
  };
  const { changes } = input.plan;
  if (changes.length > 0) ports.progress.stage("apply");
  for (const phase of phases) {
    const due = changes.filter((change) => change.phase === phase);
    if (due.length === 0) continue;
    await checkPlacement(run);
    for (const wave of wavesOf(due)) await Promise.all(wave.map((change) => applyOne(run, change)));
  }
  return {
    results: changes.map(
      (change) => run.results.get(change.id) ?? { change, outcome: notStarted("the pass ended before it") },
    ),
    ...(run.stopped === undefined ? {} : { stopped: run.stopped }),
  };
}

async function checkPlacement(run: Progressing): Promise<void> {
  if (run.stopped !== undefined) return;
  try {
    const placement = await run.ports.store.read("placement");
    const revision = placement.found === "value" ? placement.value.revision : 0;
    if (revision > run.input.placementRevision) {
      run.stopped = { code: "PLACEMENT_MOVED", reason: "placement changed during the pass; the next pass plans anew" };
    }
  } catch (caught) {
    stop(run, caught);
  }
}

async function applyOne(run: Progressing, change: Change): Promise<void> {
  const outcome = await run.limitOf(placeId(change.place))(() => attempt(run, change));
  run.results.set(change.id, { change, outcome });
  run.ports.progress.step(run.results.size, run.input.plan.changes.length);
  if (outcome.kind !== "done") run.failed.add(change);
}

async function attempt(run: Progressing, planned: Change): Promise<ChangeOutcome> {
  const { input } = run;
  if (run.stopped !== undefined) return notStarted(run.stopped.reason);
  if (input.signal?.aborted === true) return notStarted("the pass was interrupted");
  const blocker = run.failed.blockerOf(planned);
  if (blocker !== undefined) return { kind: "blocked", by: blocker };
  const unpaid = input.unpaid?.changes.has(planned.id) === true ? input.unpaid : undefined;
  if (unpaid !== undefined) return { kind: "failed", code: unpaid.code, reason: unpaid.reason, retryable: true };
  const remainder = run.failed.remainderOf(planned);
  if (remainder.kind === "blocked") return remainder;
  const { change } = remainder;
  const silence = run.places.reasonFor(change.place);
  if (silence !== undefined) return notStarted(silence);
  const cluster = clusterAt(input.clusters, change.place);
  if (cluster === undefined) return notStarted(`${placeId(change.place)} is not a configured cluster`);
  try {
    const port = await run.ports.clusters.open(cluster);
    // Last before the write: whatever takes time in between would be taken from the margin.
    const refusal = await roomFor(run);
    if (refusal !== undefined) return refusal;
    await write(port, change);
    run.places.ended(change.place);
    return { kind: "done" };
  } catch (caught) {
    run.places.ended(change.place, caught);
    const error = asError(caught);
    if (error instanceof FleetError)
      return { kind: "failed", code: error.code, reason: error.message, retryable: error.retryable };
    return { kind: "failed", code: "UNEXPECTED", reason: error.message, retryable: false };
  }
}

/** Why no write may start any more; undefined while the lease has room for one. */
async function roomFor(run: Progressing): Promise<ChangeOutcome | undefined> {
  try {
    await run.input.lease.ensureRoom();
    return undefined;
  } catch (caught) {
    stop(run, caught);
    return notStarted(asError(caught).message);
  }
}

/** A write that has begun is not interrupted by the caller: it ends by itself or by its own timeout. */
async function write(port: ClusterPort, change: Change): Promise<void> {
  const signal = AbortSignal.timeout(limits.writeMs);
  const { kind, key, precondition } = change;
  if (change.operation === "delete") {
    if (precondition !== undefined) await port.remove({ kind, key, precondition }, signal);
    return;
  }
  if (change.after === undefined) return;
  await port.apply(
    {
      kind,
      key,
      body: change.after,
      force: change.operation === "adopt",
      ...(precondition === undefined ? {} : { precondition }),
    },
    signal,
  );
}

function stop(run: Progressing, caught: unknown): void {
  run.stopped ??= stoppedBy(caught);
}

function notStarted(reason: string): ChangeOutcome {
  return { kind: "not-started", reason };
}
