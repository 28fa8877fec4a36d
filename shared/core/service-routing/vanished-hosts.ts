/**
 * Hosts of the read before that no route of this read yields any more. They stand on Istio Gateways whatever the policy of
 * their namespace says, so a route without any claim keeps its host there too until the second complete read.
 */
import { serviceRoutingMarker } from "../../model/ownership.ts";
import type { ObservedStatus } from "../../model/resources.ts";
import { istioHosts } from "../naming/published-names.ts";
import type { ClusterFindings } from "./findings.ts";

/** @param before what the read before this one would be found to be now. */
export function vanishedHosts(now: ClusterFindings, before: ClusterFindings): readonly string[] {
  const present = new Set(now.routes.map(({ route, host }) => `${route.meta.uid} ${host ?? ""}`));
  const uids = new Set([
    ...now.routes.map(({ route }) => route.meta.uid),
    ...now.rejectedRoutes.map(({ meta }) => meta.uid),
  ]);
  const moved = before.routes.flatMap(({ route, host, gateway }) => {
    // Without a gateway the host stands there by what the route's status says, like that of one that does not parse.
    if (host === undefined || gateway === undefined) return uids.has(route.meta.uid) ? [] : writtenHosts(route.status);
    return present.has(`${route.meta.uid} ${host}`) ? [] : [host];
  });
  const unparsable = before.rejectedRoutes.flatMap(({ meta, status }) =>
    uids.has(meta.uid) ? [] : writtenHosts(status),
  );
  return [...moved, ...unparsable];
}

/**
 * Vanished hosts that still stand on an Istio Gateway of ours and that no route of the cluster has any more: they leave it once
 * a second complete read says the same. Sorted.
 */
export function leavingHosts({ cluster, routes }: ClusterFindings, vanished: ReadonlySet<string>): readonly string[] {
  const listing = cluster.current.IstioGateway;
  if (vanished.size === 0 || cluster.writes.kind !== "allowed" || listing?.read !== "complete") return [];
  const wanted = new Set(routes.map(({ host }) => host));
  const { label, value } = serviceRoutingMarker;
  const present = listing.objects.filter(({ meta }) => meta.labels[label] === value).flatMap(istioHosts);
  return [...new Set(present)].filter((host) => vanished.has(host) && !wanted.has(host)).sort();
}

function writtenHosts(status: ObservedStatus): readonly string[] {
  const names = status["dnsNames"];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
