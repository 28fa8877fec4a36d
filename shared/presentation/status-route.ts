/** One route in every cluster that has it: its host, where it is published, each condition, and what is about to change. */
import type { Change } from "../model/change.ts";
import type { PassReport, RouteReport } from "../model/report.ts";
import type { Scope } from "../model/pass.ts";
import { changeEntry } from "./change-lists.ts";
import { conditionEntries, phaseSpan } from "./condition-lines.ts";
import { joined, section, text } from "./document.ts";
import type { Block, Document, Entry, Rich, Span } from "./document.ts";
import { JSON_API_VERSION, planDocuments } from "./json-documents.ts";
import { approveCommand, nextStep } from "./next-steps.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { frozenSections, rejectedSection } from "./report-sections.ts";
import { narrowed } from "./status-scope.ts";
import { counted, dueTime, duration, timestamp } from "./wording.ts";

/** @param key `namespace/name`, one of `routeKeys(report)`. @param scope only `cluster` matters. */
export function presentRouteStatus(report: PassReport, key: string, scope: Scope, as: Presentation): string {
  const part = ofRoute(narrowed(report, scope.cluster === undefined ? {} : { cluster: scope.cluster }), key);
  return present(
    () => routeStatusDocument(part, key),
    () => routeStatusJson(part, key),
    as,
  );
}

/** The route of that key in each cluster, rejected ones included, and what the plan has for it. */
function ofRoute(report: PassReport, key: string): PassReport {
  const clusters = new Set(report.clusters.map(({ cluster }) => cluster));
  const concerns = (change: Change) =>
    (change.place.kind === "zone" || clusters.has(change.place.name)) &&
    change.because.kind === "ServiceRoute" &&
    `${change.because.namespace ?? ""}/${change.because.name}` === key;
  const { plan } = report;
  return {
    ...report,
    clusters: report.clusters.map((cluster) => ({
      ...cluster,
      rejected: cluster.rejected.filter((object) => object.kind === "ServiceRoute" && object.key === key),
    })),
    routes: report.routes.filter((route) => route.key === key),
    plan: {
      ...plan,
      changes: plan.changes.filter(concerns),
      observed: plan.observed.filter(concerns),
      waiting: plan.waiting.filter(({ change }) => concerns(change)),
      held: plan.held
        .map((group) => ({ ...group, changes: group.changes.filter(concerns) }))
        .filter(({ changes }) => changes.length > 0),
      refusals: plan.refusals.filter(
        (refusal) => refusal.kind === "ServiceRoute" && refusal.key === key && clusters.has(refusal.place.name),
      ),
    },
  };
}

function routeStatusJson(report: PassReport, key: string) {
  return {
    apiVersion: JSON_API_VERSION,
    kind: "RouteStatus",
    at: timestamp(report.startedAtMs),
    route: key,
    clusters: report.routes,
    rejected: report.clusters.flatMap(({ cluster, rejected }) => rejected.map((object) => ({ cluster, ...object }))),
    ...planDocuments(report.plan),
  };
}

function routeStatusDocument(report: PassReport, key: string): Document {
  const zones = [...new Set(report.routes.flatMap((route) => route.zones))].sort();
  const where =
    zones.length === 0 ? "published nowhere" : `published in ${counted(zones.length, "zone")} (${zones.join(", ")})`;
  return {
    headline: [
      ["strong", `Route ${key}: `],
      [zones.length === 0 ? "attention" : "good", where],
      `; in ${counted(report.routes.length, "cluster")}`,
    ],
    blocks: [
      text(["dim", `read at ${timestamp(report.startedAtMs)}`]),
      ...frozenSections(report),
      ...report.routes.map((route) => clusterSection(route, report)),
      ...rejectedSection(report.clusters, ISSUES_SHOWN),
    ],
  };
}

const ISSUES_SHOWN = 50;

