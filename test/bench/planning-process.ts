/**
 * Child process of the planning benchmark, so that every measurement starts with an empty heap and cold code.
 *   write <file> <cold|converged> <clusters> <routes>   one line of JSON per cluster
 *   measure <file> <clusters>                           plans the first clusters of the file once
 * Snapshots come from a file because making the converged one takes a plan, which would warm up the code that is measured;
 * and because strings and objects that come from JSON are laid out in memory as those of a real read are.
 */
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ClusterSnapshot } from "../../shared/model/snapshot.ts";
import { coldCluster, convergedCluster, decide, snapshotOf } from "./planning-fleet.ts";

export type PlanningMeasurement = {
  readonly routes: number;
  readonly changes: number;
  readonly statuses: number;
  /** Of the whole process: the collector's and the compiler's threads included. */
  readonly cpuMs: number;
  /** Of the thread that runs our code. */
  readonly mainThreadMs: number;
  /** Heap of the snapshot alone, and of everything reachable at the end of the plan, the snapshot included. Bytes. */
  readonly snapshotHeap: number;
  readonly heapAtEnd: number;
};

/** Enough to load every module and no more: a process of Azure Functions plans its first fleet like this. */
const WARM_UP_ROUTES = 200;

async function write(file: string, state: string, clusters: number, routes: number): Promise<void> {
  const out = createWriteStream(file);
  for (let number = 0; number < clusters; number += 1) {
    const cold = coldCluster(number, routes);
    const line = JSON.stringify(state === "cold" ? cold : convergedCluster(cold));
    if (!out.write(`${line}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
}

async function read(file: string, clusters: number): Promise<readonly ClusterSnapshot[]> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  const snapshots: ClusterSnapshot[] = [];
  for await (const line of lines) {
    snapshots.push(JSON.parse(line) as ClusterSnapshot);
    if (snapshots.length === clusters) break;
  }
  return snapshots;
}

/** Bytes that are reachable now. */
function reachable(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("run with --expose-gc");
  // Two: what finalisers of the first let go.
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

async function measure(file: string, clusters: number): Promise<PlanningMeasurement> {
  decide(snapshotOf([coldCluster(0, WARM_UP_ROUTES)]));
  const empty = reachable();
  const snapshot = snapshotOf(await read(file, clusters));
  const snapshotHeap = reachable() - empty;
  const cpu = process.cpuUsage();
  const thread = process.threadCpuUsage();
  const decided = decide(snapshot);
  const mainThreadMs = milliseconds(process.threadCpuUsage(thread));
  const cpuMs = milliseconds(process.cpuUsage(cpu));
  const heapAtEnd = reachable() - empty;
  return {
    routes: snapshot.clusters.reduce((sum, { listings }) => sum + count(listings.ServiceRoute), 0),
    changes: decided.planned.plan.changes.length,
    statuses: decided.due.length,
    cpuMs,
    mainThreadMs,
    snapshotHeap,
    // Reads of both after the measurement keep them alive through it.
    heapAtEnd: decided.held.length > 0 && snapshot.clusters.length > 0 ? heapAtEnd : 0,
  };
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

function count(listing: ClusterSnapshot["listings"]["ServiceRoute"]): number {
  return listing?.read === "complete" ? listing.objects.length : 0;
}

const [verb, file = "", ...rest] = process.argv.slice(2);
if (verb === "write") {
  const [state = "cold", clusters, routes] = rest;
  await write(file, state, Number(clusters), Number(routes));
} else {
  console.log(JSON.stringify(await measure(file, Number(rest[0]))));
}
