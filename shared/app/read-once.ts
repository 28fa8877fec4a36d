/**
 * Ports for a look that must not write, and asks every place only once: several use cases then judge one and the same moment.
 * Whatever would write is our bug.
 */
import { InvariantError } from "../errors.ts";
import type { Kind, KindObjects } from "../model/kinds.ts";
import type { ClusterPort, ReadList, StateStore, ZonePort } from "../ports.ts";
import type { FleetPorts } from "./fleet-ports.ts";

export function readingOnce(ports: FleetPorts): FleetPorts {
  const clusters = remembering<Promise<ClusterPort>>();
  const zones = remembering<Promise<ZonePort>>();
  return {
    ...ports,
    clusters: {
      open: (cluster) => clusters(cluster.name, async () => clusterOnce(await ports.clusters.open(cluster))),
      discover: (discovery, signal) => ports.clusters.discover(discovery, signal),
      // Whoever opened them closes them.
      close: () => Promise.resolve(),
    },
    zones: {
      open: (zone) => zones(JSON.stringify(zone), async () => zoneOnce(await ports.zones.open(zone))),
      close: () => Promise.resolve(),
    },
    store: readOnlyStore(ports.store),
  };
}

function clusterOnce(port: ClusterPort): ClusterPort {
  const lists = remembering<Promise<ReadList<unknown>>>();
  const version = remembering<ReturnType<ClusterPort["istioVersion"]>>();
  return {
    name: port.name,
    list: <K extends Kind>(kind: K, signal: AbortSignal) =>
      lists(kind, () => port.list(kind, signal)) as Promise<ReadList<KindObjects[K]>>,
    istioVersion: (signal) => version("", () => port.istioVersion(signal)),
    deniedRights: (rights, signal) => port.deniedRights(rights, signal),
    serverTimeMs: (signal) => port.serverTimeMs(signal),
    apply: refused,
    remove: refused,
    writeStatus: refused,
    recordEvent: refused,
    close: () => Promise.resolve(),
  };
}

function zoneOnce(port: ZonePort): ZonePort {
  const lists = remembering<ReturnType<ZonePort["list"]>>();
  return {
    zone: port.zone,
    list: (signal) => lists("", () => port.list(signal)),
    get: (id, signal) => port.get(id, signal),
    deniedActions: (actions, signal) => port.deniedActions(actions, signal),
    put: refused,
    remove: refused,
  };
}

function readOnlyStore(store: StateStore): StateStore {
  return {
    read: (name, id) => store.read(name, id),
    ids: (name) => store.ids(name),
    write: refused,
    acquireLease: refused,
  };
}

function refused(): Promise<never> {
  return Promise.reject(new InvariantError("a look that must not write was about to write"));
}

/** The first answer to each question, an error included. */
function remembering<T>(): (question: string, ask: () => T) => T {
  const answers = new Map<string, T>();
  return (question, ask) => {
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(question, answer);
    return answer;
  };
}
