/**
 * The ClusterPort that the product gets: the simulated cluster behind a network that is slow, breaks, and loses answers,
 * for a process that can die at every wait. Records what each run saw.
 */
import {
  ClusterUnreachableError,
  ForbiddenError,
  IncompleteListError,
  ThrottledError,
  type FleetError,
} from "../../../shared/errors.ts";
import type { Kind, KindObjects } from "../../../shared/model/kinds.ts";
import type {
  ClusterPort,
  ObjectDelete,
  ObjectWrite,
  ReadList,
  ResourceEvent,
  StatusUpdate,
} from "../../../shared/ports.ts";
import { wantedNames } from "../oracle/wanted-names.ts";
import { simulatedCluster } from "../world/simulated-cluster.ts";
import type { WorldCluster } from "../world/world.ts";
import type { AppProcess } from "./app-process.ts";
import type { Reading, Run } from "./run-context.ts";

/** In the cause of every error that a port throws: it must not reach a log, a report, a status or the store. */
export const secretToken = "eyJhbGciOiJub25lIn0.sim-bearer-token.c2VjcmV0";

/** The product gives a write 15 s; a slower one is over for it, and may arrive all the same. */
const slowestWriteMs = 15_000;

type Call = { readonly process: AppProcess; readonly run: Run; readonly cluster: WorldCluster };

export function faultyCluster(call: Call): ClusterPort {
  const port = simulatedCluster(call.cluster.server, call.run);
  return {
    name: call.cluster.name,
    list: (kind, signal) => readList(call, port, kind, signal),
    istioVersion: async (signal) => {
      await call.process.wait(readMs(call));
      checkReachable(call);
      return port.istioVersion(signal);
    },
    apply: (write: ObjectWrite, signal) => writeThrough(call, () => port.apply(write, signal)),
    remove: (target: ObjectDelete, signal) => writeThrough(call, () => port.remove(target, signal)),
    writeStatus: (update: StatusUpdate, signal) => writeThrough(call, () => port.writeStatus(update, signal)),
    recordEvent: async (event: ResourceEvent, signal) => {
      await call.process.send(call.process.random.int(5, 40));
      checkReachable(call);
      await port.recordEvent(event, signal);
      call.run.events += 1;
      await call.process.wait(1);
    },
    deniedRights: (rights, signal) => port.deniedRights(rights, signal),
    serverTimeMs: (signal) => port.serverTimeMs(signal),
    close: async () => {},
  };
}

async function readList<K extends Kind>(
  call: Call,
  port: ClusterPort,
  kind: K,
  signal: AbortSignal,
): Promise<ReadList<KindObjects[K]>> {
  const { process, run, cluster } = call;
  const reading = readingOf(call);
  await process.wait(readMs(call));
  try {
    checkReachable(call);
    const broken = cluster.unreadable.has(kind) || strikes(call);
    if (broken) throw readFault(call, kind);
    const list = await port.list(kind, signal);
    reading.lists.set(kind, "complete");
    reading.listed.set(kind, cluster.server.stored(kind));
    return list;
  } catch (caught) {
    reading.lists.set(kind, "failed");
    run.faults += 1;
    throw caught;
  } finally {
    reading.endedAtMs = process.site.nowMs();
    reading.wantedAtEnd = wantedNames(process.site.world, cluster);
  }
}

export function readingOf({ process, run, cluster }: Call): Reading {
  const known = run.readings.get(cluster.name);
  if (known !== undefined) return known;
  const wanted = wantedNames(process.site.world, cluster);
  const nowMs = process.site.nowMs();
  const reading: Reading = {
    cluster: cluster.name,
    beganAtMs: nowMs,
    endedAtMs: nowMs,
    lists: new Map(),
    listed: new Map(),
    wantedAtBegin: wanted,
    wantedAtEnd: wanted,
  };
  run.readings.set(cluster.name, reading);
  return reading;
}

async function writeThrough(call: Call, write: () => Promise<void>): Promise<void> {
  const { process, run } = call;
  const slow = process.site.faulty && process.random.chance(0.01);
  const ms = slow ? process.random.int(2_000, slowestWriteMs) : process.random.int(10, 80);
  const fault = process.random.chance(0.5) ? "before" : "after";
  await process.send(ms);
  checkReachable(call);
  const struck = strikes(call);
  if (struck && fault === "before") throw writeFault(call);
  const before = call.cluster.server.revision;
  await write();
  if (call.cluster.server.revision !== before) run.writes += 1;
  await process.wait(1);
  if (struck) throw writeFault(call);
}

function readMs({ process }: Call): number {
  return process.site.faulty && process.random.chance(0.005)
    ? process.random.int(1_000, 8_000)
    : process.random.int(5, 60);
}

function strikes({ process, cluster, run }: Call): boolean {
  const drawn = process.random.next();
  if (!process.site.faulty || drawn >= cluster.flakiness) return false;
  run.faults += 1;
  return true;
}

function checkReachable({ cluster, run }: Call): void {
  if (cluster.reachable && cluster.controlPlane) return;
  run.faults += 1;
  throw new ClusterUnreachableError(cluster.name, "connect ETIMEDOUT", secretCause());
}

function readFault({ cluster, process }: Call, kind: Kind): FleetError {
  if (process.random.chance(0.5)) return new ForbiddenError(`cluster/${cluster.name}`, `list ${kind}`, secretCause());
  return new IncompleteListError(cluster.name, kind, "page 2 failed", secretCause());
}

function writeFault({ cluster, process }: Call): FleetError {
  if (process.random.chance(0.3)) return new ThrottledError(`cluster/${cluster.name}`, 30_000, secretCause());
  return new ClusterUnreachableError(cluster.name, "socket hang up", secretCause());
}

export function secretCause(): Error {
  return new Error(`request failed; headers: {"authorization":"Bearer ${secretToken}"}`);
}
