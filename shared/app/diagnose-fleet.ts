/**
 * Doctor: reads every cluster, judges ExternalDNS, routes, rights and clocks, and says what is wrong with what follows from
 * it. Writes nothing anywhere, and needs neither store nor lease. A cluster that does not answer is a finding; the rest goes on.
 */
import { readsOf } from "../core/compute-desired.ts";
import { hostingFindings } from "../core/diagnosis/azure-regions.ts";
import { clockFindings } from "../core/diagnosis/clock-skew.ts";
import { clusterFindings, isReached } from "../core/diagnosis/cluster-findings.ts";
import { doctorReads } from "../core/diagnosis/doctor-reads.ts";
import { rightsFindings } from "../core/diagnosis/needed-rights.ts";
import { backendFindings, refusalFindings } from "../core/diagnosis/route-findings.ts";
import { recordFindings, zoneFindings } from "../core/diagnosis/zone-findings.ts";
import { judgeCoverage } from "../core/failover/coverage.ts";
import { byText } from "../core/naming/item-id.ts";
import { sightOperator } from "../core/reading/operator-running.ts";
import { emptyOrder } from "../core/reading/stored-order.ts";
import type { ClusterDiagnosis, Diagnosis } from "../model/diagnosis.ts";
import { bySeverity, finding, type Finding } from "../model/finding.ts";
import type { FleetConfiguration } from "../model/fleet-configuration.ts";
import type { Listing } from "../model/kinds.ts";
import type { ClusterSnapshot, FleetSnapshot } from "../model/snapshot.ts";
import { auditFleet } from "./audit-external-dns.ts";
import { desireFleet, type DesiredFleet } from "./desire-fleet.ts";
import { discoverClusters } from "./discover-clusters.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { inspectClusters, type Inspection } from "./inspect-clusters.ts";
import { inspectZones } from "./inspect-zones.ts";
import { takeSnapshot, type ReadingPorts } from "./take-snapshot.ts";
import { verifyFleet, type VerifiedFleet } from "./verify-fleet.ts";

export type DoctorPorts = ReadingPorts & Pick<FleetPorts, "configuration">;

export type DiagnosisRequest = {
  readonly of: Diagnosis["of"];
  /** Azure region of the app, where the hosting platform says it. */
  readonly appRegion?: string;
  /** What was said about the clusters before they were looked at. */
  readonly notes: readonly string[];
  readonly signal?: AbortSignal;
};

/** For all lists of one cluster. A person waits, and nobody holds a lease: longer than a pass may take. */
const clusterReadMs = 60_000;
const inspectionMs = 20_000;

/** @throws the signal's reason. */
export async function diagnoseFleet(ports: DoctorPorts, request: DiagnosisRequest): Promise<Diagnosis> {
  const { signal } = request;
  const startedAtMs = ports.clock.nowMs();
  const discovered = await discoverClusters(ports, signal);
  const clusters = [...ports.configuration.clusters, ...discovered.clusters];
  const configuration = { ...ports.configuration, clusters };
  const interruptible = signal === undefined ? {} : { signal };
  // What is switched off is looked at all the same: it may have been on before.
  const reads = [...readsOf({ ...configuration.families, serviceRouting: true }), ...doctorReads];
  const { regions } = configuration;
  const snapshot = await takeSnapshot(ports, { clusters, reads, regions, clusterReadMs, ...interruptible });
  const inspections = await inspectClusters(ports, clusters, { clusterMs: inspectionMs, ...interruptible });
  const zoneRights = await inspectZones(ports, regions, { zoneMs: inspectionMs, ...interruptible });
  ports.progress.stage("judge");
  const desired = desireFromNow(configuration, snapshot);
  const audit = auditFleet(snapshot, desired.assessment.fleet, request.of === "fleet" ? configuration.regions : []);
  const coverage = coverageOf(desired, snapshot);
  const inhabited = desired.assessment.fleet.clusters.flatMap(({ region }) => region ?? []);
  const findings = [
    ...snapshot.clusters.flatMap((cluster) => findingsOf(cluster, configuration, inspections)),
    ...audit.findings,
    ...refusalFindings(refusalsOf(desired)),
    ...backendFindings(coverage),
    ...hostingFindings(request.appRegion, inhabited),
    ...zoneFindings(snapshot.zones, zoneRights),
    ...recordFindings(verifyNow(configuration, desired, discovered.unknownClusters)),
  ];
  return {
    of: request.of,
    startedAtMs,
    endedAtMs: ports.clock.nowMs(),
    clusters: snapshot.clusters
      .map((cluster) => clusterDiagnosis(cluster, desired, audit.instances))
      .sort((left, right) => byText(left.cluster, right.cluster)),
    instances: audit.instances,
    findings: [...findings].sort(inOrder),
    coverages: coverage.coverages,
    notJudged: coverage.coverages.length === 0 ? [] : coverage.notJudged,
    notes: [...request.notes, ...discovered.notes].sort(),
  };
}

