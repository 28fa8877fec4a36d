/** Asks every cluster what its lists do not say: which rights the credential has, and what time it is there. Writes nothing. */
import pLimit from "p-limit";
import type { ClockReading } from "../core/diagnosis/clock-skew.ts";
import { readRights, writeRights } from "../core/diagnosis/needed-rights.ts";
import { asError } from "../errors.ts";
import type { DeniedRight } from "../model/access.ts";
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { ClusterPort } from "../ports.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";

export type Inspection = {
  readonly cluster: string;
  /** Absent: nobody could be asked; `reason` says why. */
  readonly denied?: readonly DeniedRight[];
  readonly reason?: string;
  /** Absent where there is no clock, or no answer. */
  readonly clock?: ClockReading;
};

type InspectingPorts = Pick<FleetPorts, "clusters" | "clock" | "progress">;

/** @throws the signal's reason; a cluster that does not answer is in the result. */
export async function inspectClusters(
  ports: InspectingPorts,
  clusters: readonly ClusterConfiguration[],
  options: { readonly clusterMs: number; readonly signal?: AbortSignal },
): Promise<readonly Inspection[]> {
  const limit = pLimit(limits.clustersAtOnce);
  let done = 0;
  ports.progress.stage("inspect");
  return await Promise.all(
    clusters.map((cluster) =>
      limit(async () => {
        const deadline = AbortSignal.timeout(options.clusterMs);
        const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
        const inspection = await inspect(ports, cluster, signal);
        options.signal?.throwIfAborted();
        done += 1;
        ports.progress.step(done, clusters.length);
        return inspection;
      }),
    ),
  );
}

async function inspect(
  ports: InspectingPorts,
  cluster: ClusterConfiguration,
  signal: AbortSignal,
): Promise<Inspection> {
  let port: ClusterPort;
  try {
    port = await ports.clusters.open(cluster);
  } catch (caught) {
    return { cluster: cluster.name, reason: asError(caught).message };
  }
  // The clock first and alone: other questions on the way would be taken for a clock that differs.
  const clock = await readClock(ports, port, signal);
  try {
    const denied = await port.deniedRights([...readRights, ...writeRights], signal);
    return { cluster: cluster.name, denied, ...clock };
  } catch (caught) {
    return { cluster: cluster.name, reason: asError(caught).message, ...clock };
  }
}

/** The first answer pays for the connection: it is asked for twice, and the second counts. */
async function readClock(
  { clock }: InspectingPorts,
  port: ClusterPort,
  signal: AbortSignal,
): Promise<Pick<Inspection, "clock">> {
  try {
    await port.serverTimeMs(signal);
    const sentAtMs = clock.nowMs();
    const serverTimeMs = await port.serverTimeMs(signal);
    if (serverTimeMs === undefined) return {};
    return { clock: { sentAtMs, answeredAtMs: clock.nowMs(), serverTimeMs } };
  } catch {
    // That a cluster does not answer is said by its lists.
    return {};
  }
}
