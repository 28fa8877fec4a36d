/** What is wrong with routes and Gateways of the fleet, from what service routing and coverage say of them. */
import type { CoverageReport } from "../../model/coverage.ts";
import type { Refusal } from "../../model/desired.ts";
import { finding, type Finding } from "../../model/finding.ts";
import { byText } from "../naming/item-id.ts";

const hostConflict = "HostConflict";

/** Conflicts one by one, because each hits two teams; of all other refusals only how many there are. */
export function refusalFindings(refusals: readonly Refusal[]): readonly Finding[] {
  const conflicts = refusals
    .filter(({ code }) => code === hostConflict)
    .map(({ place, kind, key, reason }) =>
      finding(hostConflict, { cluster: place.name, object: `${kind} ${key}`, what: reason }),
    );
  const others = Map.groupBy(
    refusals.filter(({ code }) => code !== hostConflict),
    ({ place }) => place.name,
  );
  const refused = [...others]
    .sort(([left], [right]) => byText(left, right))
    .map(([cluster, list]) =>
      finding("Refused", {
        cluster,
        what: `${list.length === 1 ? "1 resource is" : `${list.length} resources are`} refused`,
        names: list.map(({ kind, key, code }) => `${kind} ${key} (${code})`).sort(),
      }),
    );
  return [...conflicts, ...refused];
}

/** Hosts that lead to a Gateway of their own cluster which answers them with an error, one finding per cluster. */
export function backendFindings({ unbound }: Pick<CoverageReport, "unbound">): readonly Finding[] {
  return [...Map.groupBy(unbound, ({ cluster }) => cluster)]
    .sort(([left], [right]) => byText(left, right))
    .map(([cluster, hosts]) =>
      finding("RouteWithoutBackend", {
        cluster,
        what: `${hosts.length === 1 ? "1 host leads" : `${hosts.length} hosts lead`} to nothing that answers`,
        names: hosts.map(({ host, reason }) => `${host}: ${reason}`).sort(),
      }),
    );
}
