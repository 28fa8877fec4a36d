/** Names that a caller gave and the fleet does not have: each a fault with the names that there are. */
import { namesInstead } from "../shared/contracts/unknown-name.ts";
import type { PassReport } from "../shared/model/report.ts";
import {
  clustersWithRoute,
  clusterNames,
  namespacesInstead,
  regionInstead,
  regionNames,
  routeKeys,
} from "../shared/presentation/status-scope.ts";
import type { Fault } from "./failures.ts";

type Asked = { readonly cluster?: string; readonly region?: string; readonly route?: string };

/** Namespaces are asked for apart, by unknownNamespace: a report of a scope does not know those of the others. */
export function unknownNames(report: PassReport, asked: Asked): readonly Fault[] {
  return [
    ...unknownName("cluster", asked.cluster, clusterNames(report)),
    ...unknownRegion(report, asked),
    ...unknownRoute(report, asked),
  ];
}

function unknownRegion(report: PassReport, { cluster, region }: Asked): readonly Fault[] {
  const unknown = unknownName("region", region, regionNames(report));
  if (unknown.length > 0 || region === undefined || cluster === undefined) {
    return unknown;
  }
  const own = regionInstead(report, region, cluster);
  const message = `has nothing of cluster ${cluster}, which is in region ${own}`;
  return own === undefined ? [] : [{ path: "region", message }];
}

function unknownRoute(report: PassReport, { cluster, route }: Asked): readonly Fault[] {
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
 * @param report of any scope that includes the namespace.
 * @param readWhole the whole fleet, asked for only when the report has nothing of the namespace.
 */
export async function unknownNamespace(
  report: PassReport,
  namespace: string | undefined,
  readWhole: () => Promise<PassReport>,
): Promise<readonly Fault[]> {
  if (namespace === undefined || namespacesInstead(report, namespace) === undefined) {
    return [];
  }
  const instead = namespacesInstead(await readWhole(), namespace);
  return instead === undefined ? [] : unknownName("namespace", namespace, instead);
}

export function unknownName(path: string, name: string | undefined, known: readonly string[]): readonly Fault[] {
  if (name === undefined || known.includes(name)) {
    return [];
  }
  return [{ path, message: `is not in the fleet; there are ${namesInstead(name, known)}` }];
}
