/** AKS clusters that join the fleet by tag. */
import { createHash } from "node:crypto";
import type { ManagedCluster } from "@azure/arm-containerservice";
import type { ClusterConfiguration, DiscoveryConfiguration } from "../../model/fleet-configuration.ts";
import type { ArmClients } from "./arm.ts";
import { asAzureError } from "./azure-errors.ts";
import { parseManagedClusterId } from "./resource-id.ts";

/** A subscription holds at most 5,000 clusters; a longer list is a fault of the far side. */
const MAX_CLUSTERS = 10_000;
const MAX_LABEL_LENGTH = 63;

/**
 * Every managed cluster of the subscription that carries the tag, running or not, sorted by name.
 * @throws FleetError when the list was not read to its end; the signal's reason.
 */
export async function discoverAksClusters(options: {
  readonly arm: ArmClients;
  readonly discovery: DiscoveryConfiguration;
  readonly signal: AbortSignal;
}): Promise<readonly ClusterConfiguration[]> {
  const { arm, discovery, signal } = options;
  const found: ManagedCluster[] = [];
  try {
    const client = await arm.forSubscription(discovery.subscription);
    let seen = 0;
    for await (const cluster of client.managedClusters.list({ abortSignal: signal })) {
      seen += 1;
      if (seen > MAX_CLUSTERS) throw new Error(`more than ${MAX_CLUSTERS} managed clusters`);
      if (carries(cluster, discovery)) found.push(cluster);
    }
  } catch (caught) {
    const reason: unknown = signal.aborted ? signal.reason : caught;
    if (signal.aborted && !(reason instanceof Error && reason.name === "TimeoutError")) throw reason;
    const place = `subscription/${discovery.subscription}`;
    throw asAzureError(reason, { place, what: "list managed clusters", role: "Reader" });
  }
  return configurations(found, discovery);
}

/** Azure ignores the case of tag names, not of their values. */
function carries(cluster: ManagedCluster, discovery: DiscoveryConfiguration): boolean {
  const wanted = discovery.tag.toLowerCase();
  return Object.entries(cluster.tags ?? {}).some(
    ([tag, value]) => tag.toLowerCase() === wanted && value === discovery.value,
  );
}

type Named = {
  readonly resourceId: string;
  readonly group: string;
  readonly name: string;
  readonly createdAtMs: number;
};

/**
 * Names are keys of the fleet's state, so a newcomer never changes the name of one that was there: of several clusters of
 * one name the oldest keeps it, the others get their resource group appended.
 */
function configurations(
  found: readonly ManagedCluster[],
  discovery: DiscoveryConfiguration,
): readonly ClusterConfiguration[] {
  const named = found.flatMap(describeCluster).sort(byAge);
  const taken = new Map<string, ClusterConfiguration>();
  for (const { resourceId, group, name } of named) {
    const free = [label(name), label(`${name}-${group}`), hashed(`${name}-${group}`, resourceId)].find(
      (n) => !taken.has(n),
    );
    if (free === undefined) continue;
    taken.set(free, {
      name: free,
      source: { kind: "aks", resourceId },
      writes: discovery.writes,
      gatewayNamespace: discovery.gatewayNamespace,
      operatorStopped: false,
    });
  }
  return [...taken.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describeCluster(cluster: ManagedCluster): readonly Named[] {
  const resourceId = cluster.id ?? "";
  const id = parseManagedClusterId(resourceId);
  if (id === undefined) return [];
  const createdAtMs = cluster.systemData?.createdAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return [{ resourceId, group: id.resourceGroup, name: id.name, createdAtMs }];
}

function byAge(a: Named, b: Named): number {
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs < b.createdAtMs ? -1 : 1;
  return a.resourceId.toLowerCase() < b.resourceId.toLowerCase() ? -1 : 1;
}

/** A DNS label: lower case, digits, dashes inside. */
function label(text: string): string {
  const dashed = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return dashed.slice(0, MAX_LABEL_LENGTH).replaceAll(/^-+|-+$/g, "") || "cluster";
}

function hashed(text: string, resourceId: string): string {
  const hash = createHash("sha256").update(resourceId.toLowerCase()).digest("hex").slice(0, 8);
  return `${label(text.slice(0, MAX_LABEL_LENGTH - 9))}-${hash}`;
}
