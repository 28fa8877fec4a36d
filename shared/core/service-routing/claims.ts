/**
 * Claims: which names each cluster wants in which zone, and who of several claimants publishes.
 * One publisher per name and zone; identical claims never conflict.
 */
import type { Claim } from "../../model/claim.ts";
import type { Identity } from "../../model/fleet.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import { byAge, byText } from "../naming/item-id.ts";
import { endpointNames } from "../naming/published-names.ts";
import { recordContent } from "../naming/record-content.ts";
import type { ClusterFindings, RouteFinding } from "./findings.ts";
import { endpointsOf } from "./owned-endpoints.ts";

/** The content of a route's record; undefined when the route is not attached to a usable gateway. */
export function routeContent(finding: RouteFinding): string | undefined {
  const { gateway } = finding;
  const { ttlSeconds } = finding.route.spec;
  if (gateway?.host === undefined) return undefined;
  return ttlSeconds === undefined ? gateway.routeContent : recordContent("CNAME", [gateway.host], ttlSeconds);
}

/** Claims of routes that publish, and of what pending or invalid sources published before. */
export function claimsOf(findings: ClusterFindings): readonly Claim[] {
  if (findings.cluster.mode === "retiring") return [];
  const claims: Claim[] = [];
  for (const finding of findings.routes) addClaims(claims, finding, findings);
  for (const rejected of findings.rejectedRoutes) claims.push(...keptClaims(findings, rejected.meta));
  return claims;
}

function addClaims(claims: Claim[], finding: RouteFinding, findings: ClusterFindings): void {
  const { verdict, host, route } = finding;
  if (verdict.kind === "withdrawn") return;
  // Nothing new is published for a route that is being deleted: it claims what it has until that is gone.
  if (verdict.kind !== "publishes" || route.meta.deleting) {
    for (const claim of keptClaims(findings, route.meta)) claims.push(claim);
    return;
  }
  const content = routeContent(finding);
  if (host === undefined || content === undefined) return;
  const { controllers } = verdict;
  for (const [index, { region }] of controllers.entries()) {
    // Several controllers of one region publish one name together.
    if (controllers.findIndex((controller) => controller.region === region) !== index) continue;
    claims.push({ zone: region, name: host, content, cluster: findings.cluster.name, source: route.meta });
  }
}

function keptClaims(findings: ClusterFindings, source: ObjectMeta): readonly Claim[] {
  const endpoints = endpointsOf(findings, source.uid);
  return endpoints.flatMap((endpoint) =>
    endpointNames(endpoint).map(({ zone, name, content }) => ({
      zone,
      name,
      content,
      cluster: findings.cluster.name,
      source,
    })),
  );
}

/** What decides between clusters: the zone's own region, then the stored order of regions and clusters. */
export type ClusterRanks = {
  readonly regionOf: ReadonlyMap<string, Identity["region"]>;
  readonly regions: ReadonlyMap<string, number>;
  readonly clusters: ReadonlyMap<string, number>;
};

/** Negative when `left` publishes rather than `right`. Both claim the same name of the same zone with different content. */
export function compareClaims(left: Claim, right: Claim, ranks: ClusterRanks): number {
  if (left.cluster === right.cluster)
    // One source may hold two contents that differ, of DNSEndpoints that stay: the answer must not depend on their order.
    return byAge(left.source, right.source) || byText(left.content, right.content);
  const leftRegion = ranks.regionOf.get(left.cluster) ?? "";
  const rightRegion = ranks.regionOf.get(right.cluster) ?? "";
  return (
    Number(rightRegion === left.zone) - Number(leftRegion === left.zone) ||
    (ranks.regions.get(leftRegion) ?? 0) - (ranks.regions.get(rightRegion) ?? 0) ||
    (ranks.clusters.get(left.cluster) ?? 0) - (ranks.clusters.get(right.cluster) ?? 0)
  );
}
