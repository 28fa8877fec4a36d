/** The whole fleet at a glance: how far each cluster was read, what it publishes, and what needs a person. */
import type { ClusterReport, GatewayReport, PassReport, RouteReport } from "../model/report.ts";
import type { Scope } from "../model/pass.ts";
import { adoptionRefusals } from "../model/placement.ts";
import { firstTrouble, phaseSpan } from "./condition-lines.ts";
import { firstOf, joined, section, sectionUnlessEmpty, text } from "./document.ts";
import type { Block, Document, Rich, Span } from "./document.ts";
import { JSON_API_VERSION, summary } from "./json-documents.ts";
import { nextStep } from "./next-steps.ts";
import { openCounts } from "./plan-document.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import {
  frozenSections,
  heldSections,
  notesSection,
  rejectedSection,
  stoppedSection,
  stoppedWritesSections,
} from "./report-sections.ts";
import { isUnpublished, narrowed } from "./status-scope.ts";
import { unverifiedSection, zonesSection } from "./zone-sections.ts";
import { counted, timestamp } from "./wording.ts";

/** JSON: clusters with their counts, zones, adoptions, held groups, and every resource that is not as wanted. */
export function presentFleetStatus(report: PassReport, scope: Scope, as: Presentation): string {
  const part = narrowed(report, scope);
  return present(
    (limit, heldLimit) => fleetStatusDocument(part, limit, heldLimit),
    () => fleetStatusJson(part),
    as,
  );
}

function fleetStatusJson(report: PassReport) {
  return {
    apiVersion: JSON_API_VERSION,
    kind: "FleetStatus",
    at: timestamp(report.startedAtMs),
    ended: report.ended,
    summary: summary(report),
    clusters: report.clusters.map((cluster) => ({ ...cluster, ...clusterNumbers(cluster, report) })),
    zones: report.zones,
    adoptions: report.adoptions,
    held: report.plan.held.map(({ scope, code, reason, digest, changes }) => ({
      scope,
      code,
      reason,
      digest,
      changes: changes.length,
    })),
    routes: report.routes.filter(({ conditions }) => firstTrouble(conditions) !== undefined),
    gateways: report.gateways.filter(({ conditions }) => firstTrouble(conditions) !== undefined),
    notes: report.notes,
  };
}

function fleetStatusDocument(report: PassReport, limit: number, heldLimit: number): Document {
  return {
    headline: fleetHeadline(report),
    blocks: [
      text(["dim", phaseCounts(report)]),
      ...stoppedSection(report),
      ...frozenSections(report),
      ...stoppedWritesSections(report),
      clustersSection(report),
      ...zonesSection(report.zones),
      ...unverifiedSection(report, limit),
      ...adoptionsSection(report),
      ...troubleSections(report, limit),
      ...heldSections(report, heldLimit),
      ...rejectedSection(unlistedRejected(report), limit),
      ...notesSection(report),
    ],
  };
}

function fleetHeadline(report: PassReport): Rich {
  const regions = new Set([
    ...report.clusters.flatMap(({ region }) => region ?? []),
    ...report.zones.map(({ zone }) => zone),
  ]);
  const due = report.plan.changes.length;
  const changes: Span = due === 0 ? ["good", "nothing to change"] : ["strong", `${counted(due, "change")} due`];
  const open = openCounts(report);
  return [
    ["strong", "Fleet: "],
    `${counted(report.clusters.length, "cluster")} in ${counted(regions.size, "region")}; `,
    changes,
    open === "" ? "" : `, ${open}`,
  ];
}

function phaseCounts(report: PassReport): string {
  const { routes, gateways, startedAtMs } = report;
  return `${withPhases(routes, "route")}, ${withPhases(gateways, "gateway")}; read at ${timestamp(startedAtMs)}`;
}

/** `41 routes (38 active, 2 pending, 1 failed)` */
function withPhases(all: readonly { readonly phase: string }[], word: string): string {
  const names = [...new Set(all.map(({ phase }) => phase))].sort();
  const counts = names.map((name) => `${all.filter(({ phase }) => phase === name).length} ${name.toLowerCase()}`);
  return `${counted(all.length, word)}${counts.length === 0 ? "" : ` (${counts.join(", ")})`}`;
}

function clusterNumbers(cluster: ClusterReport, report: PassReport) {
  const routes = report.routes.filter((route) => route.cluster === cluster.cluster);
  return {
    published: report.zones
      .flatMap(({ publishers }) => publishers)
      .filter((publisher) => publisher.cluster === cluster.cluster)
      .reduce((sum, { names }) => sum + names, 0),
    standby: routes.filter((route) => isUnpublished(route, "Standby")).length,
    conflicts: routes.filter((route) => isUnpublished(route, "HostConflict")).length,
  };
}

/** Without the last column where every kind was read: the table then fits 80 columns. */
function clustersSection(report: PassReport): Block {
  const unread = report.clusters.some(({ notRead }) => notRead.length > 0);
  const rows = report.clusters.map((cluster): readonly Rich[] => {
    const numbers = clusterNumbers(cluster, report);
    return [
      [["strong", cluster.cluster]],
      [cluster.region ?? "-"],
      [cluster.standing.kind === "complete" ? ["good", "complete"] : ["bad", `frozen ${cluster.standing.code}`]],
      writesCell(cluster),
      [`${objectCount(cluster, report.routes, "ServiceRoute")}`],
      [`${objectCount(cluster, report.gateways, "Gateway")}`],
      [`${numbers.published}`],
      [`${numbers.standby}`],
      numbers.conflicts === 0 ? ["0"] : [["bad", `${numbers.conflicts}`]],
      ...(unread ? [notReadCell(cluster)] : []),
    ];
  });
  const head = [
    "CLUSTER",
    "REGION",
    "READ",
    "WRITES",
    "ROUTES",
    "GATEWAYS",
    "NAMES",
    "STANDBY",
    "CONFLICTS",
    ...(unread ? ["NOT READ"] : []),
  ];
  return section([["strong", "Clusters"]], [{ kind: "table", head, rows, numbers: [4, 5, 6, 7, 8], more: 0 }]);
}

