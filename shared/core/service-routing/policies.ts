/** The one DNSPolicy per namespace that is honoured: the oldest, then the name. The others change nothing. */
import type { FleetCluster } from "../../model/fleet.ts";
import type { ResolvedPlacement } from "../../model/placement.ts";
import type { DnsPolicy, RejectedObject } from "../../model/resources.ts";
import { byAge } from "../naming/item-id.ts";
import { judgePolicy } from "./active-controllers.ts";
import type { PolicyFinding } from "./findings.ts";

export type Policies = {
  readonly honoured: ReadonlyMap<string, PolicyFinding>;
  readonly superseded: readonly PolicyFinding[];
  /** Namespaces whose honoured policy does not parse: their routes keep what they published. */
  readonly unreadable: ReadonlyMap<string, RejectedObject>;
};

export function findPolicies(cluster: FleetCluster, placement: ResolvedPlacement): Policies {
  const listing = cluster.believed?.DNSPolicy;
  const honoured = new Map<string, PolicyFinding>();
  const unreadable = new Map<string, RejectedObject>();
  const superseded: PolicyFinding[] = [];
  if (listing?.read !== "complete") return { honoured, superseded, unreadable };
  const candidates: readonly (DnsPolicy | RejectedObject)[] = [...listing.objects, ...listing.rejected].sort(
    (left, right) => byAge(left.meta, right.meta),
  );
  for (const candidate of candidates) {
    const namespace = candidate.meta.namespace ?? "";
    const first = honoured.get(namespace)?.policy ?? unreadable.get(namespace);
    if (first === undefined) {
      if ("issues" in candidate) unreadable.set(namespace, candidate);
      else honoured.set(namespace, { policy: candidate, verdict: judgePolicy(candidate, cluster, placement) });
    } else if (!("issues" in candidate)) {
      superseded.push({
        policy: candidate,
        verdict: {
          kind: "inactive",
          reason: `DNSPolicy ${first.meta.name} is older and is the one honoured in this namespace`,
        },
        supersededBy: first.meta.name,
      });
    }
  }
  return { honoured, superseded, unreadable };
}
