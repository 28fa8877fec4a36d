/** The timer's tick: one small read when nothing is due; a pass when the last one is old or somebody asked for one. */
import { FleetError, LeaseHeldError } from "../errors.ts";
import type { PassOutcome, Scope } from "../model/pass.ts";
import type { Marks } from "../model/state.ts";
import { amend } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { reconcileFleet, type PassRequest } from "./reconcile-fleet.ts";
import { emptyMarks, requestPass } from "./request-pass.ts";

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

function isScoped(scope: Scope | undefined): boolean {
  return scope?.cluster !== undefined || scope?.namespace !== undefined;
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

/** A pass that somebody asked for; when another one runs, a mark is left so that the fleet is looked at again after it. */
export async function runPass(
  ports: FleetPorts,
  request: Omit<PassRequest, "mode"> & { readonly by: string },
): Promise<PassOutcome> {
  try {
    return await passNow(ports, request);
  } catch (caught) {
    if (!(caught instanceof LeaseHeldError)) throw caught;
    return { kind: "busy", holder: caught.holder, mark: await requestPass(ports, request.by) };
  }
}

/** @throws LeaseHeldError when another pass runs. */
async function passNow(ports: FleetPorts, request: Omit<PassRequest, "mode">): Promise<PassOutcome> {
  const startedAtMs = ports.clock.nowMs();
  const report = await reconcileFleet(ports, { ...request, mode: "apply" });
  // A pass of one cluster or namespace says nothing about the rest: the next whole pass is due as before.
  if (!isScoped(request.scope)) await markPass(ports, startedAtMs, report.ended.kind === "complete");
  return { kind: "ran", report };
}

/** Without it the next tick runs a pass too early: no reason to lose what this one has to say. */
async function markPass(ports: FleetPorts, startedAtMs: number, complete: boolean): Promise<void> {
  try {
    await amend(ports.store, "marks", (marks = emptyMarks) => ({
      // Marks that came during the pass stay: they may be about what it had read already.
      requests: complete ? marks.requests.filter((mark) => mark.atMs >= startedAtMs) : marks.requests,
      lastPass: { startedAtMs, endedAtMs: ports.clock.nowMs(), complete },
    }));
  } catch (caught) {
    if (!(caught instanceof FleetError)) throw caught;
    ports.telemetry.warn("the pass was not marked as done", { code: caught.code, error: caught.message });
  }
}
