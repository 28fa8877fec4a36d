/**
 * Gateway hosts as names of zones: every cluster has the addresses of its Gateways in every region's zone, beside the routes
 * that `zones` counts. For reports; nobody competes for them, since each is named after its own cluster.
 */
import { isDnsZone } from "../naming/published-names.ts";
import type { ClusterFindings } from "./findings.ts";
import { gatewayEndpoints } from "./gateway-endpoints.ts";

export type GatewayHost = { readonly zone: string; readonly name: string; readonly cluster: string };

/** Each host once per zone, however many controllers and record types publish it there. */
export function gatewayHosts(findings: ClusterFindings): readonly GatewayHost[] {
  const hosts = new Map<string, GatewayHost>();
  for (const { names } of gatewayEndpoints(findings).items) {
    for (const { zone, name } of names) {
      if (isDnsZone(zone)) hosts.set(`${zone}/${name}`, { zone, name, cluster: findings.cluster.name });
    }
  }
  return [...hosts.values()];
}
