/**
 * The writing half of a pass, in the order that makes it safe to stop at any line: budget use before the changes it
 * pays for, changes before statuses, the memory of handovers before the read that would make them look finished.
 */
import { spendBudgets, type ScopedNames } from "../core/planning/budgets.ts";
import { keptListings } from "../core/reading/read-digest.ts";
import { FleetError } from "../errors.ts";
import type { ChangeResult } from "../model/change.ts";
import type { LastGood, Since } from "../model/state.ts";
import type { Scope } from "../model/pass.ts";
import type { PassReport, StatusWrite } from "../model/report.ts";
import type { StatusChange } from "../core/planning/status-changes.ts";
import { applyPlan } from "./apply-plan.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { remember, type Remembered } from "./fleet-memory.ts";
import type { HeldLease } from "./held-lease.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import { publishEvents } from "./publish-events.ts";
import type { DecidedPass } from "./reconcile-fleet.ts";
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
  readonly ended: PassReport["ended"];
};

export async function applyPass(ports: FleetPorts, pass: ApplyPassInput): Promise<AppliedPass> {
  const { configuration, planned, lease, signal, deadlineMonotonicMs } = pass;
  const clusters = configuration.clusters;
  const paid = await payBudgets(ports, pass);
  const { results, stopped } = await applyPlan(ports, {
    plan: planned.plan,
    clusters,
    lease,
    placementRevision: pass.memory.placement.revision,
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
    deadlineMonotonicMs,
    ...(signal === undefined ? {} : { signal }),
  });
  await publishEvents(ports, {
    results,
    statuses: stopped === undefined ? statusesDue : [],
    clusters,
    deadlineMonotonicMs,
  });
  // A pass that lost its lease leaves the memory to the one that has it now.
  if (stopped === undefined) await leaveMemory(ports, pass, { paid, results });
  return { results, statuses, statusesDue, ended: endOf(stopped, signal) };
}

function endOf(
  stopped: { readonly code: string; readonly reason: string } | undefined,
  signal: AbortSignal | undefined,
): PassReport["ended"] {
  if (stopped !== undefined) return { kind: "stopped", ...stopped };
  if (signal?.aborted === true) return { kind: "stopped", code: "INTERRUPTED", reason: "the pass was interrupted" };
  return { kind: "complete" };
}

/** Pays for every counted change before the first one, so that a crash cannot spend a budget twice. */
async function payBudgets(ports: FleetPorts, pass: ApplyPassInput): Promise<Remembered<Since>> {
  const { memory, planned, assessment } = pass;
  const due = new Set(planned.plan.changes.map((change) => change.id));
  const spent = [...planned.counted].filter(([id]) => due.has(id)).map(([, scoped]) => scoped);
  if (spent.length === 0) return memory.since;
  const value = { ...memory.since.value, budgets: spend(pass, spent, assessment.fleet.nowMs) };
  return remember(ports.store, memory, { name: "since", value, before: memory.since });
}

function spend(pass: ApplyPassInput, spent: readonly (readonly ScopedNames[])[], nowMs: number): Since["budgets"] {
  const namesBefore = pass.planned.namesPublished;
  return spendBudgets(pass.memory.since.value.budgets, spent, { nowMs, namesBefore });
}

type Leaving = { readonly paid: Remembered<Since>; readonly results: readonly ChangeResult[] };

async function leaveMemory(ports: FleetPorts, pass: ApplyPassInput, { paid, results }: Leaving): Promise<void> {
  const { memory, assessment, planned, order } = pass;
  const done = new Set(results.filter(({ outcome }) => outcome.kind === "done").map(({ change }) => change.id));
  const spent = [...planned.counted].filter(([id]) => done.has(id)).map(([, scoped]) => scoped);
  const since: Since = {
    shrunkReads: assessment.shrunkReads,
    handovers: planned.handovers,
    budgets: spend(pass, spent, assessment.fleet.nowMs),
  };
  try {
    await remember(ports.store, memory, { name: "since", value: since, before: paid });
    await remember(ports.store, memory, { name: "order", value: order, before: memory.order });
    // Last: this makes today's read the one that the next pass compares with.
    await Promise.all(
      assessment.fleet.clusters.map(async (cluster) => {
        if (cluster.standing.kind !== "complete" || cluster.readDigest === undefined) return;
        const before = memory.lastGood.get(cluster.name);
        if (before?.value.digest === cluster.readDigest) return;
        const value: LastGood = {
          cluster: cluster.name,
          readAtMs: cluster.readAtMs,
          digest: cluster.readDigest,
          listings: isRetired(cluster) ? {} : keptListings(cluster.current),
          ...(cluster.istioVersion === undefined ? {} : { istioVersion: cluster.istioVersion }),
        };
        await ports.store
          .write("last-good", value, before?.version ?? "absent", cluster.name)
          .catch((caught: unknown) => {
            if (!(caught instanceof FleetError) || caught.code !== "STORE_CONFLICT") throw caught;
          });
      }),
    );
  } catch (caught) {
    if (!(caught instanceof FleetError)) throw caught;
    // The places are as planned; the next pass remembers again.
    ports.telemetry.warn("the state store was not written", { code: caught.code, error: caught.message });
  }
}

/** A retiring cluster that publishes nothing any more claims nothing: its entry may go from the configuration. */
function isRetired(cluster: DecidedPass["assessment"]["fleet"]["clusters"][number]): boolean {
  const endpoints = cluster.believed?.DNSEndpoint;
  if (cluster.mode !== "retiring" || endpoints?.read !== "complete") return false;
  return !endpoints.objects.some((endpoint) => endpoint.meta.labels["router.io/region"] !== undefined);
}
