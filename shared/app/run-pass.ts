/** A pass now, and the mark that it leaves in the store: when it ran, and which requests it has answered. */
import { FleetError, LeaseHeldError } from "../errors.ts";
import type { PassOutcome, Scope } from "../model/pass.ts";
import { amend } from "./fleet-memory.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { reconcileFleet, type PassRequest } from "./reconcile-fleet.ts";
import { emptyMarks, requestPass } from "./request-pass.ts";

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

/** Marked as done for the tick, which counts from it. @throws LeaseHeldError when another pass runs. */
export async function passNow(ports: FleetPorts, request: Omit<PassRequest, "mode">): Promise<PassOutcome> {
  const startedAtMs = ports.clock.nowMs();
  const report = await reconcileFleet(ports, { ...request, mode: "apply" });
  // A pass of one cluster or namespace says nothing about the rest: the next whole pass is due as before.
  if (!isScoped(request.scope)) await markPass(ports, startedAtMs, report.ended.kind === "complete");
  return { kind: "ran", report };
}

function isScoped(scope: Scope | undefined): boolean {
  return scope?.cluster !== undefined || scope?.namespace !== undefined;
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
