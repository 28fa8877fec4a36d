/**
 * Kubernetes Events on the resources that changes come from. One per resource and reason and pass, so that a route with
 * three controllers gets one; the same sentence again raises a count. Events are best effort: they never fail a pass.
 */
import pLimit from "p-limit";
import { byText, placeId } from "../core/naming/item-id.ts";
import { asError } from "../errors.ts";
import type { ChangeResult } from "../model/change.ts";
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { Kind } from "../model/kinds.ts";
import type { Place } from "../model/place.ts";
import type { ResourceEvent } from "../ports.ts";
import type { StatusChange } from "../core/planning/status-changes.ts";
import { clusterAt } from "./cluster-at.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";
import { watchPlaces, type SilentPlaces } from "./silent-places.ts";

type EventInput = {
  readonly results: readonly ChangeResult[];
  readonly statuses: readonly StatusChange[];
  readonly clusters: readonly ClusterConfiguration[];
  readonly deadlineMonotonicMs: number;
  /** Shared by all that a pass writes. */
  readonly places?: SilentPlaces;
};

type PlacedEvent = { readonly place: Place; readonly event: ResourceEvent };

/** @returns the number of events recorded. */
export async function publishEvents(ports: FleetPorts, input: EventInput): Promise<number> {
  const events = limitPerCluster(eventsOf(input, ports.clock.nowMs()));
  const limit = pLimit(limits.writesPerCluster);
  const places = input.places ?? watchPlaces();
  let recorded = 0;
  await Promise.all(
    events.map(({ place, event }) =>
      limit(async () => {
        const cluster = clusterAt(input.clusters, place);
        if (cluster === undefined || ports.clock.monotonicMs() > input.deadlineMonotonicMs) return;
        if (places.reasonFor(place) !== undefined) return;
        try {
          const port = await ports.clusters.open(cluster);
          await port.recordEvent(event, AbortSignal.timeout(limits.writeMs));
          places.ended(place);
          recorded += 1;
        } catch (caught) {
          places.ended(place, caught);
          ports.telemetry.warn("an event was not recorded", {
            cluster: cluster.name,
            reason: event.reason,
            error: asError(caught).message,
          });
        }
      }),
    ),
  );
  return recorded;
}

function eventsOf(input: EventInput, atMs: number): readonly PlacedEvent[] {
  const grouped = new Map<
    string,
    { readonly result: ChangeResult; readonly reason: string; readonly lines: string[] }
  >();
  for (const result of input.results) {
    const reason = eventReason(result);
    // An event on an object that is gone would be an orphan.
    if (reason === undefined || result.change.leaves.some((name) => name.vanished === true)) continue;
    const { place, because } = result.change;
    const id = `${placeId(place)} ${because.uid} ${reason}`;
    const entry = grouped.get(id) ?? { result, reason, lines: [] };
    entry.lines.push(eventLine(result));
    grouped.set(id, entry);
  }
  const events = [...grouped.values()].map(({ result, reason, lines }): PlacedEvent => {
    const { because, place } = result.change;
    const key = because.namespace === undefined ? because.name : `${because.namespace}/${because.name}`;
    const type = reason.startsWith("Failed") ? "Warning" : "Normal";
    const message = [...new Set(lines)].sort().join("; ").slice(0, 1000);
    return { place, event: { kind: because.kind, key, uid: because.uid, type, reason, message, atMs } };
  });
  for (const { status, conditions } of input.statuses) {
    const failed = conditions.find(
      (condition) => condition.type === "Ready" && condition.reason === "ValidationFailed",
    );
    const before = status.observed.conditions?.find((condition) => condition.type === "Ready");
    if (failed === undefined || before?.message === failed.message) continue;
    const { kind, key, uid } = status;
    events.push({
      place: status.place,
      event: { kind, key, uid, type: "Warning", reason: "ValidationFailed", message: failed.message, atMs },
    });
  }
  return events.sort((left, right) => byText(sortKey(left), sortKey(right)));
}

function sortKey({ place, event }: PlacedEvent): string {
  // Warnings first: they are what a person looks for when the limit is reached.
  return `${placeId(place)} ${event.type === "Warning" ? 0 : 1} ${event.kind} ${event.key} ${event.reason}`;
}

function eventReason({ change, outcome }: ChangeResult): string | undefined {
  switch (outcome.kind) {
    case "done":
      return change.operation === "create" ? "Created" : change.operation === "delete" ? "Deleted" : "Updated";
    case "failed":
      return change.operation === "create" ? "FailedCreate" : "FailedUpdate";
    case "blocked":
    case "not-started":
      return undefined;
  }
}

function eventLine({ change, outcome }: ChangeResult): string {
  const object = `${kindName(change.kind)} ${change.key}`;
  return outcome.kind === "failed" ? `${object}: ${outcome.reason}` : object;
}

function kindName(kind: Kind): string {
  return kind === "IstioGateway" ? "Istio Gateway" : kind;
}

function limitPerCluster(events: readonly PlacedEvent[]): readonly PlacedEvent[] {
  const counts = new Map<string, number>();
  return events.filter(({ place }) => {
    const id = placeId(place);
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return count <= limits.eventsPerCluster;
  });
}
