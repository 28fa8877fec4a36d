/**
 * One pass, from lock to report. A preview takes the same path and stops before apply: it takes no lease, writes nothing
 * to the store and counts as no read.
 */
import { readsOf } from "../core/compute-desired.ts";
import { planFleet } from "../core/planning/plan-fleet.ts";
import { servedElsewhere } from "../core/verification/served-elsewhere.ts";
import { noRegionsNote, type FleetConfiguration } from "../model/fleet-configuration.ts";
import type { Listings } from "../model/kinds.ts";
import { serviceRoutingMarker } from "../model/ownership.ts";
import type { Scope } from "../model/pass.ts";
import type { PassReport } from "../model/report.ts";
import type { FleetSnapshot } from "../model/snapshot.ts";
import { applyPass } from "./apply-pass.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";
import type { FleetMemory } from "./fleet-memory.ts";
import { giveBack, holdLease, type HeldLease } from "./held-lease.ts";
import { publishNumbers } from "./publish-numbers.ts";
import { reportPass } from "./report-pass.ts";
import { seeFleet } from "./see-fleet.ts";
import { dueStatuses } from "./write-statuses.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import { writableStatuses } from "./writable-statuses.ts";

export type PassRequest = {
  readonly mode: "preview" | "apply";
  readonly scope?: Scope;
  /** How long to wait for a running pass, in milliseconds. */
  readonly waitForLeaseMs?: number;
  readonly allStatuses?: boolean;
  readonly signal?: AbortSignal;
};

/** @throws LeaseHeldError when another pass runs for longer than `waitForLeaseMs`. */
export async function reconcileFleet(ports: FleetPorts, request: PassRequest): Promise<PassReport> {
  if (request.mode === "preview") {
    const pass = await decide(ports, request);
    return report(ports, request, pass);
  }
  const lease = await holdLease(ports.store, ports.clock, {
    name: "reconcile",
    holder: ports.holder,
    waitMs: request.waitForLeaseMs ?? 0,
    waiting: (holder) => ports.progress.waiting?.(holder),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  try {
    const startedMonotonicMs = ports.clock.monotonicMs();
    const pass = await decide(ports, request, lease);
    const deadlineMonotonicMs = request.allStatuses === true ? Infinity : passDeadline(ports, startedMonotonicMs);
    const applied = await applyPass(ports, {
      ...pass,
      lease,
      deadlineMonotonicMs,
      scope: request.scope,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return report(ports, request, pass, applied);
  } finally {
    await giveBack(lease, ports.telemetry);
  }
}

/** On the monotonic clock, once everything was read: what took long to read is no reason to write no status anywhere. */
function passDeadline({ clock }: FleetPorts, startedMonotonicMs: number): number {
  return Math.max(startedMonotonicMs + limits.passMs, clock.monotonicMs() + limits.afterReadMs);
}

export type DecidedPass = Awaited<ReturnType<typeof decide>>;

/** Read, place, desire, verify, plan: everything up to the first write. */
async function decide(ports: FleetPorts, request: PassRequest, lease?: HeldLease) {
  const startedAtMs = ports.clock.nowMs();
  const seen = await seeFleet(ports, {
    ...(lease === undefined ? {} : { lease }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const { memory, configuration, snapshot, assessment, desired, verification } = seen;
  const planned = planFleet({
    fleet: assessment.fleet,
    desired,
    configuration,
    since: memory.since.value,
    approvals: memory.approvals,
    heldReads: assessment.held,
    servedElsewhere: servedElsewhere(desired.zones, verification),
    ...(request.scope === undefined ? {} : { scope: request.scope }),
  });
  return {
    ...seen,
    startedAtMs,
    planned,
    notes: [...seen.notes, ...configurationNotes(configuration), ...firstPassNote(memory, snapshot)],
  };
}

/** A fleet in which nothing is published yet has no memory to lose. */
function firstPassNote(memory: FleetMemory, { clusters }: FleetSnapshot): readonly string[] {
  const published = clusters.reduce((sum, { listings }) => sum + ourEndpoints(listings), 0);
  if (!memory.isBlank || published === 0) return [];
  return [
    `the state store holds nothing: this is the first pass with it. The clusters have ${published} DNSEndpoints of ours already; ` +
      "if there was a store before, put it back (store in the fleet configuration) before anything is applied",
  ];
}

function ourEndpoints({ DNSEndpoint: listing }: Listings): number {
  if (listing?.read !== "complete") return 0;
  const { label, value } = serviceRoutingMarker;
  return listing.objects.filter(({ meta }) => meta.labels[label] === value).length;
}

function configurationNotes({ families, regions }: FleetConfiguration): readonly string[] {
  if (readsOf(families).length === 0) return [allOff];
  return regions.length === 0 ? [noRegionsNote] : [];
}

const allOff =
  "families.serviceRouting is false: nothing is read, nothing is changed, and what is published and remembered stays";

type Applied = Awaited<ReturnType<typeof applyPass>>;

function report(ports: FleetPorts, request: PassRequest, pass: DecidedPass, applied?: Applied): PassReport {
  const due =
    applied?.statusesDue ??
    dueStatuses({
      statuses: writableStatuses(pass.planned.statuses, pass.assessment.fleet, request.scope),
      outcomeOf: itemOutcomes(pass.planned, []),
      nowMs: pass.assessment.fleet.nowMs,
    });
  const made = reportPass({
    mode: request.mode,
    startedAtMs: pass.startedAtMs,
    endedAtMs: ports.clock.nowMs(),
    fleet: pass.assessment.fleet,
    placement: pass.placement,
    desired: pass.desired,
    zones: pass.snapshot.zones,
    verified: pass.verified,
    garbage: pass.garbage,
    planned: pass.planned,
    results: applied?.results ?? [],
    statuses: applied?.statuses ?? [],
    statusesDue: due,
    events: applied?.events ?? 0,
    notes: notesOf(pass.memory, [...pass.notes, ...(applied?.notes ?? [])]),
    ended: applied?.ended ?? { kind: "complete" },
    detailed: request.mode === "preview",
    ...(request.scope === undefined ? {} : { scope: request.scope }),
  });
  publishNumbers(made, ports.telemetry);
  return made;
}

function notesOf(memory: FleetMemory, notes: readonly string[]): readonly string[] {
  return [...memory.notes, ...notes].sort();
}
