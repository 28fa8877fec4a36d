/**
 * Reads every cluster and every zone, all at once, a deadline each. A list that fails is "not read" with its reason; it never fails
 * the snapshot, and it never counts as empty.
 */
import pLimit from "p-limit";
import { asError, FleetError } from "../errors.ts";
import type { ClusterConfiguration, RegionConfiguration, ZoneConfiguration } from "../model/fleet-configuration.ts";
import type { Kind, KindObjects, KindUse, Listing, Listings } from "../model/kinds.ts";
import type { ClusterSnapshot, FleetSnapshot } from "../model/snapshot.ts";
import type { ZoneSnapshot } from "../model/zone-records.ts";
import type { ClusterPort } from "../ports.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";
import type { HeldLease } from "./held-lease.ts";

type SnapshotInput = {
  readonly clusters: readonly ClusterConfiguration[];
  readonly reads: readonly KindUse[];
  readonly regions: readonly RegionConfiguration[];
  /** For all lists of one cluster, and for the listing of one zone, in milliseconds. */
  readonly clusterReadMs: number;
  /** Asked after each cluster: with many that hang, reading takes several deadlines one after another. */
  readonly lease?: Pick<HeldLease, "ensureRoom">;
  readonly signal?: AbortSignal;
};

/** What reading needs of the outside: neither store nor telemetry. */
export type ReadingPorts = Pick<FleetPorts, "clusters" | "zones" | "clock" | "progress">;

/** @throws LeaseLostError when the lease did not last, and the signal's reason. */
export async function takeSnapshot(ports: ReadingPorts, input: SnapshotInput): Promise<FleetSnapshot> {
  const readAtMs = ports.clock.nowMs();
  const limit = pLimit(limits.clustersAtOnce);
  const zones = input.regions.flatMap((region) => region.zones.map((zone) => ({ region: region.name, zone })));
  let done = 0;
  ports.progress.stage("read");
  const counted = <T>(read: () => Promise<T>): Promise<T> =>
    limit(async () => {
      const snapshot = await read();
      await input.lease?.ensureRoom();
      done += 1;
      ports.progress.step(done, input.clusters.length + zones.length);
      return snapshot;
    });
  const [clusterSnapshots, zoneSnapshots] = await Promise.all([
    Promise.all(input.clusters.map((cluster) => counted(() => readCluster(ports, cluster, input)))),
    Promise.all(zones.map(({ region, zone }) => counted(() => readZone(ports, region, zone, input)))),
  ]);
  return { readAtMs, clusters: clusterSnapshots, zones: zoneSnapshots };
}

async function readZone(
  ports: ReadingPorts,
  region: string,
  source: ZoneConfiguration,
  input: SnapshotInput,
): Promise<ZoneSnapshot> {
  const readAtMs = ports.clock.nowMs();
  const zone = source.zone.toLowerCase();
  const signal = deadlineOf(input);
  try {
    const port = await ports.zones.open(source);
    const recordSets = await port.list(signal);
    return { region, zone, source, readAtMs, listing: { read: "complete", recordSets } };
  } catch (caught) {
    input.signal?.throwIfAborted();
    return { region, zone, source, readAtMs, listing: failed(caught) };
  }
}

function deadlineOf({ clusterReadMs, signal }: SnapshotInput): AbortSignal {
  const deadline = AbortSignal.timeout(clusterReadMs);
  return signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
}

async function readCluster(
  ports: ReadingPorts,
  cluster: ClusterConfiguration,
  input: SnapshotInput,
): Promise<ClusterSnapshot> {
  const readAtMs = ports.clock.nowMs();
  const first = input.reads.filter((use) => use.onlyWhen === undefined);
  if (cluster.source.kind === "missing") {
    const missing = notRead(
      "CLUSTER_NOT_CONFIGURED",
      "it is no longer configured; set writes: retiring before an entry is removed",
    );
    return { cluster: cluster.name, readAtMs, listings: Object.fromEntries(first.map(({ kind }) => [kind, missing])) };
  }
  const signal = deadlineOf(input);
  let port: ClusterPort;
  try {
    port = await ports.clusters.open(cluster);
  } catch (caught) {
    const failure = failed(caught);
    return { cluster: cluster.name, readAtMs, listings: Object.fromEntries(first.map(({ kind }) => [kind, failure])) };
  }
  const [listings, istioVersion] = await Promise.all([listKinds(port, first, signal), readIstioVersion(port, signal)]);
  const second = input.reads.filter((use) => use.onlyWhen?.(listings) === true);
  const all = second.length === 0 ? listings : { ...listings, ...(await listKinds(port, second, signal)) };
  input.signal?.throwIfAborted();
  return { cluster: cluster.name, readAtMs, listings: all, ...(istioVersion === undefined ? {} : { istioVersion }) };
}

async function listKinds(port: ClusterPort, uses: readonly KindUse[], signal: AbortSignal): Promise<Listings> {
  const entries = await Promise.all(uses.map(async ({ kind }) => [kind, await listKind(port, kind, signal)] as const));
  return Object.fromEntries(entries);
}

async function listKind<K extends Kind>(
  port: ClusterPort,
  kind: K,
  signal: AbortSignal,
): Promise<Listing<KindObjects[K]>> {
  try {
    const { objects, rejected } = await port.list(kind, signal);
    return { read: "complete", objects, rejected };
  } catch (caught) {
    return failed(caught);
  }
}

/** Not knowing the version only disables writing Istio Gateways there. */
async function readIstioVersion(port: ClusterPort, signal: AbortSignal): Promise<"v1" | "v1beta1" | undefined> {
  try {
    return await port.istioVersion(signal);
  } catch {
    return undefined;
  }
}

function failed(caught: unknown): NotRead {
  const error = asError(caught);
  return notRead(error instanceof FleetError ? error.code : "UNEXPECTED", error.message);
}

type NotRead = Extract<Listing<never>, { readonly read: "not-read" }>;

function notRead(code: string, reason: string): NotRead {
  return { read: "not-read", code, reason };
}
