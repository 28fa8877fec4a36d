/**
 * Routes and gateways of frozen clusters, as they were in the last complete read: what such a cluster published still counts as
 * published, and during an outage it is asked for more than ever. Only what that read and the zones say: nothing is known of
 * how they are now.
 */
import type { FleetDesired } from "../core/compute-desired.ts";
import { objectKey } from "../core/naming/item-id.ts";
import { isGatewayRecord, postfixKey, recordPostfix } from "../core/naming/own-objects.ts";
import { endpointNames, istioHosts } from "../core/naming/published-names.ts";
import { cnameTarget } from "../core/naming/record-content.ts";
import type { Claim, Zones } from "../model/claim.ts";
import type { Fleet, FleetCluster } from "../model/fleet.ts";
import type { KindObjects } from "../model/kinds.ts";
import type { GatewayReport, RouteReport } from "../model/report.ts";
import type { Gateway } from "../model/resources.ts";

export type BelievedReports = { readonly routes: readonly RouteReport[]; readonly gateways: readonly GatewayReport[] };

/** Of every cluster that is frozen and was read completely before. */
export function believedReports(fleet: Fleet, desired: Pick<FleetDesired, "zones">): BelievedReports {
  const frozen = fleet.clusters.filter(
    ({ standing, believed }) => standing.kind === "frozen" && believed !== undefined,
  );
  if (frozen.length === 0) return { routes: [], gateways: [] };
  const claims = claimsBySource(desired.zones, new Set(frozen.map(({ name }) => name)));
  return {
    routes: frozen.flatMap((cluster) => believedRoutes(cluster, claims)),
    gateways: frozen.flatMap((cluster) =>
      objectsOf(cluster, "Gateway").map((gateway) => believedGateway(cluster, gateway)),
    ),
  };
}

type Publication = { readonly claim: Claim; readonly wins: boolean };
type ClaimsBySource = ReadonlyMap<string, readonly Publication[]>;

function claimsBySource(zones: Zones, clusters: ReadonlySet<string>): ClaimsBySource {
  const found = new Map<string, Publication[]>();
  const note = (claim: Claim, wins: boolean): void => {
    if (!clusters.has(claim.cluster)) return;
    const id = sourceId(claim.cluster, claim.source.uid);
    const known = found.get(id);
    if (known === undefined) found.set(id, [{ claim, wins }]);
    else known.push({ claim, wins });
  };
  for (const names of zones.values()) {
    for (const { winner, losers = [] } of names.values()) {
      note(winner, true);
      for (const loser of losers) note(loser, false);
    }
  }
  return found;
}

function sourceId(cluster: string, uid: string): string {
  return `${cluster} ${uid}`;
}

function believedRoutes(cluster: FleetCluster, claims: ClaimsBySource): readonly RouteReport[] {
  const listing = cluster.believed?.ServiceRoute;
  if (listing?.read !== "complete") return [];
  return [...listing.objects, ...listing.rejected].map(({ meta }): RouteReport => {
    const own = claims.get(sourceId(cluster.name, meta.uid)) ?? [];
    const zones = [...new Set(own.filter(({ wins }) => wins).map(({ claim }) => claim.zone))].sort();
    const [first] = own;
    const target = first === undefined ? undefined : cnameTarget(first.claim.content);
    return {
      cluster: cluster.name,
      key: objectKey(meta),
      ...(first === undefined ? {} : { host: first.claim.name }),
      ...(target === undefined ? {} : { target }),
      phase: BELIEVED_PHASE,
      zones,
      conditions: believedConditions(cluster),
      asLastRead: true,
    };
  });
}

/** No phase of any resource: what it would be now is not known. */
const BELIEVED_PHASE = "Frozen";

function believedConditions({ name, standing }: FleetCluster): RouteReport["conditions"] {
  const reason = standing.kind === "frozen" ? standing.code : "Frozen";
  const message = `as in the last complete read of cluster ${name}; how it is now is not known`;
  return [{ type: "Read", status: "Unknown", reason, message }];
}

function believedGateway(cluster: FleetCluster, gateway: Gateway): GatewayReport {
  const key = objectKey(gateway.meta);
  const records = objectsOf(cluster, "DNSEndpoint")
    .filter(({ meta }) => isGatewayRecord(meta) && recordPostfix(meta) === postfixKey(gateway.spec))
    .flatMap((endpoint) => endpointNames(endpoint));
  const istio = objectsOf(cluster, "IstioGateway").find(({ meta }) => objectKey(meta) === key);
  const [first] = records;
  return {
    cluster: cluster.name,
    key,
    ...(first === undefined ? {} : { host: first.name }),
    addresses: [...new Set(records.flatMap(({ content }) => content.split(" ")[1]?.split(",") ?? []))].sort(),
    hosts: istio === undefined ? 0 : istioHosts(istio).length,
    phase: BELIEVED_PHASE,
    conditions: believedConditions(cluster),
    asLastRead: true,
  };
}

function objectsOf<K extends "Gateway" | "DNSEndpoint" | "IstioGateway">(
  { believed }: FleetCluster,
  kind: K,
): readonly KindObjects[K][] {
  const listing = believed?.[kind];
  return listing?.read === "complete" ? listing.objects : [];
}
