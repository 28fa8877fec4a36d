/**
 * The ClusterPort of a simulated API server: no faults, no time. It passes the contract suite of that port, as every
 * adapter does; faults are added around it (app/faulty-cluster.ts).
 */
import type { Kind } from "../../../shared/model/kinds.ts";
import { fieldManager } from "../../../shared/model/ownership.ts";
import type { ClusterPort } from "../../../shared/ports.ts";
import type { ApiServer, RunLabel } from "./api-server.ts";

export function simulatedCluster(server: ApiServer, run?: RunLabel): ClusterPort {
  const writer = { manager: fieldManager, ...(run === undefined ? {} : { run }) };
  const unless = (signal: AbortSignal): void => signal.throwIfAborted();
  return {
    name: server.name,
    list: async (kind: Kind, signal: AbortSignal) => {
      unless(signal);
      return server.list(kind);
    },
    istioVersion: async (signal) => {
      unless(signal);
      return server.istioVersion;
    },
    apply: async (write, signal) => {
      unless(signal);
      server.apply(write, writer);
    },
    remove: async (target, signal) => {
      unless(signal);
      server.remove(target, writer);
    },
    writeStatus: async (update, signal) => {
      unless(signal);
      server.writeStatus(update, writer);
    },
    recordEvent: async (event, signal) => {
      unless(signal);
      server.recordEvent(event);
    },
    deniedRights: async (_rights, signal) => {
      unless(signal);
      return [];
    },
    serverTimeMs: async (signal) => {
      unless(signal);
      return Math.floor(server.nowMs() / 1000) * 1000;
    },
    close: async () => {},
  } as ClusterPort;
}
