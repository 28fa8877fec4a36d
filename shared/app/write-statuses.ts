/** Statuses, written after publications and only where they differ, until the pass's deadline: the rest goes first next time. */
import pLimit from "p-limit";
import { statusChange, type ItemOutcome, type StatusChange } from "../core/planning/status-changes.ts";
import { byText, placeId } from "../core/naming/item-id.ts";
import { asError, StaleObjectError } from "../errors.ts";
import type { DesiredStatus } from "../model/desired.ts";
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { StatusWrite } from "../model/report.ts";
import { clusterAt } from "./cluster-at.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";
import type { HeldLease } from "./held-lease.ts";
import { watchPlaces, type SilentPlaces } from "./silent-places.ts";

type DueInput = {
  readonly statuses: readonly DesiredStatus[];
  readonly outcomeOf: (item: string) => ItemOutcome | undefined;
  readonly nowMs: number;
};

/** Statuses that differ, with the limit on changes that only report what was observed. */
export function dueStatuses({ statuses, outcomeOf, nowMs }: DueInput): readonly StatusChange[] {
  const due: StatusChange[] = [];
  const observations = new Map<string, number>();
  for (const status of statuses) {
    const change = statusChange(status, outcomeOf, nowMs);
    if (change === undefined) continue;
    if (change.observationOnly) {
      const id = placeId(status.place);
      const count = (observations.get(id) ?? 0) + 1;
      observations.set(id, count);
      if (count > limits.observationsPerCluster) continue;
    }
    due.push(change);
  }
  return due.sort(
    (left, right) =>
      byText(placeId(left.status.place), placeId(right.status.place)) ||
      byText(left.status.kind, right.status.kind) ||
      byText(left.status.key, right.status.key),
  );
}

type WriteStatusesInput = {
  readonly due: readonly StatusChange[];
  readonly clusters: readonly ClusterConfiguration[];
  readonly lease: HeldLease;
  /** On the monotonic clock; statuses that would start later are deferred. */
  readonly deadlineMonotonicMs: number;
  /** Shared by all that a pass writes. */
  readonly places?: SilentPlaces;
  readonly signal?: AbortSignal;
};

export async function writeStatuses(ports: FleetPorts, input: WriteStatusesInput): Promise<readonly StatusWrite[]> {
  if (input.due.length > 0) ports.progress.stage("status");
  const limitersByPlace = new Map<string, ReturnType<typeof pLimit>>();
  const places = input.places ?? watchPlaces();
  let done = 0;
  return Promise.all(
    input.due.map((change) => {
      const id = placeId(change.status.place);
      const limit = limitersByPlace.get(id) ?? pLimit(limits.writesPerCluster);
      limitersByPlace.set(id, limit);
      return limit(async () => {
        const written = await writeOne(ports, { ...input, places }, change);
        done += 1;
        ports.progress.step(done, input.due.length);
        return written;
      });
    }),
  );
}

type Watched = WriteStatusesInput & { readonly places: SilentPlaces };

async function writeOne(ports: FleetPorts, input: Watched, change: StatusChange): Promise<StatusWrite> {
  const { place, kind, key, uid } = change.status;
  const base = { place, kind, key };
  const silence = input.places.reasonFor(place);
  if (silence !== undefined) return { ...base, outcome: "deferred", reason: silence };
  const late = ports.clock.monotonicMs() > input.deadlineMonotonicMs;
  const cluster = clusterAt(input.clusters, place);
  if (cluster === undefined)
    return { ...base, outcome: "deferred", reason: `${placeId(place)} is not a configured cluster` };
  if (late || input.signal?.aborted === true) {
    return {
      ...base,
      outcome: "deferred",
      reason: late ? "the pass reached its deadline" : "the pass was interrupted",
    };
  }
  try {
    const port = await ports.clusters.open(cluster);
    // Last before the write: whatever takes time in between would be taken from the margin.
    await input.lease.ensureRoom();
    await port.writeStatus(
      { kind, key, uid, fields: change.fields, conditions: change.conditions },
      AbortSignal.timeout(limits.writeMs),
    );
    input.places.ended(place);
    return { ...base, outcome: "written" };
  } catch (caught) {
    input.places.ended(place, caught);
    // Deleted or re-created during the pass: the next one sees it as it is.
    if (caught instanceof StaleObjectError) return { ...base, outcome: "deferred", reason: caught.message };
    return { ...base, outcome: "failed", reason: asError(caught).message };
  }
}
