/** What a status question is about: names that exist, and the part of a report that was asked for. */
import type { Scope } from "../model/pass.ts";
import type { ClusterReport, PassReport, RouteReport } from "../model/report.ts";

/** The report with only the clusters, routes, gateways and resources of the scope. Zones stay whole: they have many publishers. */
export function narrowed(report: PassReport, scope: Scope): PassReport {
  const fits = (each: { readonly cluster: string; readonly key: string }) =>
    (scope.cluster === undefined || each.cluster === scope.cluster) && inNamespace(each.key, scope);
  return {
    ...report,
    clusters: report.clusters
      .filter(({ cluster }) => scope.cluster === undefined || cluster === scope.cluster)
      .map((cluster) => narrowedCluster(cluster, scope)),
    routes: report.routes.filter(fits),
    gateways: report.gateways.filter(fits),
    adoptions: report.adoptions.filter(({ cluster }) => scope.cluster === undefined || cluster === scope.cluster),
  };
}

function narrowedCluster(cluster: ClusterReport, scope: Scope): ClusterReport {
  return { ...cluster, rejected: cluster.rejected.filter(({ key }) => inNamespace(key, scope)) };
}

function inNamespace(key: string, scope: Scope): boolean {
  return scope.namespace === undefined || key.startsWith(`${scope.namespace}/`);
}

export function clusterNames(report: PassReport): readonly string[] {
  return sorted(report.clusters.map(({ cluster }) => cluster));
}

/** Regions that have a cluster or a zone. */
export function regionNames(report: PassReport): readonly string[] {
  return sorted([...report.clusters.flatMap(({ region }) => region ?? []), ...report.zones.map(({ zone }) => zone)]);
}

/**
 * The region of a cluster that has nothing to do with the one it was asked for together with: it is not in it, asks for no
 * adoption of it and publishes no host of a route in its zone. An answer about the two would be empty, as if nothing were there.
 * @returns undefined where there is something to answer, or the region of the cluster is not known.
 */
export function regionInstead(report: PassReport, region: string, cluster: string): string | undefined {
  const own = report.clusters.find((each) => each.cluster === cluster)?.region;
  const publishes = report.routes.some((route) => route.cluster === cluster && route.zones.includes(region));
  const adopts = report.adoptions.some((adoption) => adoption.cluster === cluster && adoption.region === region);
  return own === region || publishes || adopts ? undefined : own;
}

/** Namespaces in which the report knows a resource or a change. */
export function namespaceNames(report: PassReport): readonly string[] {
  const { changes, waiting, held, observed, refusals } = report.plan;
  const keys = [
    ...[...report.routes, ...report.gateways, ...changes, ...observed, ...refusals].map(({ key }) => key),
    ...held.flatMap((group) => group.changes.map(({ key }) => key)),
    ...waiting.map(({ change }) => change.key),
    ...report.clusters.flatMap(({ rejected }) => rejected.map(({ key }) => key)),
  ];
  return sorted(keys.filter((key) => key.includes("/")).map((key) => key.slice(0, key.indexOf("/"))));
}

/**
 * A namespace in which the fleet has nothing of ours is most likely mistyped: an empty answer would look like success.
 * While a cluster cannot be judged nobody can say so, for it may have the namespace.
 * @param report of any scope that includes the namespace. What one of less than the fleet answers is to be asked of the whole
 * fleet again: a scope without anything of a namespace may still be right.
 * @returns the namespaces that there are instead; undefined when this one is, or may be, there.
 */
export function namespacesInstead(report: PassReport, namespace: string): readonly string[] | undefined {
  const names = namespaceNames(report);
  const blind = report.clusters.some(({ standing }) => standing.kind === "frozen");
  return names.includes(namespace) || blind ? undefined : names;
}

/** `namespace/name` of every route, those that do not parse included. */
export function routeKeys(report: PassReport): readonly string[] {
  const rejected = report.clusters.flatMap((cluster) => cluster.rejected.filter(({ kind }) => kind === "ServiceRoute"));
  return sorted([...report.routes, ...rejected].map(({ key }) => key));
}

/**
 * Clusters that have the route, or may have it (frozen: nobody can say). Asked when the route is known in the fleet and only
 * one cluster is meant.
 */
export function clustersWithRoute(report: PassReport, key: string): readonly string[] {
  const frozen = report.clusters.filter(({ standing }) => standing.kind === "frozen");
  const rejecting = report.clusters.filter(({ rejected }) =>
    rejected.some((object) => object.kind === "ServiceRoute" && object.key === key),
  );
  const having = report.routes.filter((route) => route.key === key);
  return sorted([...frozen, ...rejecting, ...having].map(({ cluster }) => cluster));
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** Whether the route has the condition `Published` False for that reason. */
export function isUnpublished(route: RouteReport, reason: string): boolean {
  return route.conditions.some(
    (condition) => condition.type === "Published" && condition.status === "False" && condition.reason === reason,
  );
}
