/** What one run of the product (a tick, a pass, a preview, an approval) saw of the world, as its ports recorded it. */
import type { HeldChanges } from "../../../shared/model/change.ts";
import type { FleetConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { JsonObject } from "../../../shared/model/json.ts";
import type { Kind } from "../../../shared/model/kinds.ts";
import type { RecordSet } from "../../../shared/model/zone-records.ts";
import type { Mutation, RunLabel } from "../world/api-server.ts";
import type { WantedName } from "../oracle/wanted-names.ts";

/** What one cluster answered during one run. */
export type Reading = {
  readonly cluster: string;
  readonly beganAtMs: number;
  endedAtMs: number;
  /** Kinds that were asked for, and whether the answer was a whole list. */
  readonly lists: Map<Kind, "complete" | "failed">;
  /** DNSEndpoints and Istio Gateways as they were listed. */
  readonly listed: Map<Kind, readonly JsonObject[]>;
  /** Names that routes of this cluster surely want published, when the first and when the last list was answered. */
  readonly wantedAtBegin: readonly WantedName[];
  wantedAtEnd: readonly WantedName[];
};

/** What one zone answered during one run; `recordSets` is absent when the list failed. */
export type ZoneReading = {
  readonly region: string;
  /** DNS name. */
  readonly zone: string;
  readonly atMs: number;
  readonly recordSets?: readonly RecordSet[];
};

export type Run = RunLabel & {
  readonly process: string;
  readonly what: "tick" | "pass" | "preview" | "approval";
  readonly scope?: { readonly cluster?: string; readonly namespace?: string };
  readonly startedAtMs: number;
  /** What a person says yes to in this run. */
  readonly group?: HeldChanges;
  /** That yes is in the store. */
  approved?: boolean;
  /** As the process had it when the run began. */
  readonly configuration: FleetConfiguration;
  readonly readings: Map<string, Reading>;
  readonly zoneReadings: ZoneReading[];
  /** Writes to zones that the run asked for, as sentences. */
  readonly zoneWrites: string[];
  /** Fencing token of the lease that the run got. */
  token?: number;
  /** Writes to clusters that took effect: objects and statuses; Kubernetes Events apart. */
  writes: number;
  events: number;
  storeWrites: number;
  /** Injected faults that the run met. */
  faults: number;
};

/** Required of every cluster (docs/platform/writes-and-modes.md); Namespace only where a Gateway selects namespaces. */
export const requiredKinds: readonly Kind[] = [
  "ClusterIdentity",
  "DNSConfiguration",
  "DNSPolicy",
  "Gateway",
  "ServiceRoute",
  "Service",
  "DNSEndpoint",
];

/** The run that a write of the product belongs to; undefined for writes of everybody else. */
export function runOf(mutation: Mutation): Run | undefined {
  return mutation.writer.run as Run | undefined;
}

/** Whether the run read every required kind of the cluster to its end. */
export function readWholly(run: Run, cluster: string): boolean {
  const reading = run.readings.get(cluster);
  if (reading === undefined) return false;
  const namespacesFailed = reading.lists.get("Namespace") === "failed";
  return !namespacesFailed && requiredKinds.every((kind) => reading.lists.get(kind) === "complete");
}

/** The record sets of a region as the run read them; undefined when a zone of it was not read, or it has none. */
export function regionAsRead(run: Run, region: string): readonly RecordSet[] | undefined {
  const configured = run.configuration.regions.find(({ name }) => name === region)?.zones ?? [];
  const lists = configured.map(
    ({ zone }) => run.zoneReadings.find((one) => one.region === region && one.zone === zone)?.recordSets,
  );
  const [first] = lists;
  if (first === undefined || lists.includes(undefined)) return undefined;
  return lists.length === 1 ? first : lists.flatMap((list) => list ?? []);
}

/** Regions with zones in the fleet configuration of the run. */
export function zonedRegions({ configuration }: Run): readonly string[] {
  return configuration.regions.filter(({ zones }) => zones.length > 0).map(({ name }) => name);
}
