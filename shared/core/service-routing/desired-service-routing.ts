/**
 * Service routing: what every cluster should hold so that each route's host resolves from its zones.
 * The second of this family's two exports; the first is `reads`. Reads like the flow: find, claim, resolve, project.
 */
import type { Claim, Zones } from "../../model/claim.ts";
import type { ClusterHosts } from "../../model/coverage.ts";
import type { Desired, DesiredPlace, PlaceDesired } from "../../model/desired.ts";
import type { FleetConfiguration } from "../../model/fleet-configuration.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { ResolvedPlacement } from "../../model/placement.ts";
import type { VerifyRecord } from "../../model/verification.ts";
import { claimsOf, type ClusterRanks } from "./claims.ts";
import { clusterStatuses, frozenStatuses, missingSingletons } from "./cluster-status.ts";
import { routeEndpoints } from "./endpoints.ts";
import { findCluster } from "./find-cluster.ts";
import type { ClusterFindings } from "./findings.ts";
import { gatewayEndpoints } from "./gateway-endpoints.ts";
import { gatewayHosts, type GatewayHost } from "./gateway-hosts.ts";
import { gatewayStatuses } from "./gateway-status.ts";
import { istioGateways } from "./istio-gateways.ts";
import { inTurn } from "./lazy-lists.ts";
import { resolveHosts, type HostHolders } from "./istio-hosts.ts";
import { policyStatuses } from "./policy-status.ts";
import { routeStatuses } from "./route-status.ts";
import { servedHosts } from "./served-hosts.ts";
import { leavingHosts, vanishedHosts } from "./vanished-hosts.ts";
import { resolveZones } from "./zones.ts";

export type ServiceRouting = Desired & {
  readonly zones: Zones;
  readonly gatewayHosts: () => readonly GatewayHost[];
  /** One per cluster, in the order of the fleet. */
  readonly servedHosts: () => readonly ClusterHosts[];
  /** By cluster: hosts that leave its Istio Gateways with the next complete read. Clusters without any are left out. */
  readonly leaving: () => readonly { readonly cluster: string; readonly hosts: readonly string[] }[];
};

const managed = [
  { kind: "DNSEndpoint", marker: serviceRoutingMarker },
  { kind: "IstioGateway", marker: serviceRoutingMarker },
] as const;

type Found = { readonly findings: ClusterFindings; readonly holders: HostHolders };

export function desiredServiceRouting(
  fleet: Fleet,
  placement: ResolvedPlacement,
  settings: Pick<FleetConfiguration, "regions">,
  verify?: VerifyRecord,
): ServiceRouting {
  const found = fleet.clusters.map((cluster) => find(cluster, placement, settings));
  const ranks = ranksOf(fleet);
  const claims = found.map(({ findings }) => claimsOf(findings));
  const vanished = found.map(({ findings }, index) =>
    vanishedSince(findings, claims[index] ?? [], placement, settings),
  );
  const ghosts = vanished.flatMap((one) => one.claims);
  const { zones, disputed } = resolveZones(claims, ghosts, ranks);

  const places = found.map(({ findings, holders }, index): DesiredPlace => {
    const { cluster } = findings;
    const hosts = vanished[index]?.hosts ?? noHosts;
    return {
      place: { kind: "cluster", name: cluster.name },
      project: () =>
        projectCluster({
          findings,
          holders,
          vanishedHosts: hosts,
          zones,
          disputed,
          ranks,
          placement,
          verify,
        }),
    };
  });
  const claimedElsewhere = claims.filter((_, index) => found[index]?.findings.cluster.writes.kind !== "allowed").flat();
  const hosts = (): readonly GatewayHost[] => found.flatMap(({ findings }) => gatewayHosts(findings));
  const leaving: ServiceRouting["leaving"] = () =>
    found
      .map(({ findings }, index) => ({
        cluster: findings.cluster.name,
        hosts: leavingHosts(findings, vanished[index]?.hosts ?? noHosts),
      }))
      .filter((one) => one.hosts.length > 0);
  const served = (): readonly ClusterHosts[] => servedHosts(found, zones);
  return { places, claimedElsewhere, managed, zones, gatewayHosts: hosts, servedHosts: served, leaving };
}

