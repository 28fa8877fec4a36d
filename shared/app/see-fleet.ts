/**
 * What every use case begins with that looks at the whole fleet: recall, read, assess, place, desire, verify. Writes nothing.
 */
import { readsOf } from "../core/compute-desired.ts";
import type { FleetConfiguration } from "../model/fleet-configuration.ts";
import type { FleetSnapshot } from "../model/snapshot.ts";
import { desireFleet, type DesiredFleet } from "./desire-fleet.ts";
import { discoverClusters } from "./discover-clusters.ts";
import { missingClusters, recall, type FleetMemory } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import type { HeldLease } from "./held-lease.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { verifyFleet, type VerifiedFleet } from "./verify-fleet.ts";

export type SeenFleet = DesiredFleet &
  VerifiedFleet & {
    readonly memory: FleetMemory;
    /** With the clusters that were discovered, and those that only the store knows. */
    readonly configuration: FleetConfiguration;
    readonly snapshot: FleetSnapshot;
    /** What of the fleet could not be found, as sentences. */
    readonly notes: readonly string[];
    /** Every family is switched off: nothing was read. */
    readonly isOff: boolean;
  };

type SeeOptions = { readonly lease?: HeldLease; readonly signal?: AbortSignal };

/** @throws LeaseLostError when the lease did not last, StoreUnavailableError, and the signal's reason. */
export async function seeFleet(ports: FleetPorts, { lease, signal }: SeeOptions): Promise<SeenFleet> {
  const memory = await recall(ports);
  const discovered = await discoverClusters(ports, signal);
  // Discovery and the lists after it may take longer together than the lease lasts.
  await lease?.ensureRoom();
  const configured = { ...ports.configuration, clusters: [...ports.configuration.clusters, ...discovered.clusters] };
  const configuration = {
    ...configured,
    clusters: [...configured.clusters, ...missingClusters(memory, configured.clusters)],
  };
  const reads = readsOf(configuration.families);
  const isOff = reads.length === 0;
  const snapshot = await takeSnapshot(ports, {
    clusters: isOff ? [] : configuration.clusters,
    reads,
    regions: isOff ? [] : configuration.regions,
    clusterReadMs: configuration.readSeconds * 1000,
    ...(lease === undefined ? {} : { lease }),
    ...(signal === undefined ? {} : { signal }),
  });
  ports.progress.stage("plan");
  const since = memory.since.value;
  const assessed = {
    configuration,
    snapshot,
    lastGood: new Map([...memory.lastGood].map(([name, { value }]) => [name, value])),
    shrunkReads: since.shrunkReads,
    approvals: memory.approvals,
    order: memory.order.value,
    reads,
    nowMs: snapshot.readAtMs,
  };
  const desiredFleet = desireFleet(assessed, { placement: memory.placement, records: since.records });
  const { assessment, desired, verification } = desiredFleet;
  const { unknownClusters } = discovered;
  const verifiedFleet = verifyFleet({
    fleet: assessment.fleet,
    desired,
    regions: configuration.regions,
    verification,
    since,
    ...(unknownClusters === undefined ? {} : { unknownClusters }),
  });
  return { ...desiredFleet, ...verifiedFleet, memory, configuration, snapshot, notes: discovered.notes, isOff };
}
