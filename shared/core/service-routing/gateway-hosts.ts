/**
 * Gateway hosts as names of zones: every cluster has the addresses of its Gateways in every region's zone, beside the routes
 * that `zones` counts. For reports; nobody competes for them, since each is named after its own cluster.
 */
import { isDnsZone } from "../naming/published-names.ts";
import type { ClusterFindings } from "./findings.ts";
import { gatewayEndpoints } from "./gateway-endpoints.ts";

export type GatewayHost = {
  readonly zone: string;
  readonly name: string;
  readonly cluster: string;
  /** Of each record: A, AAAA or both. */
  readonly contents: readonly string[];
};

/** Each host once per zone, however many controllers publish it there. */
export function gatewayHosts(findings: ClusterFindings): readonly GatewayHost[] {
  const hosts = new Map<string, GatewayHost>();
  for (const { names } of gatewayEndpoints(findings).items) {
    for (const { zone, name, content } of names) {
      if (!isDnsZone(zone)) continue;
      const known = hosts.get(`${zone}/${name}`)?.contents ?? [];
      const contents = known.includes(content) ? known : [...known, content];
      hosts.set(`${zone}/${name}`, { zone, name, cluster: findings.cluster.name, contents });
    }
  }
  return [...hosts.values()];
}
