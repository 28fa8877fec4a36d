/** The ExternalDNS Deployments of a fleet that was read, judged: by doctor, and before anything is moved. */
import { auditExternalDns, type AuditedCluster, type ExternalDnsAudit } from "../core/external-dns/audit.ts";
import type { Fleet, FleetCluster } from "../model/fleet.ts";
import type { RegionConfiguration } from "../model/fleet-configuration.ts";
import type { Listings } from "../model/kinds.ts";
import type { FleetSnapshot } from "../model/snapshot.ts";

const notServed = "KIND_NOT_SERVED";

/** @param regions of the fleet configuration; none where clusters are known by their contexts alone. */
export function auditFleet(
  snapshot: FleetSnapshot,
  fleet: Fleet,
  regions: readonly RegionConfiguration[],
): ExternalDnsAudit {
  const known = new Map(fleet.clusters.map((cluster) => [cluster.name, cluster]));
  const clusters = snapshot.clusters.map(({ cluster, listings }) =>
    auditedCluster(cluster, listings, known.get(cluster)),
  );
  return auditExternalDns(clusters, regions);
}

function auditedCluster(cluster: string, listings: Listings, known: FleetCluster | undefined): AuditedCluster {
  const { ExternalDnsDeployment: deployments, DNSEndpoint: endpoints } = listings;
  const domain = known?.identity?.domain;
  return {
    cluster,
    controllers: known?.controllers ?? [],
    ...(deployments?.read === "complete" ? { deployments: deployments.objects } : {}),
    ...(endpoints?.read === "complete" ? { endpoints: endpoints.objects } : {}),
    ...(endpoints?.read === "not-read" && endpoints.code === notServed ? { endpoints: "not-served" } : {}),
    ...(domain === undefined ? {} : { domain }),
    ...(known?.region === undefined ? {} : { region: known.region }),
  };
}