/** What the fleet should hold, from this read alone: nothing that was remembered is asked for. */
function desireFromNow(configuration: FleetConfiguration, snapshot: FleetSnapshot): DesiredFleet {
  const input = {
    configuration,
    snapshot,
    lastGood: new Map(),
    shrunkReads: {},
    approvals: [],
    order: emptyOrder,
    reads: readsOf(configuration.families),
    nowMs: snapshot.readAtMs,
  };
  return desireFleet(input, { placement: { revision: 0, entries: [] }, records: {} });
}

/** What the zones say, at the first sight of everything in them. */
function verifyNow(
  { regions }: FleetConfiguration,
  { assessment, desired, verification }: DesiredFleet,
  unknownClusters: string | undefined,
): VerifiedFleet {
  const since = { records: {}, garbage: {} };
  const unknown = unknownClusters === undefined ? {} : { unknownClusters };
  return verifyFleet({ fleet: assessment.fleet, desired, regions, verification, since, ...unknown });
}

function coverageOf({ desired }: DesiredFleet, snapshot: FleetSnapshot) {
  const listings = new Map(snapshot.clusters.map((cluster) => [cluster.cluster, cluster.listings]));
  return judgeCoverage(desired.servedHosts().map((hosts) => ({ hosts, backends: listings.get(hosts.cluster) ?? {} })));
}

function refusalsOf({ desired }: DesiredFleet) {
  return desired.places.flatMap(({ project }) => {
    const { statuses, refusals = [] } = project();
    return [...refusals, ...[...statuses].flatMap(({ refusal }) => refusal ?? [])];
  });
}

function findingsOf(
  { cluster, listings, readAtMs }: ClusterSnapshot,
  configuration: FleetConfiguration,
  inspections: readonly Inspection[],
): readonly Finding[] {
  const inspection = inspections.find((one) => one.cluster === cluster);
  const mode = configuration.clusters.find(({ name }) => name === cluster)?.writes;
  const seen = clusterFindings(cluster, listings, inspection?.denied !== undefined);
  if (!isReached(listings)) return seen;
  const { operatorDeployment: name, operatorNamespace: namespace } = configuration.takeover;
  const deployment = { name, namespace };
  // By the cluster's own clock where it has one: the operator renewed its Lease by that.
  const operator = sightOperator({ listings, deployment, nowMs: inspection?.clock?.serverTimeMs ?? readAtMs });
  const isWritten = mode === "apply";
  return [
    ...seen,
    ...(operator.kind === "running"
      ? [
          finding("OperatorRunning", {
            cluster,
            what: operator.reason,
            ...(isWritten ? { severity: "warning" as const } : {}),
          }),
        ]
      : []),
    ...(inspection?.denied === undefined
      ? [finding("RightsNotAsked", { cluster, what: inspection?.reason ?? "nobody was asked" })]
      : rightsFindings(cluster, inspection.denied, mode)),
    ...(inspection?.clock === undefined ? [] : clockFindings(cluster, inspection.clock)),
  ];
}

function clusterDiagnosis(
  { cluster, listings }: ClusterSnapshot,
  { assessment }: DesiredFleet,
  instances: Diagnosis["instances"],
): ClusterDiagnosis {
  const known = assessment.fleet.clusters.find(({ name }) => name === cluster);
  const routes = countOf(listings.ServiceRoute);
  const dnsEndpoints = countOf(listings.DNSEndpoint);
  const own = instances.filter((instance) => instance.cluster === cluster).length;
  return {
    cluster,
    ...(known?.region === undefined ? {} : { region: known.region }),
    reached: isReached(listings),
    ...(routes === undefined ? {} : { routes }),
    ...(dnsEndpoints === undefined ? {} : { dnsEndpoints }),
    ...(listings.ExternalDnsDeployment?.read === "complete" ? { externalDns: own } : {}),
  };
}

function countOf(listing: Listing<unknown> | undefined): number | undefined {
  return listing?.read === "complete" ? listing.objects.length : undefined;
}

function inOrder(left: Finding, right: Finding): number {
  return (
    bySeverity(left.severity, right.severity) ||
    byText(left.code, right.code) ||
    byText(left.cluster ?? "", right.cluster ?? "") ||
    byText(left.region ?? "", right.region ?? "") ||
    byText(left.object ?? "", right.object ?? "") ||
    byText(left.what, right.what)
  );
}
