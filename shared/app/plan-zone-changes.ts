/** What would be written to zones by a person's word: read like a pass, nothing written, no lease, no count of a read. */
import { planZones, type ZoneBudget } from "../core/planning/zone-plan.ts";
import type { RegionView } from "../core/verification/region-view.ts";
import { findOwnershipCopies } from "../core/verification/ownership-copies.ts";
import { findOrphans, type MissingOwnership } from "../core/verification/orphans.ts";
import { wantedRecords } from "../core/verification/verify-zones.ts";
import { garbageChange, ownershipChange } from "../core/verification/zone-changes.ts";
import type { LeftOut, NotJudged, ZoneChange, ZonePlan, ZoneRequest } from "../model/zone-change.ts";
import type { RecordSet } from "../model/zone-records.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { seeFleet, type SeenFleet } from "./see-fleet.ts";
import { gatewayRecordsOf } from "./verify-fleet.ts";

export async function planZoneChanges(
  ports: FleetPorts,
  request: ZoneRequest & { readonly signal?: AbortSignal },
): Promise<ZonePlan> {
  const { signal } = request;
  return zonePlanOf(await seeFleet(ports, signal === undefined ? {} : { signal }), request);
}

type Candidates = {
  readonly changes: readonly ZoneChange[];
  readonly notJudged: readonly NotJudged[];
  readonly leftOut: readonly LeftOut[];
};

export function zonePlanOf(seen: SeenFleet, request: ZoneRequest): ZonePlan {
  const { configuration, memory, snapshot } = seen;
  const inScope = ({ region }: { readonly region?: string }): boolean =>
    region === undefined || request.region === undefined || region === request.region;
  const found = seen.isOff ? { changes: [], notJudged: [isOff], leftOut: [] } : candidates(seen, request);
  const planned = planZones({
    candidates: found.changes.filter(inScope),
    writable: new Set(configuration.regions.filter(({ zoneWrites }) => zoneWrites === "apply").map(({ name }) => name)),
    ...zoneBudgetOf(seen),
  });
  return {
    task: request.task,
    atMs: snapshot.readAtMs,
    ...planned,
    notJudged: found.notJudged.filter(inScope),
    leftOut: found.leftOut.filter(inScope),
    notes: [...memory.notes, ...seen.notes].sort(),
  };
}

export function zoneBudgetOf(seen: SeenFleet): ZoneBudget {
  const { configuration, memory, snapshot } = seen;
  return {
    limits: configuration.budgets,
    use: memory.since.value.budgets,
    namesIn: namesInZones(seen),
    nowMs: snapshot.readAtMs,
  };
}

const isOff: NotJudged = { reason: "families.serviceRouting is false: nothing was read" };

/** Number of names of our grammar that have a record, by scope (`zone/weu`). */
export function namesInZones({ views }: SeenFleet): (scope: string) => number {
  return (scope) => {
    const view = views.read.get(scope.slice("zone/".length));
    const names = new Set<string>();
    for (const { name } of view?.records.records() ?? []) if (view?.isOwnHost(name) === true) names.add(name);
    return names.size;
  };
}

function candidates(seen: SeenFleet, request: ZoneRequest): Candidates {
  const changeOf = <T extends { readonly region: string }>(
    all: readonly T[],
    make: (one: T, view: RegionView) => ZoneChange,
  ): readonly ZoneChange[] =>
    all.flatMap((one) => {
      const view = seen.views.read.get(one.region);
      return view === undefined ? [] : [make(one, view)];
    });
  const ownership = (all: readonly MissingOwnership[]) =>
    changeOf(all, (one, view) => ownershipChange(one, view.records, publishedOrWanted(seen, view, one.record)));
  switch (request.task) {
    case "garbage": {
      const { found, blocked, skipped } = seen.garbage;
      const notJudged = [...(blocked === undefined ? [] : [{ reason: blocked }]), ...skipped];
      return { changes: changeOf(found, (one, { records }) => garbageChange(one, records)), notJudged, leftOut: [] };
    }
    case "repair": {
      const { desired, assessment, verification } = seen;
      const wanted = wantedRecords(desired.zones, gatewayRecordsOf(desired));
      const { missing, leftOut } = findOrphans(assessment.fleet, wanted, verification);
      return { changes: ownership(missing), notJudged: [...unreadClusters(seen), ...seen.views.notRead], leftOut };
    }
    case "copy-ownership": {
      const made = [...seen.views.read.values()].map((view) => findOwnershipCopies(view, request.fromOwners ?? []));
      return {
        changes: ownership(made.flatMap(({ copies }) => copies)),
        notJudged: [...unreadClusters(seen), ...seen.views.notRead],
        leftOut: made.flatMap(({ leftOut }) => leftOut),
      };
    }
  }
}

/** What ExternalDNS reads at a name, or will once it is published. */
function publishedOrWanted(
  { verification }: SeenFleet,
  { region, wanted }: RegionView,
  { name }: RecordSet,
): readonly string[] {
  const published = verification.publishedAt(region, name).map(({ content }) => content);
  return published.length > 0 ? published : wanted.contentsAt(region, name);
}

/** What such a cluster publishes may be missing from the list; what is in the list is right all the same. */
function unreadClusters({ assessment }: SeenFleet): readonly NotJudged[] {
  const frozen = assessment.fleet.clusters.filter(
    ({ standing, mode }) => standing.kind === "frozen" && mode !== "retiring",
  );
  if (frozen.length === 0) return [];
  const names = frozen.map(({ name }) => name).join(", ");
  return [{ reason: `not every cluster was read completely (${names}): names that it publishes may be missing here` }];
}
