/** All findings of one cluster, from what is believed of it. */
import type { FleetCluster } from "../../model/fleet.ts";
import type { RegionConfiguration } from "../../model/fleet-configuration.ts";
import type { ResolvedPlacement } from "../../model/placement.ts";
import { serviceHosts } from "../naming/hosts.ts";
import { findGateways } from "./gateways.ts";
import { findPolicies } from "./policies.ts";
import { findRoute } from "./routes.ts";
import type { ClusterFindings } from "./findings.ts";
import { txtPrefixes } from "./txt-prefixes.ts";

export function findCluster(
  cluster: FleetCluster,
  placement: ResolvedPlacement,
  regions: readonly RegionConfiguration[],
): ClusterFindings {
  const policies = findPolicies(cluster, placement);
  const prefixes = txtPrefixes(cluster, regions);
  const gateways = findGateways(cluster, prefixes);
  const listing = cluster.believed?.ServiceRoute;
  const routes = listing?.read === "complete" ? listing : { objects: [], rejected: [] };
  const context = {
    cluster,
    hostOf: cluster.identity === undefined ? undefined : serviceHosts(cluster.identity),
    policies,
    gateways,
    txtPrefixes: prefixes,
    namespaceLabels: namespaceLabels(cluster),
  };
  return {
    cluster,
    policies: policies.honoured,
    superseded: policies.superseded,
    gateways,
    routes: routes.objects.map((route) => findRoute(route, context)),
    rejectedRoutes: routes.rejected,
  };
}

function namespaceLabels(cluster: FleetCluster): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const listing = cluster.believed?.Namespace;
  if (listing?.read !== "complete") return new Map();
  return new Map(listing.objects.map((namespace) => [namespace.meta.name, namespace.meta.labels]));
}
