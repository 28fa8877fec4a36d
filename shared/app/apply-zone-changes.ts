/**
 * One round of zone writes under one lease: zones in parallel, the changes of a zone one after another, and no more of them
 * than a zone takes in a minute. The rest is for the next round, which reads everything again.
 */
import pLimit from "p-limit";
import { ZoneNotFoundError } from "../errors.ts";
import type { FleetConfiguration, ZoneConfiguration } from "../model/fleet-configuration.ts";
import type { ZoneChange, ZoneChangeOutcome } from "../model/zone-change.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { stoppedBy, type HeldLease, type Stopped } from "./held-lease.ts";
import { limits } from "./pass-limits.ts";
import { writeZoneChange, type ZoneWriter } from "./write-zone-change.ts";

/**
 * Of one zone and round. Azure takes 60 deletes a minute from all callers together, and ExternalDNS needs some; a zone file
 * knows no such limit, but nobody else gets the lease meanwhile.
 */
const writesAtMost: Readonly<Record<ZoneConfiguration["kind"], number>> = { azure: 40, file: 1_000 };
const zonesAtOnce = 8;
/** In a row: a zone that refuses or does not answer so often does so for all. */
const failuresAtMost = 3;

export type ZoneRound = {
  readonly changes: readonly ZoneChange[];
  readonly regions: FleetConfiguration["regions"];
  readonly lease: HeldLease;
  /** Interrupts between two changes, never within one. */
  readonly signal?: AbortSignal;
};

export type ZoneRoundResult = {
  /** By id of the change; none for those that are left for the next round. */
  readonly outcomes: ReadonlyMap<string, ZoneChangeOutcome>;
  /** What a zone asked to be left alone with; the next round tries it again. */
  readonly throttled: ReadonlyMap<string, ZoneChangeOutcome>;
  readonly stopped?: Stopped;
};

type Running = {
  readonly ports: FleetPorts;
  readonly round: ZoneRound;
  readonly endMonotonicMs: number;
  readonly outcomes: Map<string, ZoneChangeOutcome>;
  readonly throttled: Map<string, ZoneChangeOutcome>;
  stopped?: Stopped;
};

export async function applyZoneChanges(ports: FleetPorts, round: ZoneRound): Promise<ZoneRoundResult> {
  const endMonotonicMs = ports.clock.monotonicMs() + limits.passMs;
  const run: Running = { ports, round, endMonotonicMs, outcomes: new Map(), throttled: new Map() };
  const limit = pLimit(zonesAtOnce);
  const zones = Map.groupBy(round.changes, ({ region, writes }) => `${region} ${writes[0]?.zone ?? ""}`);
  await Promise.all([...zones.values()].map((changes) => limit(() => applyZone(run, changes))));
  const { outcomes, throttled, stopped } = run;
  return { outcomes, throttled, ...(stopped === undefined ? {} : { stopped }) };
}

/** @param changes of one zone. */
async function applyZone(run: Running, changes: readonly ZoneChange[]): Promise<void> {
  let writes = 0;
  let failures = 0;
  for (const [index, change] of changes.entries()) {
    if (failures >= failuresAtMost) return giveUp(run, changes.slice(index));
    writes += change.writes.length;
    if (isOver(run) || writes > writesAtMost[sourceOf(run, change)?.kind ?? "azure"]) return;
    const outcome = await writeZoneChange(writerOf(run, change), change);
    // The lease ended before it: that is the run's end, and says nothing about this change.
    if (outcome.kind === "not-started") return;
    if (outcome.kind === "throttled" && outcome.took === "nothing") {
      run.throttled.set(change.id, outcome);
      return;
    }
    run.outcomes.set(change.id, outcome);
    failures = outcome.kind === "failed" || outcome.kind === "refused" ? failures + 1 : 0;
  }
}

function isOver({ ports, round, endMonotonicMs, stopped }: Running): boolean {
  return stopped !== undefined || round.signal?.aborted === true || ports.clock.monotonicMs() > endMonotonicMs;
}

function giveUp(run: Running, rest: readonly ZoneChange[]): void {
  const reason = `not tried: the zone refused or did not answer ${failuresAtMost} times in a row`;
  for (const { id } of rest)
    run.outcomes.set(id, { kind: "not-started", code: "ZONE_FAILING", reason, took: "nothing" });
}

function writerOf(run: Running, { region }: ZoneChange): ZoneWriter {
  const { ports, round } = run;
  return {
    open: async (zone) => {
      const source = zonesOf(run, region).find((one) => one.zone.toLowerCase() === zone);
      if (source === undefined) throw new ZoneNotFoundError(zone);
      return ports.zones.open(source);
    },
    ensureRoom: async () => {
      try {
        await round.lease.ensureRoom();
      } catch (caught) {
        run.stopped ??= stoppedBy(caught);
        throw caught;
      }
    },
    clock: ports.clock,
  };
}

function sourceOf(run: Running, { region, writes }: ZoneChange): ZoneConfiguration | undefined {
  return zonesOf(run, region).find(({ zone }) => zone.toLowerCase() === writes[0]?.zone);
}

function zonesOf({ round }: Running, region: string): readonly ZoneConfiguration[] {
  return round.regions.find(({ name }) => name === region)?.zones ?? [];
}
