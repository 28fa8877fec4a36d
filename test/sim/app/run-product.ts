/** Runs the product's real use cases in a simulated process, with the ports of the simulation, and records how they end. */
import { approveChanges } from "../../../shared/app/approve-changes.ts";
import type { FleetPorts } from "../../../shared/app/fleet-ports.ts";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import { runPass } from "../../../shared/app/run-pass.ts";
import { runTick } from "../../../shared/app/run-tick.ts";
import { asError, ClusterUnreachableError } from "../../../shared/errors.ts";
import type { HeldChanges } from "../../../shared/model/change.ts";
import type { Scope } from "../../../shared/model/pass.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { DocumentName, DocumentTypes } from "../../../shared/model/state.ts";
import type { ClusterSource, Lease, StateStore, Telemetry, ZoneSource } from "../../../shared/ports.ts";
import type { MemoryStateStore } from "../../support/state-store.ts";
import { memoryZoneSource } from "../../support/zone-port.ts";
import type { AppProcess } from "./app-process.ts";
import { faultyCluster } from "./faulty-cluster.ts";
import { faultyZone } from "./faulty-zone.ts";
import type { Run } from "./run-context.ts";
import type { RunEnd, Site } from "./site.ts";

export type Asked =
  | { readonly what: "tick" }
  | { readonly what: "pass"; readonly scope?: Scope; readonly waitForLeaseMs?: number }
  | { readonly what: "preview" }
  | { readonly what: "approval"; readonly group: HeldChanges };

/** A process with what it remembers between runs: its view of the store. */
export type Incarnation = { readonly process: AppProcess; readonly store: MemoryStateStore };

/** Never throws. "killed" when the process died before the run ended. */
export async function runProduct({ process, store }: Incarnation, asked: Asked): Promise<RunEnd> {
  const { site } = process;
  const run: Run = {
    id: `run-${site.nextRun()}`,
    process: process.name,
    what: asked.what,
    ...("scope" in asked && asked.scope !== undefined ? { scope: asked.scope } : {}),
    ...(asked.what === "approval" ? { group: asked.group } : {}),
    startedAtMs: site.nowMs(),
    configuration: site.world.configuration,
    readings: new Map(),
    zoneReadings: [],
    zoneWrites: [],
    writes: 0,
    events: 0,
    storeWrites: 0,
    faults: 0,
  };
  const ports = site.sabotage(portsOf(process, store, run), process.name);
  const end = await Promise.race([answer(ports, asked), process.death().then((): RunEnd => ({ kind: "killed" }))]);
  if (run.approved !== true && end.kind === "approval" && end.approved) tellApproved(site, run);
  site.audience.runEnded(run, end);
  return end;
}

/** The report of a run that made one. */
export function reportOf(end: RunEnd): PassReport | undefined {
  if (end.kind === "pass") return end.report;
  return end.kind === "tick" && end.outcome.kind === "ran" ? end.outcome.report : undefined;
}

async function answer(ports: FleetPorts, asked: Asked): Promise<RunEnd> {
  try {
    switch (asked.what) {
      case "tick":
        return { kind: "tick", outcome: await runTick(ports, {}) };
      case "pass": {
        const { scope, waitForLeaseMs } = asked;
        const request = {
          by: "http",
          ...(scope === undefined ? {} : { scope }),
          ...(waitForLeaseMs === undefined ? {} : { waitForLeaseMs }),
        };
        return { kind: "tick", outcome: await runPass(ports, request) };
      }
      case "preview":
        return { kind: "pass", report: await reconcileFleet(ports, { mode: "preview" }) };
      case "approval": {
        const person = { name: "somebody on call", verified: false };
        const { digest } = asked.group;
        const approved = await approveChanges(ports, { digest, person, reason: "looked at it" });
        return { kind: "approval", digest, approved: approved.kind !== "unknown-digest" };
      }
    }
  } catch (caught) {
    return { kind: "error", error: asError(caught) };
  }
}

