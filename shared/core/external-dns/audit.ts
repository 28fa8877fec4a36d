/**
 * The audit: every ExternalDNS of every cluster against the one profile that is safe with several clusters per zone
 * (docs/platform/external-dns.md), and against each other. Pure. Deployments without replicas are judged as if they ran:
 * what is unsafe about them is to be known before somebody starts them.
 */
import type { ExternalDnsInstance } from "../../model/external-dns.ts";
import type { Finding } from "../../model/finding.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import { auditedFleet, readsEndpoints } from "./audited-fleet.ts";
import type { AuditedCluster, AuditedFleet, AuditedInstance } from "./audited-fleet.ts";
import { filterFindings } from "./filter-rules.ts";
import { clusterFindings, otherSourceFindings, pairFindings, regionFindings } from "./fleet-rules.ts";
import { instanceFindings, unknownFindings } from "./instance-rules.ts";
import { ownershipFindings } from "./ownership-rules.ts";
import { policyFindings, writingFindings } from "./policy-rules.ts";
import { intervalFindings, zoneFindings } from "./zone-rules.ts";

export type { AuditedCluster } from "./audited-fleet.ts";

export type ExternalDnsAudit = {
  /** Sorted by cluster, then Deployment. */
  readonly instances: readonly ExternalDnsInstance[];
  /** In no order. */
  readonly findings: readonly Finding[];
};

/** @param regions of the fleet configuration; none where doctor looks at contexts alone. */
export function auditExternalDns(
  clusters: readonly AuditedCluster[],
  regions: readonly RegionConfiguration[],
): ExternalDnsAudit {
  const fleet = auditedFleet(clusters, regions);
  return {
    instances: fleet.instances.map(({ instance }) => instance),
    findings: [
      ...fleet.clusters.flatMap((cluster) => clusterFindings(cluster, fleet)),
      ...regionFindings(fleet),
      ...fleet.instances.flatMap((audited) => [...unknownFindings(audited), ...judged(audited, fleet)]),
    ],
  };
}

function judged(audited: AuditedInstance, fleet: AuditedFleet): readonly Finding[] {
  const { settings } = audited.instance;
  // How it is started is not understood: its defaults would be judged, not its settings.
  if (settings.sources.length === 0) return [];
  if (!readsEndpoints(audited.instance)) return otherSourceFindings(audited, fleet);
  return [
    ...policyFindings(audited, fleet),
    ...writingFindings(audited),
    ...filterFindings(audited, fleet),
    ...ownershipFindings(audited),
    ...zoneFindings(audited),
    ...intervalFindings(audited),
    ...pairFindings(audited, fleet),
    ...instanceFindings(audited),
  ];
}
