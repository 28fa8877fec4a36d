/** What every use case is given: the outside, and the fleet it is about. */
import type { FleetConfiguration } from "../model/fleet-configuration.ts";
import type { Clock, ClusterSource, Progress, StateStore, Telemetry, ZoneSource } from "../ports.ts";

export type FleetPorts = {
  readonly configuration: FleetConfiguration;
  readonly clusters: ClusterSource;
  readonly zones: ZoneSource;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly progress: Progress;
  /** Who holds leases: deployment and process. */
  readonly holder: string;
};
