/** The timer's tick: one small read when nothing is due; a pass when the last one is old or somebody asked for one. */
import { LeaseHeldError } from "../errors.ts";
import type { PassOutcome } from "../model/pass.ts";
import type { Marks } from "../model/state.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import type { PassRequest } from "./reconcile-fleet.ts";
import { emptyMarks } from "./request-pass.ts";
import { passNow } from "./run-pass.ts";

/** A pass is due this long after the last one started. */
const passEveryMs = 60_000;
/** A mark waits this long, so that a burst of events is one pass. */
const markAgeMs = 10_000;
/** How often the timer ticks (functions/reconcile.timer.ts). */
const tickEveryMs = 15_000;

export async function runTick(ports: FleetPorts, request: Omit<PassRequest, "mode">): Promise<PassOutcome> {
  const marks = await ports.store.read("marks");
  const nowMs = ports.clock.nowMs();
  const newer = marks.found === "newer-schema" ? { schema: marks.schema } : undefined;
  const dueAtMs = newer ? dueWithoutMarks(nowMs) : nextDueAtMs(marks.found === "value" ? marks.value : emptyMarks);
  if (dueAtMs > nowMs) return { kind: "not-due", nextDueAtMs: dueAtMs };
  if (newer !== undefined)
    ports.telemetry.error("marks belong to a newer version: requests for passes are not seen", newer);
  try {
    return await passNow(ports, request);
  } catch (caught) {
    if (!(caught instanceof LeaseHeldError)) throw caught;
    // No mark: nobody asked, and when the next pass is due follows from when the running one started.
    return { kind: "busy", holder: caught.holder };
  }
}

/**
 * Marks of a newer version say nothing to this one and must stay as they are, so nobody knows when the last pass ran: a pass
 * is due with the first tick of every minute.
 */
function dueWithoutMarks(nowMs: number): number {
  const minuteMs = nowMs - (nowMs % passEveryMs);
  return nowMs < minuteMs + tickEveryMs ? minuteMs : minuteMs + passEveryMs;
}

export function nextDueAtMs(marks: Marks): number {
  const last = marks.lastPass;
  if (last === undefined) return 0;
  const asked = marks.requests.filter((mark) => mark.atMs >= last.startedAtMs).map((mark) => mark.atMs + markAgeMs);
  return Math.min(last.startedAtMs + passEveryMs, ...asked);
}
