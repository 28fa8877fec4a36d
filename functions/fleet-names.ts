/** Names that a caller gave and the fleet does not have: each a fault with the names that there are. */
import { nearest } from "../shared/contracts/issues.ts";
import type { PassReport } from "../shared/model/report.ts";
import {
  clustersWithRoute,
  clusterNames,
  namespaceNames,
  regionNames,
  routeKeys,
} from "../shared/presentation/status-scope.ts";
import type { Fault } from "./failures.ts";

const SHOWN_NAMES = 20;

/** Namespaces are asked for apart, by unknownNamespace: a report of a scope does not know those of the others. */
export function unknownNames(
  report: PassReport,
  asked: { readonly cluster?: string; readonly region?: string; readonly route?: string },
): readonly Fault[] {
  return [
    ...unknownName("cluster", asked.cluster, clusterNames(report)),
    ...unknownName("region", asked.region, regionNames(report)),
    ...unknownRoute(report, asked),
  ];
}

function unknownRoute(
  report: PassReport,
  { cluster, route }: { readonly cluster?: string; readonly route?: string },
): readonly Fault[] {
  const unknown = unknownName("route", route, routeKeys(report));
  if (unknown.length > 0 || route === undefined || cluster === undefined) {
    return unknown;
  }
  const clusters = clustersWithRoute(report, route);
  return clusters.includes(cluster)
    ? []
    : [{ path: "route", message: `is not in cluster ${cluster}; it is in ${clusters.join(", ")}` }];
}

/**
 * A namespace in which the fleet has nothing of ours is most likely mistyped: an empty answer would look like success.
 * While a cluster cannot be judged nobody can say so, for it may have the namespace.
 * @param report of any scope that includes the namespace.
 * @param readWhole the whole fleet, asked for only when the report has nothing of the namespace.
 */
export async function unknownNamespace(
  report: PassReport,
  namespace: string | undefined,
  readWhole: () => Promise<PassReport>,
): Promise<readonly Fault[]> {
  if (namespace === undefined || namespaceNames(report).includes(namespace)) {
    return [];
  }
  const whole = await readWhole();
  const blind = whole.clusters.some(({ standing }) => standing.kind === "frozen");
  return blind ? [] : unknownName("namespace", namespace, namespaceNames(whole));
}

export function unknownName(path: string, name: string | undefined, known: readonly string[]): readonly Fault[] {
  if (name === undefined || known.includes(name)) {
    return [];
  }
  const meant = nearest(name, known);
  const shown = known.slice(0, SHOWN_NAMES).join(", ");
  const all = known.length > SHOWN_NAMES ? `${shown} and ${known.length - SHOWN_NAMES} more` : shown;
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  return [{ path, message: `is not in the fleet; there are ${all || "none"}${guess}` }];
}
