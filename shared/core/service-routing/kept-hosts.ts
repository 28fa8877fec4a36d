/** Hosts that stay where they stand on Istio Gateways, and those that some route of the cluster yields or yielded. */
import type { ObservedStatus } from "../../model/resources.ts";
import type { ClusterFindings } from "./findings.ts";
import { endpointsOf } from "./owned-endpoints.ts";

/** Hosts that stay although no valid route wants them: of pending, invalid, unparsable routes and of those being deleted. */
export function keptHosts(findings: ClusterFindings): Set<string> {
  const hosts = new Set<string>();
  for (const finding of findings.routes) {
    const { verdict } = finding;
    if (verdict.kind !== "invalid" && verdict.kind !== "pending" && !finding.route.meta.deleting) continue;
    if (finding.gateway !== undefined && !finding.route.meta.deleting) continue;
    if (finding.host !== undefined) hosts.add(finding.host);
    for (const host of rememberedHosts(findings, finding.route.meta.uid, finding.route.status)) hosts.add(host);
  }
  for (const rejected of findings.rejectedRoutes) {
    for (const host of rememberedHosts(findings, rejected.meta.uid, rejected.status)) hosts.add(host);
  }
  return hosts;
}

/** Hosts that a route published before, by its DNSEndpoints and by the status we wrote: they survive the loss of the store. */
function rememberedHosts(findings: ClusterFindings, uid: string, status: ObservedStatus): readonly string[] {
  const owned = endpointsOf(findings, uid).flatMap((endpoint) =>
    endpoint.spec.endpoints.map((record) => record.dnsName),
  );
  const written = status["dnsNames"];
  return Array.isArray(written) ? [...owned, ...written.filter((name) => typeof name === "string")] : owned;
}

/** Every host that some route of this read yields or yielded: a host that leaves while its route exists counts for budgets. */
export function sourceHosts(findings: ClusterFindings): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const { host, route } of findings.routes) {
    if (host !== undefined) hosts.add(host);
    for (const remembered of rememberedHosts(findings, route.meta.uid, route.status)) hosts.add(remembered);
  }
  for (const rejected of findings.rejectedRoutes) {
    for (const remembered of rememberedHosts(findings, rejected.meta.uid, rejected.status)) hosts.add(remembered);
  }
  return hosts;
}
