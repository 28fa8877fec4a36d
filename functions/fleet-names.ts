/** Names that a caller gave and the fleet does not have: each a fault with the names that there are. */
import { nearest } from "../shared/contracts/issues.ts";
import type { PassReport } from "../shared/model/report.ts";
import { clusterNames, regionNames, routeKeys } from "../shared/presentation/status-scope.ts";
import type { Fault } from "./failures.ts";

const SHOWN_NAMES = 20;

/** Namespaces are not asked for: one without any resource of ours is as real as any other. */
export function unknownNames(
  report: PassReport,
  asked: { readonly cluster?: string; readonly region?: string; readonly route?: string },
): readonly Fault[] {
  return [
    ...unknownName("cluster", asked.cluster, clusterNames(report)),
    ...unknownName("region", asked.region, regionNames(report)),
    ...unknownName("route", asked.route, routeKeys(report)),
  ];
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
