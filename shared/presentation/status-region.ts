/** One region: its clusters, who publishes in its zone, and every name there with its target. */
import type { PassReport, RouteReport } from "../model/report.ts";
import type { Scope } from "../model/pass.ts";
import { phaseSpan, troubleText } from "./condition-lines.ts";
import { firstOf, section, text } from "./document.ts";
import type { Block, Document, Rich } from "./document.ts";
import { JSON_API_VERSION } from "./json-documents.ts";
import { present } from "./presentation-format.ts";
import type { Presentation } from "./presentation-format.ts";
import { frozenSections, rejectedSection } from "./report-sections.ts";
import { adoptionsSection } from "./status-fleet.ts";
import { narrowed } from "./status-scope.ts";
import { counted, timestamp } from "./wording.ts";
import { unverifiedSection, zonesSection } from "./zone-sections.ts";

/** @param region one of `regionNames(report)`; of another one nothing is known. */
export function presentRegionStatus(report: PassReport, region: string, scope: Scope, as: Presentation): string {
  const part = ofRegion(narrowed(report, scope), region);
  const unknown = report.clusters.filter((cluster) => cluster.region === undefined).map(({ cluster }) => cluster);
  return present(
    (limit) => regionStatusDocument(part, { region, unknown, ...scope }, limit),
    () => regionStatusJson(part, region),
    as,
  );
}

/** The clusters of the region, and the names of its zone whoever publishes them. */
function ofRegion(report: PassReport, region: string): PassReport {
  const clusters = report.clusters.filter((cluster) => cluster.region === region);
  const own = new Set(clusters.map(({ cluster }) => cluster));
  return {
    ...report,
    clusters,
    zones: report.zones.filter(({ zone }) => zone === region),
    routes: report.routes.filter((route) => own.has(route.cluster) || route.zones.includes(region)),
    gateways: report.gateways.filter(({ cluster }) => own.has(cluster)),
    adoptions: report.adoptions.filter((adoption) => adoption.region === region || own.has(adoption.cluster)),
  };
}

function regionStatusJson(report: PassReport, region: string) {
  return {
    apiVersion: JSON_API_VERSION,
    kind: "RegionStatus",
    at: timestamp(report.startedAtMs),
    region,
    zone: report.zones[0] ?? null,
    clusters: report.clusters,
    adoptions: report.adoptions,
    gateways: report.gateways,
    routes: report.routes,
  };
}

/** `unknown`: clusters of which nobody knows in which region they are. */
type Asked = { readonly region: string; readonly unknown: readonly string[]; readonly cluster?: string };

function regionStatusDocument(report: PassReport, { region, unknown, cluster }: Asked, limit: number): Document {
  const published = report.routes.filter((route) => isPublishedIn(route, region));
  const others = report.routes.filter((route) => !isPublishedIn(route, region));
  const adopter = report.zones[0]?.adopter;
  const none = cluster === undefined ? "no fleet clusters" : `cluster ${cluster}, which is of another region`;
  return {
    headline: [
      ["strong", `Region ${region}: `],
      report.clusters.length === 0 ? none : counted(report.clusters.length, "cluster"),
      unknown.length === 0 ? "" : ` (the region of ${unknown.join(", ")} is not known)`,
      adopter === undefined ? "" : `, adopted by ${adopter}`,
      `; ${counted(published.length, "service host")} published in its zone`,
      asLastReadCount(published),
    ],
    blocks: [
      text(["dim", `read at ${timestamp(report.startedAtMs)}`]),
      ...frozenSections(report),
      ...zonesSection(report.zones),
      ...unverifiedSection(report, limit),
      ...adoptionsSection(report),
      ...namesSection("Published", published, limit),
      ...namesSection("Not published here", others, limit),
      ...rejectedSection(report.clusters, limit),
    ],
  };
}

/** By a DNSEndpoint, and as far as the zone shows. */
function isPublishedIn({ zones, conditions }: RouteReport, region: string): boolean {
  return zones.includes(region) && !conditions.some(({ type, status }) => type === "Published" && status === "False");
}

/** `, 8 of them as last read`: of clusters that are frozen. */
function asLastReadCount(routes: readonly RouteReport[]): string {
  const count = routes.filter(({ asLastRead }) => asLastRead === true).length;
  return count === 0 ? "" : `, ${count} of them as last read`;
}

function namesSection(title: string, routes: readonly RouteReport[], limit: number): readonly Block[] {
  if (routes.length === 0) return [];
  const { shown, more } = firstOf(routes, Math.max(limit, NAMES_AT_LEAST));
  const rows = shown.map((route): readonly Rich[] => [
    route.host === undefined ? ["-"] : [["name", route.host]],
    [route.cluster],
    [["name", route.key]],
    [phaseSpan(route.phase)],
    title === "Published" ? [["name", route.target ?? "-"]] : troubleText(route.conditions),
  ]);
  const head = ["HOST", "CLUSTER", "ROUTE", "PHASE", title === "Published" ? "TARGET" : "WHY"];
  return [section([["strong", title], `  ${routes.length}`], [{ kind: "table", head, rows, more }])];
}

/** A region's names are what was asked for: more of them than of other lists. */
const NAMES_AT_LEAST = 40;
