/**
 * One pass, from lock to report. A preview takes the same path and stops before apply: it takes no lease, writes nothing
 * to the store and counts as no read.
 */
import { readsOf } from "../core/compute-desired.ts";
import { planFleet } from "../core/planning/plan-fleet.ts";
import { servedElsewhere } from "../core/verification/served-elsewhere.ts";
import { asError } from "../errors.ts";
import { noRegionsNote, type FleetConfiguration } from "../model/fleet-configuration.ts";
import type { Listings } from "../model/kinds.ts";
import { serviceRoutingMarker } from "../model/ownership.ts";
import type { Scope } from "../model/pass.ts";
import type { PassReport } from "../model/report.ts";
import type { FleetSnapshot } from "../model/snapshot.ts";
import { applyPass } from "./apply-pass.ts";
import { desireFleet } from "./desire-fleet.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";
import { missingClusters, recall, type FleetMemory } from "./fleet-memory.ts";
import { discoverClusters } from "./discover-clusters.ts";
import { holdLease, type HeldLease } from "./held-lease.ts";
import { publishNumbers } from "./publish-numbers.ts";
import { reportPass } from "./report-pass.ts";
import { dueStatuses } from "./write-statuses.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { verifyFleet } from "./verify-fleet.ts";
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
    waiting: (holder) => ports.progress.stage(`wait for ${holder}`),
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
    await release(ports, lease);
  }
}

/** On the monotonic clock, once everything was read: what took long to read is no reason to write no status anywhere. */
function passDeadline({ clock }: FleetPorts, startedMonotonicMs: number): number {
  return Math.max(startedMonotonicMs + limits.passMs, clock.monotonicMs() + limits.afterReadMs);
}

/** A lease ends by itself: not being able to give it back is no reason to lose what the pass has to say. */
async function release(ports: FleetPorts, lease: HeldLease): Promise<void> {
  try {
    await lease.release();
  } catch (caught) {
    ports.telemetry.warn("the lease was not given back; it ends by itself", { error: asError(caught).message });
  }
}

export type DecidedPass = Awaited<ReturnType<typeof decide>>;

/** Read, place, desire, plan: everything up to the first write. */
async function decide(ports: FleetPorts, request: PassRequest, lease?: HeldLease) {
  const startedAtMs = ports.clock.nowMs();
  const memory = await recall(ports);
  const discovered = await discoverClusters(ports, request.signal);
  // Discovery and the lists after it may take longer together than the lease lasts.
  await lease?.ensureRoom();
  const configured = { ...ports.configuration, clusters: [...ports.configuration.clusters, ...discovered.clusters] };
  const configuration = {
    ...configured,
    clusters: [...configured.clusters, ...missingClusters(memory, configured.clusters)],
  };
  const reads = readsOf(configuration.families);
  const snapshot = await takeSnapshot(ports, {
    clusters: reads.length === 0 ? [] : configuration.clusters,
    reads,
    regions: reads.length === 0 ? [] : configuration.regions,
    clusterReadMs: configuration.readSeconds * 1000,
    ...(lease === undefined ? {} : { lease }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  ports.progress.stage("plan");
  const assessed = {
    configuration,
    snapshot,
    lastGood: new Map([...memory.lastGood].map(([name, { value }]) => [name, value])),
    shrunkReads: memory.since.value.shrunkReads,
    approvals: memory.approvals,
    order: memory.order.value,
    reads,
    nowMs: snapshot.readAtMs,
  };
  const since = memory.since.value;
  const { assessment, placement, desired, order, verification } = desireFleet(assessed, {
    placement: memory.placement,
    records: since.records,
  });
  const { fleet } = assessment;
  const { verified, garbage } = verifyFleet({
    fleet,
    desired,
    regions: configuration.regions,
    verification,
    since,
  });
  const planned = planFleet({
    fleet,
    desired,
    configuration,
    since,
    approvals: memory.approvals,
    heldReads: assessment.held,
    servedElsewhere: servedElsewhere(desired.zones, verification),
    ...(request.scope === undefined ? {} : { scope: request.scope }),
  });
  return {
    startedAtMs,
    memory,
    configuration,
    snapshot,
    assessment,
    placement,
    desired,
    planned,
    verified,
    garbage,
    order,
    notes: [...discovered.notes, ...configurationNotes(configuration), ...firstPassNote(memory, snapshot)],
    isOff: reads.length === 0,
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
