/**
 * The way from the in-cluster operator to this product in this very fleet: what doctor says, what a preview says, and which
 * ownership TXTs would be copied, put together into steps. Reads every cluster and zone once; writes nothing anywhere.
 */
import { contestedNames } from "../core/migration/contested-names.ts";
import { migratingClusters, migrationSteps } from "../core/migration/migration-steps.ts";
import type { MigratingCluster, MigratingRegion, MigrationFacts } from "../core/migration/migration-steps.ts";
import { objectKey } from "../core/naming/item-id.ts";
import { isOurs } from "../core/naming/own-objects.ts";
import { isOperator, sightOperator } from "../core/reading/operator-running.ts";
import type { Diagnosis } from "../model/diagnosis.ts";
import type { RegionConfiguration } from "../model/fleet-configuration.ts";
import type { Listing, Listings } from "../model/kinds.ts";
import type { Migration } from "../model/migration.ts";
import type { ObjectMeta } from "../model/object-meta.ts";
import type { OperatorValues } from "../model/operator-values.ts";
import { fieldManager } from "../model/ownership.ts";
import type { ClusterReport, PassReport } from "../model/report.ts";
import { diagnoseFleet } from "./diagnose-fleet.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { zonePlanOf } from "./plan-zone-changes.ts";
import { readingOnce } from "./read-once.ts";
import { reconcileFleet } from "./reconcile-fleet.ts";
import { seeFleet, type SeenFleet } from "./see-fleet.ts";

export type MigrationRequest = {
  /** Helm values of the operator's release, where somebody gave them. */
  readonly values?: OperatorValues;
  readonly signal?: AbortSignal;
};

/** @throws StoreUnavailableError, and the signal's reason. */
export async function planMigration(ports: FleetPorts, { values, signal }: MigrationRequest): Promise<Migration> {
  const startedAtMs = ports.clock.nowMs();
  const interruptible = signal === undefined ? {} : { signal };
  const once = readingOnce(ports);
  const diagnosis = await diagnoseFleet(once, { of: "fleet", notes: [], ...interruptible });
  const report = await reconcileFleet(once, { mode: "preview", ...interruptible });
  const seen = await seeFleet(once, interruptible);
  signal?.throwIfAborted();
  const facts: MigrationFacts = {
    diagnosis,
    report,
    clusters: migratingOf(seen, report),
    regions: regionsOf(seen, diagnosis, report),
    unknownRegions: unknownRegions(seen),
    ...(values === undefined ? {} : { values }),
  };
  return {
    startedAtMs,
    endedAtMs: ports.clock.nowMs(),
    steps: migrationSteps(facts),
    clusters: migratingClusters(facts),
    notes: [...new Set([...diagnosis.notes, ...report.notes])].sort(),
  };
}

function migratingOf(seen: SeenFleet, report: PassReport): readonly MigratingCluster[] {
  return seen.configuration.clusters.flatMap((configuration) => {
    const reported = report.clusters.find(({ cluster }) => cluster === configuration.name);
    const listings = listingsOf(seen, configuration.name);
    return reported === undefined ? [] : [{ configuration, ...migrating(seen, reported, listings) }];
  });
}

function listingsOf({ snapshot }: SeenFleet, cluster: string): Listings {
  return snapshot.clusters.find((one) => one.cluster === cluster)?.listings ?? {};
}

function migrating(
  { configuration, assessment, snapshot }: SeenFleet,
  report: ClusterReport,
  listings: Listings,
): Omit<MigratingCluster, "configuration"> {
  const { operatorDeployment: name, operatorNamespace: namespace } = configuration.takeover;
  const deployment = { name, namespace };
  const deployments = objectsOf(listings.OperatorDeployment);
  const known = assessment.fleet.clusters.find((one) => one.name === report.cluster);
  const dnsEndpoints = notAdopted(listings.DNSEndpoint);
  const istioGateways = notAdopted(listings.IstioGateway);
  return {
    report,
    operator: sightOperator({ listings, deployment, nowMs: snapshot.readAtMs }),
    ...(deployments === undefined ? {} : { deployments: deployments.filter((one) => isOperator(one, deployment)) }),
    labels: new Map((deployments ?? []).map(({ meta }) => [objectKey(meta), meta.labels])),
    regions: [...new Set((known?.controllers ?? []).map(({ region }) => region))].sort(),
    notAdopted: {
      ...(dnsEndpoints === undefined ? {} : { dnsEndpoints }),
      ...(istioGateways === undefined ? {} : { istioGateways }),
    },
  };
}