function clusterSection(route: RouteReport, report: PassReport): Block {
  const region = report.clusters.find(({ cluster }) => cluster === route.cluster)?.region;
  const zones: Rich =
    route.zones.length === 0
      ? [["attention", "nowhere by this cluster"]]
      : joined(
          route.zones.map((zone) => ["strong", zone] as const),
          ", ",
        );
  const facts: readonly (readonly [string, Rich])[] = [
    ["host", route.host === undefined ? ["-"] : [["name", route.host]]],
    ["target", route.target === undefined ? ["-"] : [["name", route.target]]],
    ["published", zones],
  ];
  return section(
    [["strong", `${route.cluster}${region === undefined ? "" : ` (${region})`}`], "  ", phaseSpan(route.phase)],
    [
      ...facts.map(([label, value]) => text(["dim", `${label}: `], ...value)),
      { kind: "entries", entries: conditionEntries(route.conditions), more: 0 },
      ...zoneLines(route, report),
      ...planned(route.cluster, report),
    ],
  );
}

/** Since when, and how far it came: what the condition's message, which may not change from pass to pass, cannot say. */
function zoneLines({ unverified = [], zones, conditions }: RouteReport, report: PassReport): readonly Block[] {
  const said = conditions.find(({ type }) => type === "DNSVerified")?.message ?? "";
  // What another cluster publishes elsewhere is its own matter.
  const own = unverified.filter(({ zone }) => zones.includes(zone) || said.includes(`in zone ${zone}:`));
  const dark = report.zones.filter(({ zone, reading }) => zones.includes(zone) && reading.read === "not-read");
  return [
    ...own.map(({ zone, result, stage, sinceMs }) =>
      text(
        ["dim", `zone ${zone}: `],
        ["bad", result],
        ` for ${duration(report.startedAtMs - sinceMs)} (since ${timestamp(sinceMs)})`,
        stage === undefined ? "" : `, stuck at ${stage}`,
      ),
    ),
    ...dark.map(({ zone, reading }) =>
      text(
        ["dim", `zone ${zone}: `],
        ["attention", "not read in this pass"],
        ` (${reading.read === "not-read" ? reading.code : ""}); what DNSVerified says of it is from before`,
      ),
    ),
  ];
}

/** What the present plan has for this route in this cluster: due, waiting, held, refused. */
function planned(cluster: string, report: PassReport): readonly Block[] {
  const here = (change: Change) => change.place.kind === "zone" || change.place.name === cluster;
  const { plan } = report;
  const entries: readonly Entry[] = [
    ...plan.changes.filter(here).map((change) => planEntry(change, ["good", "due "], [])),
    ...plan.observed.filter(here).map((change) => planEntry(change, ["attention", "only observed "], [])),
    ...plan.waiting
      .filter(({ change }) => here(change))
      .map(({ change, code, reason, dueAtMs }) => {
        const due = dueAtMs === undefined ? "" : `; due ${dueTime(dueAtMs, report.endedAtMs)}`;
        return planEntry(change, ["attention", "waiting "], [`${code}: ${reason}${due}`]);
      }),
    ...plan.held.flatMap((group) =>
      group.changes
        .filter(here)
        .map((change) =>
          planEntry(change, ["attention", "held "], [group.reason, ["name", approveCommand(group.digest)]]),
        ),
    ),
    ...plan.refusals
      .filter(({ place }) => place.name === cluster)
      .map(({ code, reason }): Entry => ({
        head: [["bad", "refused "], `${code}: ${reason}`],
        details: [[["attention", "→ "], nextStep(code)]],
      })),
  ];
  return entries.length === 0
    ? []
    : [section([["dim", "in the present plan"]], [{ kind: "entries", entries, more: 0 }])];
}

function planEntry(change: Change, state: Span, why: readonly Span[]): Entry {
  const entry = changeEntry(change);
  return { head: [state, ...entry.head], details: [...why.map((line): Rich => [line]), ...entry.details] };
}
