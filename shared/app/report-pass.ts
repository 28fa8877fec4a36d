/** The report of a pass: what was seen, planned and done. */
import type { FleetDesired } from "../core/compute-desired.ts";
import type { FleetPlan } from "../core/planning/plan-fleet.ts";
import { correctStatus, type ItemOutcome, type StatusChange } from "../core/planning/status-changes.ts";
import { scopeFilter } from "../core/planning/plan-fleet.ts";
import { byText, itemId, objectKey, placeId } from "../core/naming/item-id.ts";
import { heldForPerson } from "../core/planning/held-for-person.ts";
import { cnameTarget } from "../core/naming/record-content.ts";
import type { ChangeResult } from "../model/change.ts";
import type { DesiredItem, DesiredStatus } from "../model/desired.ts";
import type { Fleet, FleetCluster } from "../model/fleet.ts";
import type { Kind } from "../model/kinds.ts";
import type { Scope } from "../model/pass.ts";
import type { ResolvedPlacement } from "../model/placement.ts";
import type { ClusterReport, GatewayReport, PassReport, RouteReport, StatusWrite } from "../model/report.ts";
import type { UnverifiedName } from "../model/verification.ts";
import type { ZoneSnapshot } from "../model/zone-records.ts";
import { believedReports, type BelievedReports } from "./believed-reports.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import type { VerifiedFleet } from "./verify-fleet.ts";
import { zoneReadings } from "./zone-readings.ts";
import { zoneReports, type KeptName } from "./zone-reports.ts";

export type ReportInput = {
  readonly mode: PassReport["mode"];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly fleet: Fleet;
  readonly placement: ResolvedPlacement;
  readonly desired: FleetDesired;
  readonly planned: FleetPlan;
  readonly zones: readonly ZoneSnapshot[];
  readonly verified: VerifiedFleet["verified"];
  readonly garbage: VerifiedFleet["garbage"];
  readonly results: readonly ChangeResult[];
  readonly statuses: readonly StatusWrite[];
  readonly statusesDue: readonly StatusChange[];
  readonly events: number;
  readonly notes: readonly string[];
  readonly ended: PassReport["ended"];
  readonly scope?: Scope;
  /** Routes and gateways one by one: for a person who asks, not for every pass. */
  readonly detailed: boolean;
};

export function reportPass(input: ReportInput): PassReport {
  const { fleet, placement, desired, planned } = input;
  const inScope = scopeFilter(input.scope);
  const places = input.detailed ? desired.places.map(({ project }) => project()) : [];
  const outcomeOf = presentOutcomes(input);
  const there = places.flatMap((place) => [...place.items]).filter((item) => exists(item, outcomeOf));
  const items = itemsByStatusKey(there);
  const detailed = places
    .flatMap((place) => [...place.statuses])
    .filter((status) => inScope(status))
    .map((status) => ({ ...status, ...correctStatus(status, outcomeOf) }));
  const believed = input.detailed ? believedReports(fleet, desired) : nothingBelieved;
  const fits = ({ cluster, key }: { readonly cluster: string; readonly key: string }) =>
    inScope({ place: { kind: "cluster", name: cluster }, key });
  const asInZones = withUnverified(input.verified.unverified);
  return {
    mode: input.mode,
    startedAtMs: input.startedAtMs,
    endedAtMs: input.endedAtMs,
    clusters: fleet.clusters
      .map((cluster) => clusterReport(cluster, inScope))
      .sort((left, right) => byText(left.cluster, right.cluster)),
    zones: zoneReports({
      fleet,
      desired,
      placement,
      kept: keptNames(there),
      readings: zoneReadings(input.zones, input, fleet.nowMs),
    }),
    routes: detailed
      .filter(({ kind }) => kind === "ServiceRoute")
      .map((status) => routeReport(status, items))
      .concat(believed.routes.filter(fits))
      .map(asInZones)
      .sort(byPlaceAndKey),
    gateways: detailed
      .filter(({ kind }) => kind === "Gateway")
      .map((status) => gatewayReport(status, items))
      .concat(believed.gateways.filter(fits))
      .map(asInZones)
      .sort(byPlaceAndKey),
    adoptions: placement.adoptions,
    plan: planned.plan,
    leaving: desired
      .leaving()
      .filter(({ cluster }) => input.scope?.cluster === undefined || cluster === input.scope.cluster),
    heldForPerson: heldForPerson(planned.plan.held),
    results: input.results,
    statuses: input.statuses,
    statusesDue: input.statusesDue.length,
    events: input.events,
    notes: input.notes,
    ended: input.ended,
  };
}

const nothingBelieved: BelievedReports = { routes: [], gateways: [] };

/** Records that stay as they are: nobody claims them, and they are published all the same. */
function keptNames(items: readonly DesiredItem[]): readonly KeptName[] {
  return items.flatMap(({ want, kind, place, names }) =>
    want === "kept" && kind === "DNSEndpoint" && place.kind === "cluster"
      ? names.map(({ zone, name }) => ({ cluster: place.name, zone, name }))
      : [],
  );
}

type OutcomeOf = (item: string) => ItemOutcome | undefined;

/**
 * What a person sees is what is, not what would be: what is held, waits or is only observed is not there yet. An object that
 * is there and would only change (an adoption, while the cluster is observed beside the operator) is there all the same.
 */