function objectsOf<T>(listing: Listing<T> | undefined): readonly T[] | undefined {
  return listing?.read === "complete" ? listing.objects : undefined;
}

function notAdopted(listing: Listing<{ readonly meta: ObjectMeta }> | undefined): number | undefined {
  return objectsOf(listing)?.filter(({ meta }) => isOurs(meta) && !meta.managers.includes(fieldManager)).length;
}

function regionsOf(seen: SeenFleet, diagnosis: Diagnosis, report: PassReport): readonly MigratingRegion[] {
  const contested = contestedNames(
    seen.configuration.clusters.map(({ name }) => ({
      cluster: name,
      endpoints: objectsOf(listingsOf(seen, name).DNSEndpoint) ?? [],
    })),
  );
  return seen.configuration.regions.map((configuration) => {
    const region = configuration.name;
    const fromOwners = ownersBesides(configuration, diagnosis);
    const plan = zonePlanOf(seen, { task: "copy-ownership", region, fromOwners });
    const records = seen.verification.regionOf(region);
    return {
      configuration,
      ...(records.kind === "read" || !records.isConfigured ? {} : { notRead: records.reason }),
      copies: [...plan.changes, ...plan.held.flatMap(({ changes }) => changes), ...plan.observed],
      leftOut: plan.leftOut,
      fromOwners,
      contested: contested.get(region) ?? [],
      strangers: strangersIn(seen, region, report),
    };
  });
}

/** Sorted. Of the records of such an owner only those that a DNSEndpoint of the fleet publishes are copied. */
function ownersBesides({ name, externalDns }: RegionConfiguration, { instances }: Diagnosis): readonly string[] {
  const owners = instances
    .filter(({ settings, regions }) => settings.sources.includes("crd") && regions.includes(name))
    .filter(({ unknown }) => !unknown.includes("txt-owner-id"))
    .map(({ settings }) => settings.ownerId);
  return [...new Set(owners)].filter((owner) => owner !== externalDns.ownerId).sort();
}

/** Gateway hosts of our grammar that records lead to and that no Gateway of the fleet has, with the number of records. */
function strangersIn(seen: SeenFleet, region: string, report: PassReport): ReadonlyMap<string, number> {
  const view = seen.views.read.get(region);
  if (view === undefined) return new Map();
  const { records, isOwnHost } = view;
  const known = new Set(report.gateways.flatMap(({ host }) => host ?? []));
  const found = new Map<string, number>();
  for (const { name, values } of records.of("CNAME")) {
    const [target = ""] = values;
    if (known.has(target) || !isOwnHost(target) || !isOwnHost(name)) continue;
    found.set(target, (found.get(target) ?? 0) + 1);
  }
  return new Map([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Sorted. */
function unknownRegions({ assessment, configuration, snapshot }: SeenFleet): readonly string[] {
  const known = new Set(configuration.regions.map(({ name }) => name));
  const named = snapshot.clusters.flatMap(({ listings }) => [
    ...(objectsOf(listings.DNSConfiguration) ?? []).flatMap(({ spec }) =>
      spec.externalDNSControllers.map(({ region }) => region),
    ),
    ...(objectsOf(listings.ClusterIdentity) ?? []).map(({ spec }) => spec.region),
  ]);
  const identified = assessment.fleet.clusters.flatMap(({ region }) => region ?? []);
  return [...new Set([...named, ...identified])].filter((region) => !known.has(region)).sort();
}
