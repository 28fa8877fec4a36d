/** Clusters that join the fleet by tag. A discovery that fails leaves the clusters it found before: they count as unreachable. */
import { asError } from "../errors.ts";
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { FleetPorts } from "./fleet-ports.ts";

const discoveryMs = 30_000;

type Discovered = { readonly clusters: readonly ClusterConfiguration[]; readonly notes: readonly string[] };

export async function discoverClusters(ports: FleetPorts, signal: AbortSignal | undefined): Promise<Discovered> {
  const configured = new Set(ports.configuration.clusters.map((cluster) => cluster.name));
  const clusters = new Map<string, ClusterConfiguration>();
  const notes: string[] = [];
  for (const discovery of ports.configuration.discovery) {
    const deadline = AbortSignal.timeout(discoveryMs);
    try {
      const found = await ports.clusters.discover(
        discovery,
        signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      );
      const joining = found.filter((cluster) => !configured.has(cluster.name));
      for (const cluster of joining) clusters.set(cluster.name, cluster);
    } catch (caught) {
      signal?.throwIfAborted();
      notes.push(
        `discovery by tag ${discovery.tag}=${discovery.value} failed (${asError(caught).message}); its clusters count as unreachable`,
      );
    }
  }
  return { clusters: [...clusters.values()].sort((left, right) => (left.name < right.name ? -1 : 1)), notes };
}