type Projection = Found & {
  readonly vanishedHosts: ReadonlySet<string>;
  readonly zones: Zones;
  readonly disputed: ReadonlySet<string>;
  readonly ranks: ClusterRanks;
  readonly placement: ResolvedPlacement;
  readonly verify: VerifyRecord | undefined;
};

function projectCluster(projection: Projection): PlaceDesired {
  const { findings, zones, disputed, ranks, placement, verify } = projection;
  const { cluster } = findings;
  if (cluster.standing.kind === "frozen") return { items: [], statuses: frozenStatuses(cluster) };
  const gateways = gatewayEndpoints(findings);
  const reserved = new Set(gateways.items.map((item) => item.key));
  const requestedRegions = requestedBy(cluster, placement);
  const routes = routeEndpoints({ findings, zones, disputed, ranks, requestedRegions, reserved });
  const istio = istioGateways(projection);
  return {
    refusals: missingSingletons(cluster),
    items: inTurn(routes.items, gateways.items, istio.items),
    statuses: inTurn(
      clusterStatuses(cluster, placement.adoptions),
      policyStatuses(findings),
      gatewayStatuses({
        findings,
        hosts: istio.hosts,
        endpointKeys: gateways.keysByGateway,
        records: gateways.items,
        zones: { zones, verify },
      }),
      routeStatuses(findings, routes, { zones, verify }),
    ),
  };
}

function find(
  cluster: FleetCluster,
  placement: ResolvedPlacement,
  settings: Pick<FleetConfiguration, "regions">,
): Found {
  const findings = findCluster(cluster, placement, settings.regions);
  const { routes, holders } = resolveHosts(cluster, findings.routes);
  return { findings: { ...findings, routes }, holders };
}

function ranksOf(fleet: Fleet): ClusterRanks {
  return {
    regionOf: new Map(
      fleet.clusters.flatMap((cluster) => (cluster.region === undefined ? [] : [[cluster.name, cluster.region]])),
    ),
    regions: new Map(fleet.regions.map((region, index) => [region, index])),
    clusters: new Map(fleet.clusters.map((cluster, index) => [cluster.name, index])),
  };
}

type Vanished = { readonly claims: readonly Claim[]; readonly hosts: ReadonlySet<string> };

const noHosts: ReadonlySet<string> = new Set();

/**
 * What the read before had and this complete read does not have any more: claims by name, zone and source, whatever their
 * content, and hosts of routes, claimed or not.
 */
function vanishedSince(
  findings: ClusterFindings,
  claims: readonly Claim[],
  placement: ResolvedPlacement,
  settings: Pick<FleetConfiguration, "regions">,
): Vanished {
  const { cluster } = findings;
  if (cluster.standing.kind !== "complete" || cluster.previous === undefined) return { claims: [], hosts: noHosts };
  const { findings: before } = find({ ...cluster, believed: cluster.previous }, placement, settings);
  const present = new Set(claims.map((claim) => claimId(claim)));
  const gone = claimsOf(before).filter((claim) => !present.has(claimId(claim)));
  return { claims: gone, hosts: new Set([...gone.map(({ name }) => name), ...vanishedHosts(findings, before)]) };
}

function claimId({ zone, name, source }: Claim): string {
  return `${zone} ${name} ${source.uid}`;
}

/** Regions with fleet clusters of their own that this cluster asks to adopt. */
function requestedBy(cluster: FleetCluster, placement: ResolvedPlacement): ReadonlySet<string> {
  return new Set(
    placement.adoptions
      .filter((adoption) => adoption.cluster === cluster.name && adoption.outcome.kind === "requested")
      .map((adoption) => adoption.region),
  );
}