function portsOf(process: AppProcess, store: MemoryStateStore, run: Run): FleetPorts {
  const { site } = process;
  const { clock } = site.timeline;
  return {
    configuration: site.world.configuration,
    clusters: clustersOf(process, run),
    zones: zonesOf(process, run),
    store: storeOf(process, store, run),
    clock: { nowMs: () => clock.nowMs(), monotonicMs: () => clock.monotonicMs(), sleep: (ms) => process.wait(ms) },
    telemetry: telemetryOf(process),
    progress: { stage: () => {}, step: () => {} },
    holder: process.name,
  };
}

function clustersOf(process: AppProcess, run: Run): ClusterSource {
  const { site } = process;
  return {
    open: async ({ name }) => {
      // Opening is quick as a rule, but a process can stand still anywhere.
      await process.wait(0);
      const cluster = site.world.cluster(name);
      if (cluster === undefined) throw new ClusterUnreachableError(name, "no such context");
      return faultyCluster({ process, run, cluster });
    },
    discover: async () => [],
    close: async () => {},
  };
}

function zonesOf(process: AppProcess, run: Run): ZoneSource {
  const { world } = process.site;
  return memoryZoneSource((configured) => {
    const region = run.configuration.regions.find(({ zones }) => zones.includes(configured))?.name ?? "";
    const zone = world.zoneAt(configured, region);
    return zone === undefined ? undefined : faultyZone({ process, run, zone });
  });
}

function storeOf(process: AppProcess, store: MemoryStateStore, run: Run): StateStore {
  const around = async <T>(operation: () => Promise<T>): Promise<T> => {
    await process.send(process.random.int(1, 10));
    const result = await operation();
    await process.wait(1);
    return result;
  };
  return {
    read: (name, id) => around(() => store.read(name, id)),
    write: <D extends DocumentName>(name: D, value: DocumentTypes[D], expected: string, id?: string) =>
      around(async () => {
        if (name !== "marks") run.storeWrites += 1;
        const path = `${name}${id === undefined ? "" : `/${id}`}.`;
        const before = bytesAt(store, path);
        try {
          return await store.write(name, value, expected, id);
        } finally {
          if (bytesAt(store, path) !== before) tellRemembered(process.site, run, { name, id });
        }
      }),
    ids: (name) => around(() => store.ids(name)),
    acquireLease: async (name, holder, ttlMs) => {
      const lease = await around(() => store.acquireLease(name, holder, ttlMs));
      run.token = lease.fencingToken;
      process.site.audience.leased(run);
      return leaseOf(lease, around);
    },
  };
}

type Written = { readonly name: DocumentName; readonly id: string | undefined };

/** An approval counts from the moment it is stored, even where the person never learns what became of it. */
function tellRemembered(site: Site, run: Run, { name, id }: Written): void {
  site.audience.remembered(run, name, id);
  if (name === "approvals") tellApproved(site, run);
}

function tellApproved(site: Site, run: Run): void {
  if (run.group === undefined) return;
  run.approved = true;
  site.audience.approved(run.group);
}

/** What is stored under a document's path, whatever its extension says about its form. */
function bytesAt({ files }: MemoryStateStore, path: string): Uint8Array | undefined {
  for (const [name, bytes] of files) if (name.startsWith(path)) return bytes;
  return undefined;
}

function leaseOf(lease: Lease, around: <T>(operation: () => Promise<T>) => Promise<T>): Lease {
  return {
    name: lease.name,
    fencingToken: lease.fencingToken,
    get expiresAtMonotonicMs(): number {
      return lease.expiresAtMonotonicMs;
    },
    renew: () => around(() => lease.renew()),
    release: () => around(() => lease.release()),
  };
}

function telemetryOf({ site }: AppProcess): Telemetry {
  const log = (level: string) => (message: string, fields?: object) =>
    site.audience.logged(`${level} ${message} ${fields === undefined ? "" : JSON.stringify(fields)}`);
  return {
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    metric: (name, value, attributes) => site.audience.logged(`${name}=${value} ${JSON.stringify(attributes ?? {})}`),
  };
}