/** As read; of a frozen cluster as last read, which is what counts. */
function objectCount(
  { cluster, counts }: ClusterReport,
  reports: readonly { readonly cluster: string; readonly asLastRead?: true }[],
  kind: "ServiceRoute" | "Gateway",
): number {
  const last = reports.filter((each) => each.cluster === cluster && each.asLastRead === true).length;
  return last === 0 ? (counts[kind] ?? 0) : last;
}

/** By code: `IstioGateway KIND_NOT_SERVED`, `10 kinds CLUSTER_UNREACHABLE`. */
function notReadCell({ notRead }: ClusterReport): Rich {
  const codes = [...new Set(notRead.map(({ code }) => code))].sort();
  const parts = codes.map((code): Span => {
    const kinds = notRead.filter((each) => each.code === code).map(({ kind }) => kind);
    return ["attention", `${kinds.length > KINDS_NAMED ? `${kinds.length} kinds` : kinds.join(", ")} ${code}`];
  });
  return parts.length === 0 ? [["dim", "-"]] : joined(parts, "; ");
}

/** More kinds than this are counted. */
const KINDS_NAMED = 2;

function writesCell({ mode, writes, standing }: ClusterReport): Rich {
  if (standing.kind === "frozen") return [["dim", mode === "retiring" ? mode : "-"]];
  switch (writes.kind) {
    case "allowed":
      return mode === "retiring" ? [["attention", mode]] : [["good", "apply"]];
    case "observed":
      return [["attention", "observe"]];
    case "stopped":
      return [["bad", writes.code]];
  }
}

/** One row per zone: who publishes how many names in it. */
export function adoptionsSection(report: PassReport): readonly Block[] {
  const rows = report.adoptions.map(({ cluster, region, outcome }): readonly Rich[] => {
    switch (outcome.kind) {
      case "standing":
        return [[cluster], [region], [["good", "adopted"]], ["has no fleet clusters; this cluster publishes for it"]];
      case "requested":
        return [[cluster], [region], [["attention", "requested"]], [requestedAdoption(outcome.unknown)]];
      case "standby":
        return [[cluster], [region], [["dim", "standby"]], [`adopted by ${outcome.adopter}`]];
      case "refused":
        return [[cluster], [region], [["bad", "refused"]], [adoptionRefusals[outcome.reason]]];
    }
  });
  const head = ["CLUSTER", "REGION", "OUTCOME", "WHY"];
  return rows.length === 0 ? [] : [section([["strong", "Adopted regions"]], [{ kind: "table", head, rows, more: 0 }])];
}

function requestedAdoption(unknown: readonly string[] | undefined): string {
  return unknown === undefined
    ? "has clusters of its own, which go on serving it"
    : `waits: the region of ${unknown.join(", ")} is not known and may be this one; what is published stays`;
}

/** Rejected objects of kinds that have no row of their own above: those are listed there with their faults. */
function unlistedRejected(report: PassReport): readonly ClusterReport[] {
  const known = new Set([...report.routes, ...report.gateways].map(({ cluster, key }) => `${cluster}|${key}`));
  return report.clusters.map((cluster) => withoutListed(cluster, known));
}

function withoutListed(cluster: ClusterReport, known: ReadonlySet<string>): ClusterReport {
  return { ...cluster, rejected: cluster.rejected.filter(({ key }) => !known.has(`${cluster.cluster}|${key}`)) };
}

/** Routes and gateways that are not as their authors want them: by reason, so that the next step is said once. */
function troubleSections(report: PassReport, limit: number): readonly Block[] {
  const troubled = [
    ...report.gateways.map(troubleOf("Gateway")),
    ...report.routes.map(troubleOf("ServiceRoute")),
  ].flat();
  const reasons = [...new Set(troubled.map(({ trouble }) => trouble.reason))].sort();
  const sections = reasons.map((reason) => {
    const own = troubled.filter(({ trouble }) => trouble.reason === reason);
    const { shown, more } = firstOf(own, limit * TROUBLE_FACTOR);
    const head = ["CLUSTER", "OBJECT", "PHASE", "WHY"];
    return section(
      [["attention", reason], "  ", ["attention", "→ "], nextStep(reason)],
      [{ kind: "table", head, rows: shown.map(({ row }) => row()), plain: true, more }],
    );
  });
  return sectionUnlessEmpty([["attention", "Needs attention"], `  ${counted(troubled.length, "resource")}`], sections);
}

/** What is wrong is what status is read for: more of it than of other lists. */
const TROUBLE_FACTOR = 4;

type Troubled = { readonly trouble: { readonly reason: string }; readonly row: () => readonly Rich[] };

function troubleOf(kind: string): (each: GatewayReport | RouteReport) => readonly Troubled[] {
  return ({ cluster, key, phase, conditions }) => {
    const trouble = firstTrouble(conditions);
    if (trouble === undefined) return [];
    const row = (): readonly Rich[] => [[cluster], [`${kind} `, ["name", key]], [phaseSpan(phase)], [trouble.message]];
    return [{ trouble, row }];
  };
}
