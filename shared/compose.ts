/**
 * Joins use cases and adapters: the one place that knows both. Functions and the command line call only this.
 * Nothing is opened before the first use, so importing this file costs no connection.
 */
import type { ApprovalOutcome, PassOutcome, Person, Scope } from "./model/pass.ts";
import type { FleetConfiguration } from "./model/fleet-configuration.ts";
import type { PassReport } from "./model/report.ts";
import type { ApprovedZoneRequest, ZonePlan, ZoneRequest, ZoneRun } from "./model/zone-change.ts";
import type { Progress, Telemetry } from "./ports.ts";
import { approveChanges, revokeApproval } from "./app/approve-changes.ts";
import { carryOutZoneChanges } from "./app/carry-out-zone-changes.ts";
import type { FleetPorts } from "./app/fleet-ports.ts";
import { planZoneChanges } from "./app/plan-zone-changes.ts";
import { reconcileFleet } from "./app/reconcile-fleet.ts";
import { requestPass } from "./app/request-pass.ts";
import { runPass } from "./app/run-pass.ts";
import { runTick } from "./app/run-tick.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { createConsoleTelemetry } from "./adapters/telemetry/console-telemetry.ts";
import { openClusterSources } from "./compose-clusters.ts";
import { openStore, readFleetBlob } from "./compose-store.ts";
import { openTelemetry } from "./compose-telemetry.ts";
import { openZoneSources } from "./compose-zones.ts";
import { loadFleetConfiguration, readSettings } from "./config.ts";

/** What the hosting platform says of this deployment; read by config.ts. Absent on a laptop. */
export type Hosting = {
  /** Application and object ids whose Event Grid events are ignored: our own identity and those of ExternalDNS. */
  readonly ignoredIdentities: readonly string[];
  /** App Service authentication is on: the platform itself sets `x-ms-client-principal`, a caller cannot. */
  readonly principalsTrusted: boolean;
};

export type FleetApp = {
  readonly configuration: FleetConfiguration;
  readonly hosting?: Hosting;
  /** Reads and computes everything, applies nothing, takes no lease, writes nothing to the store. */
  preview(options?: { readonly scope?: Scope; readonly signal?: AbortSignal }): Promise<PassReport>;
  /** A pass now. `waitForLeaseMs`: how long to wait for a running one (default 0). `by` names the trigger. */
  reconcile(options: {
    readonly by: string;
    readonly scope?: Scope;
    readonly waitForLeaseMs?: number;
    /** All statuses are written however long it takes; otherwise until the pass's deadline. */
    readonly allStatuses?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<PassOutcome>;
  /** The timer's tick: one small read when nothing is due, else a pass. */
  tick(options: { readonly by: string; readonly signal?: AbortSignal }): Promise<PassOutcome>;
  /** Leaves a mark: "look again". Answers the mark's id. */
  requestPass(by: string): Promise<string>;
  /** Looks at a preview; nothing is approved once `signal` was aborted. */
  approve(options: {
    readonly digest: string;
    readonly person: Person;
    readonly reason: string;
    /** Takes the approval of this digest back instead. */
    readonly revoke?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<ApprovalOutcome>;
  /** What would be written to zones: garbage, missing ownership. Like a preview, writes nothing and takes no lease. */
  planZones(request: ZoneRequest & { readonly signal?: AbortSignal }): Promise<ZonePlan>;
  /** Writes what was approved, in rounds, each under the lease of passes. @throws LeaseHeldError before anything was written. */
  carryOutZones(request: ApprovedZoneRequest & { readonly signal?: AbortSignal }): Promise<ZoneRun>;
  close(): Promise<void>;
};

export type ComposeOptions = {
  /** fleet.yaml on disk; without it the settings of the environment decide (config.ts). */
  readonly configurationPath?: string;
  /** Where sentences and numbers go; default the console, warnings and errors only. */
  readonly telemetry?: Telemetry;
  readonly progress?: Progress;
  /** Distinguishes lease holders on one machine: `cli`, `functions`. */
  readonly holder: string;
};

/** @throws ConfigurationError with every fault of the fleet configuration. */
export async function composeFleetApp(options: ComposeOptions): Promise<FleetApp> {
  const settings = readSettings(options.configurationPath);
  const configuration = await loadFleetConfiguration(settings.document, (url) => readFleetBlob(url, settings));
  const clusters = openClusterSources(settings);
  const zones = openZoneSources(settings);
  const telemetry = openTelemetry(options.telemetry ?? createConsoleTelemetry({ clock: systemClock }), settings);
  const flushed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      await telemetry.flush();
    }
  };
  const ports: FleetPorts = {
    configuration,
    clusters,
    zones,
    store: openStore(configuration.store, settings),
    clock: systemClock,
    telemetry: telemetry.telemetry,
    progress: options.progress ?? silentProgress,
    holder: `${options.holder} ${settings.instance}`,
  };
  return {
    configuration,
    hosting: { ignoredIdentities: settings.ignoredIdentities, principalsTrusted: settings.principalsTrusted },
    preview: (request) => reconcileFleet(ports, { ...request, mode: "preview" }),
    reconcile: (request) => flushed(runPass(ports, request)),
    tick: (request) => flushed(runTick(ports, request)),
    requestPass: (by) => requestPass(ports, by),
    approve: (request) => (request.revoke === true ? revokeApproval(ports, request) : approveChanges(ports, request)),
    planZones: (request) => planZoneChanges(ports, request),
    carryOutZones: (request) => flushed(carryOutZoneChanges(ports, request)),
    close: async () => {
      await Promise.all([clusters.close(), zones.close()]);
      await telemetry.close();
    },
  };
}

const silentProgress: Progress = { stage: nothing, step: nothing };

function nothing(): void {
  // Nobody is watching.
}
