/** What the steps of a migration are judged by: one cluster in one region, with nothing left to do unless overridden. */
import type {
  MigratingCluster,
  MigratingRegion,
  MigrationFacts,
} from "../../../shared/core/migration/migration-steps.ts";
import type { RegionConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { NameCounts } from "../../../shared/model/verification.ts";
import type { ZoneChange } from "../../../shared/model/zone-change.ts";
import { diagnosis } from "../diagnoses.ts";
import { clusterReport, emptyPlan, passReport } from "../reports.ts";

export function migratingCluster(
  overrides: Partial<Omit<MigratingCluster, "configuration">> & {
    readonly configuration?: Partial<MigratingCluster["configuration"]>;
  } = {},
): MigratingCluster {
  const { configuration = {}, ...rest } = overrides;
  const { name = "w1" } = configuration;
  return {
    report: clusterReport({ cluster: name }),
    operator: { kind: "not-running" },
    deployments: [],
    labels: new Map(),
    regions: ["weu"],
    notAdopted: { dnsEndpoints: 0, istioGateways: 0 },
    ...rest,
    configuration: {
      name,
      source: { kind: "kubeconfig", context: name },
      writes: "apply",
      gatewayNamespace: "istio-system",
      operatorStopped: false,
      ...configuration,
    },
  };
}

/** Observed, as before its take-over. */
export function observedCluster(
  name = "w1",
  overrides: Partial<Omit<MigratingCluster, "configuration">> = {},
): MigratingCluster {
  const writes = { kind: "observed", reason: "the fleet configuration says writes: observe" } as const;
  return migratingCluster({
    report: clusterReport({ cluster: name, mode: "observe", writes }),
    configuration: { name, writes: "observe" },
    ...overrides,
  });
}

export function migratingRegion(
  overrides: Partial<Omit<MigratingRegion, "configuration">> & {
    readonly configuration?: Partial<RegionConfiguration>;
  } = {},
): MigratingRegion {
  const { configuration = {}, ...rest } = overrides;
  const { name = "weu" } = configuration;
  return {
    copies: [],
    leftOut: [],
    fromOwners: [],
    contested: [],
    strangers: new Map(),
    ...rest,
    configuration: {
      name,
      zones: [{ kind: "azure", subscription: "s", resourceGroup: `rg-${name}`, zone: "example.com" }],
      zoneWrites: "apply",
      externalDns: { ownerId: `external-dns-${name}`, txtPrefix: "_xdns-%{record_type}.", intervalSeconds: 60 },
      ...configuration,
    },
  };
}

const noNames: NameCounts = {
  verified: 3,
  awaited: 0,
  outside: 0,
  missing: 0,
  "wrong-target": 0,
  "foreign-owner": 0,
  orphan: 0,
  flapping: 0,
};

export function zoneReport(zone = "weu", names: Partial<NameCounts> = {}): PassReport["zones"][number] {
  const reading = {
    read: "complete",
    readAtMs: 0,
    recordSets: 6,
    names: { ...noNames, ...names },
    unverified: [],
    garbage: { found: 0, due: 0 },
  } as const;
  return { zone, publishers: [], standby: 0, conflicts: 0, reading };
}

export function facts(overrides: Partial<MigrationFacts> = {}): MigrationFacts {
  const { clusters = [migratingCluster()], regions = [migratingRegion()] } = overrides;
  return {
    diagnosis: diagnosis({
      clusters: clusters.map(({ configuration: { name } }) => ({ cluster: name, reached: true, externalDns: 1 })),
    }),
    report: passReport({
      plan: emptyPlan(),
      clusters: clusters.map(({ report }) => report),
      zones: regions.map(({ configuration: { name } }) => zoneReport(name)),
    }),
    unknownRegions: [],
    ...overrides,
    clusters,
    regions,
  };
}

/** The copy of a TXT for one CNAME. */
export function copyOf(host: string, region = "weu"): ZoneChange {
  const about = [{ name: host, type: "CNAME", zone: "example.com" }] as const;
  return { id: `${region}|${host}`, kind: "write-ownership", region, writes: [], unchanged: [], about, reason: "" };
}
