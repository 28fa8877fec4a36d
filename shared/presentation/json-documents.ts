/**
 * The JSON that `--output json` and the HTTP functions answer with. Stable: keys are added, never renamed or removed
 * within one `apiVersion`. Times are RFC 3339 in UTC, durations milliseconds, lists sorted as in the report.
 *
 * Kinds of documents: `Plan` (nothing was applied), `Report` (a pass was run), `FleetStatus`, `RegionStatus`,
 * `RouteStatus`, `GatewaysStatus`. Every document has `apiVersion`, `kind` and `at` (when the fleet was seen).
 */
import type { Change, ChangeResult, HeldChanges, Plan, WaitingChange } from "../model/change.ts";
import type { Refusal } from "../model/desired.ts";
import type { PassReport } from "../model/report.ts";
import { compared } from "./compared.ts";
import { approveCommand, nextStep } from "./next-steps.ts";
import { timestamp } from "./wording.ts";

export const JSON_API_VERSION = "service-router/v1";

/** Counts that a script can decide by, without walking the lists. */
export type SummaryDocument = {
  readonly changes: number;
  /** What waits for a person: held changes, and reads that are held as one each. Approved ones do not count. */
  readonly held: number;
  readonly waiting: number;
  readonly observed: number;
  readonly refused: number;
  readonly frozenClusters: readonly string[];
  readonly statusesDue: number;
  /** Kubernetes Events that the pass recorded. */
  readonly events: number;
  readonly done: number;
  readonly failed: number;
  readonly blocked: number;
  readonly notStarted: number;
};

/**
 * `place` is `cluster/<name>` or `zone/<region>`; everything else as in the plan. `before` and `after` have one form (labels,
 * annotations, ownerReferences, spec; keys sorted): a diff of the two is the change. Created: no `before`; deleted: no `after`.
 */
export type ChangeDocument = Omit<Change, "place"> & { readonly place: string };

/** `approve`: the command that approves exactly this group. */
export type HeldDocument = Omit<HeldChanges, "changes"> & {
  readonly changes: readonly ChangeDocument[];
  readonly approve: string;
};

/** `dueAt` is null when it is not a matter of time. */
export type WaitingDocument = {
  readonly change: ChangeDocument;
  readonly code: WaitingChange["code"];
  readonly reason: string;
  readonly dueAt: string | null;
};

export type RefusalDocument = Omit<Refusal, "place"> & { readonly place: string; readonly next: string };

/** `outcome` is done, failed (code, reason, retryable, next), blocked (by) or not-started (reason). */
export type ResultDocument = {
  readonly change: ChangeDocument;
  readonly outcome: ChangeResult["outcome"] & { readonly next?: string };
};

/** What is due, and what is not and why. */
export type PlanDocuments = {
  readonly changes: readonly ChangeDocument[];
  readonly held: readonly HeldDocument[];
  readonly waiting: readonly WaitingDocument[];
  readonly observed: readonly ChangeDocument[];
  readonly refusals: readonly RefusalDocument[];
};

/** A Plan has empty `results` and `statuses`; a Report has both, and `ended` says whether every phase was reached. */
export type PassDocument = PlanDocuments & {
  readonly apiVersion: typeof JSON_API_VERSION;
  readonly kind: "Plan" | "Report";
  readonly at: string;
  readonly durationMs: number;
  /** Of all due changes: the same fleet gives the same digest. */
  readonly digest: string;
  readonly summary: SummaryDocument;
  readonly ended: PassReport["ended"];
  readonly clusters: PassReport["clusters"];
  readonly zones: PassReport["zones"];
  readonly adoptions: PassReport["adoptions"];
  /** Hosts that leave Istio Gateways with the next pass, by cluster. */
  readonly leaving: NonNullable<PassReport["leaving"]>;
  readonly results: readonly ResultDocument[];
  readonly statuses: readonly (Omit<PassReport["statuses"][number], "place"> & { readonly place: string })[];
  readonly notes: readonly string[];
};

export function passDocument(report: PassReport): PassDocument {
  const { plan } = report;
  return {
    apiVersion: JSON_API_VERSION,
    kind: report.mode === "preview" ? "Plan" : "Report",
    at: timestamp(report.startedAtMs),
    durationMs: report.endedAtMs - report.startedAtMs,
    digest: plan.digest,
    summary: summary(report),
    ended: report.ended,
    clusters: report.clusters,
    zones: report.zones,
    adoptions: report.adoptions,
    leaving: report.leaving ?? [],
    ...planDocuments(plan),
    results: report.results.map(resultDocument),
    statuses: report.statuses.map((status) => ({ ...status, place: `${status.place.kind}/${status.place.name}` })),
    notes: report.notes,
  };
}

export function planDocuments(plan: Plan): PlanDocuments {
  return {
    changes: plan.changes.map(changeDocument),
    held: plan.held.map(heldDocument),
    waiting: plan.waiting.map((waiting) => ({
      change: changeDocument(waiting.change),
      code: waiting.code,
      reason: waiting.reason,
      dueAt: waiting.dueAtMs === undefined ? null : timestamp(waiting.dueAtMs),
    })),
    observed: plan.observed.map(changeDocument),
    refusals: plan.refusals.map(refusalDocument),
  };
}

function refusalDocument(refusal: Refusal): RefusalDocument {
  return { ...refusal, place: `${refusal.place.kind}/${refusal.place.name}`, next: nextStep(refusal.code) };
}

function heldDocument(group: HeldChanges): HeldDocument {
  return { ...group, changes: group.changes.map(changeDocument), approve: approveCommand(group.digest) };
}

export function summary(report: PassReport): SummaryDocument {
  const { plan, results } = report;
  const count = (kind: ChangeResult["outcome"]["kind"]) =>
    results.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    changes: plan.changes.length,
    held: report.heldForPerson,
    waiting: plan.waiting.length,
    observed: plan.observed.length,
    refused: plan.refusals.length,
    frozenClusters: report.clusters.filter(({ standing }) => standing.kind === "frozen").map(({ cluster }) => cluster),
    statusesDue: report.statusesDue,
    events: report.events,
    done: count("done"),
    failed: count("failed"),
    blocked: count("blocked"),
    notStarted: count("not-started"),
  };
}

function changeDocument(change: Change): ChangeDocument {
  return { ...change, ...compared(change), place: `${change.place.kind}/${change.place.name}` };
}

function resultDocument({ change, outcome }: ChangeResult): ResultDocument {
  const next = outcome.kind === "failed" ? { next: nextStep(outcome.code) } : {};
  return { change: changeDocument(change), outcome: { ...outcome, ...next } };
}

/**
 * Two spaces of indent and a line break at the end, as `kubectl -o json` writes it.
 * @param fields what is written instead of a field, by its key and value.
 */
export function renderJson(document: unknown, fields?: (key: string, value: unknown) => unknown): string {
  return `${JSON.stringify(document, fields, 2)}\n`;
}
