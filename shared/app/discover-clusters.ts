/** Clusters that join the fleet by tag. A discovery that fails leaves the clusters it found before: they count as unreachable. */
import { asError } from "../errors.ts";
import type { ClusterConfiguration, DiscoveryConfiguration } from "../model/fleet-configuration.ts";
import type { FleetPorts } from "./fleet-ports.ts";

const discoveryMs = 30_000;

type Discovered = {
  readonly clusters: readonly ClusterConfiguration[];
  readonly notes: readonly string[];
  /** Why there may be clusters that nobody knows of now; absent when every discovery answered. */
  readonly unknownClusters?: string;
};

type DiscoveryPorts = Pick<FleetPorts, "configuration" | "clusters">;

export async function discoverClusters(ports: DiscoveryPorts, signal: AbortSignal | undefined): Promise<Discovered> {
  const configured = new Set(ports.configuration.clusters.map((cluster) => cluster.name));
  const clusters = new Map<string, ClusterConfiguration>();
  const failures: string[] = [];
  // All at once: one that does not answer takes its deadline of the pass once, however many there are.
  const answers = await Promise.all(ports.configuration.discovery.map((one) => discover(ports, one, signal)));
  for (const { found, failure } of answers) {
    const joining = found.filter((cluster) => !configured.has(cluster.name));
    for (const cluster of joining) clusters.set(cluster.name, cluster);
    if (failure !== undefined) failures.push(failure);
  }
  return {
    clusters: [...clusters.values()].sort((left, right) => (left.name < right.name ? -1 : 1)),
    notes: failures,
    ...(failures.length === 0 ? {} : { unknownClusters: failures.join("; ") }),
  };
}

type Answer = { readonly found: readonly ClusterConfiguration[]; readonly failure?: string };

async function discover(
  ports: DiscoveryPorts,
  discovery: DiscoveryConfiguration,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(discoveryMs);
  try {
    const bounded = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    return { found: await ports.clusters.discover(discovery, bounded) };
  } catch (caught) {
    signal?.throwIfAborted();
    const { tag, value } = discovery;
    const failure = `discovery by tag ${tag}=${value} failed (${asError(caught).message}); its clusters count as unreachable`;
    return { found: [], failure };
  }
}