function presentOutcomes({ planned, results }: ReportInput): OutcomeOf {
  const observed = new Map<string, ItemOutcome>();
  for (const { item, operation } of planned.plan.observed) {
    if (!observed.has(item)) observed.set(item, operation === "create" ? notWritten : staysAsItIs);
  }
  const outcomeOf = itemOutcomes(planned, results);
  return (item) => observed.get(item) ?? outcomeOf(item);
}

const notWritten: ItemOutcome = { kind: "refused", reason: "nothing is written to this cluster now; see WRITES" };
const staysAsItIs: ItemOutcome = { kind: "held", creates: false };

function exists(item: DesiredItem, outcomeOf: OutcomeOf): boolean {
  const outcome = outcomeOf(itemId(item.place, item.kind, item.key));
  return outcome === undefined || outcome.kind === "not-started" || (outcome.kind === "held" && !outcome.creates);
}

/** Adds to a route or gateway what the zones say of its host, whoever publishes it there. */
function withUnverified(names: readonly UnverifiedName[]) {
  const byName = new Map<string, UnverifiedName[]>();
  for (const one of names) {
    const known = byName.get(one.name);
    if (known === undefined) byName.set(one.name, [one]);
    else known.push(one);
  }
  return <R extends { readonly host?: string }>(report: R): R & { readonly unverified?: readonly UnverifiedName[] } => {
    const unverified = byName.get(report.host ?? "");
    return unverified === undefined ? report : { ...report, unverified };
  };
}

/** Every cluster is in every report: a short plan may only mean that one was not read. Its invalid objects are of the scope. */
function clusterReport(cluster: FleetCluster, inScope: ReturnType<typeof scopeFilter>): ClusterReport {
  const place = { kind: "cluster", name: cluster.name } as const;
  const counts: Partial<Record<Kind, number>> = {};
  const notRead: ClusterReport["notRead"][number][] = [];
  const rejected: ClusterReport["rejected"][number][] = [];
  for (const [name, listing] of Object.entries(cluster.current)) {
    const kind = name as Kind;
    if (listing.read === "not-read") {
      notRead.push({ kind, code: listing.code, reason: listing.reason });
      continue;
    }
    counts[kind] = listing.objects.length;
    const invalid = listing.rejected.map(({ meta, issues }) => ({ kind, key: objectKey(meta), issues }));
    rejected.push(...invalid.filter(({ key }) => inScope({ place, key })));
  }
  return {
    cluster: cluster.name,
    ...(cluster.region === undefined ? {} : { region: cluster.region }),
    mode: cluster.mode,
    standing: cluster.standing,
    ...(cluster.standing.kind === "frozen" && cluster.believed === undefined ? { neverRead: true } : {}),
    writes: cluster.writes,
    counts,
    notRead,
    rejected,
  };
}

/** Items by the resource they come from. */
function itemsByStatusKey(items: readonly DesiredItem[]): ReadonlyMap<string, readonly DesiredItem[]> {
  const grouped = new Map<string, DesiredItem[]>();
  for (const item of items) {
    if (item.want === "absent") continue;
    const { kind, namespace, name } = item.because;
    const key = `${placeId(item.place)} ${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, [item]);
    else known.push(item);
  }
  return grouped;
}

function itemsFor(status: DesiredStatus, items: ReadonlyMap<string, readonly DesiredItem[]>): readonly DesiredItem[] {
  return items.get(`${placeId(status.place)} ${status.kind} ${status.key}`) ?? [];
}

function routeReport(status: DesiredStatus, items: ReadonlyMap<string, readonly DesiredItem[]>): RouteReport {
  const names = itemsFor(status, items).flatMap((item) => item.names);
  const [first] = names;
  const target = first === undefined ? undefined : cnameTarget(first.content);
  const host = first?.name ?? hostOf(status);
  return {
    cluster: status.place.name,
    key: status.key,
    ...(host === undefined ? {} : { host }),
    ...(target === undefined ? {} : { target }),
    phase: phaseOf(status),
    zones: [...new Set(names.map(({ zone }) => zone))].sort(),
    conditions: status.conditions,
  };
}

/** A route that publishes nothing has a host all the same. */
function hostOf(status: DesiredStatus): string | undefined {
  const names = status.fields["dnsNames"];
  const [host] = Array.isArray(names) ? names : [];
  return typeof host === "string" ? host : undefined;
}

function gatewayReport(status: DesiredStatus, items: ReadonlyMap<string, readonly DesiredItem[]>): GatewayReport {
  const own = itemsFor(status, items);
  const records = own.filter(({ kind }) => kind === "DNSEndpoint").flatMap((item) => item.names);
  const [first] = records;
  const addresses = records.flatMap(({ content }) => content.split(" ")[1]?.split(",") ?? []);
  return {
    cluster: status.place.name,
    key: status.key,
    ...(first === undefined ? {} : { host: first.name }),
    addresses: [...new Set(addresses)].sort(),
    hosts: own.filter(({ kind }) => kind === "IstioGateway").reduce((sum, item) => sum + item.names.length, 0),
    phase: phaseOf(status),
    conditions: status.conditions,
  };
}

function phaseOf(status: DesiredStatus): string {
  const phase = status.fields["phase"];
  return typeof phase === "string" ? phase : "";
}

function byPlaceAndKey(
  left: { readonly cluster: string; readonly key: string },
  right: { readonly cluster: string; readonly key: string },
): number {
  return byText(left.cluster, right.cluster) || byText(left.key, right.key);
}
