/**
 * The tick, every 15 s: one small read when nothing is due, else a pass. The host holds a lock on the timer, so one instance
 * ticks; two that overlap after a crash are kept apart by the lease of the pass.
 * No retry policy: the next tick comes in 15 s anyway, reads everything anew and finds the same work. A retry would only
 * hold the timer's one slot with an older view.
 */
import { app, type TimerHandler } from "@azure/functions";
import { TICK_LIMIT, within } from "./deadlines.ts";
import { failureOf, logFailure, type Failure } from "./failures.ts";
import { fleetApp } from "./fleet-app.ts";
import { inInvocation, invocationTelemetry } from "./invocation-log.ts";

/** Throws one constant sentence with a code and no cause: the host counts the invocation as failed and stores what it gets. */
export const tick: TimerHandler = (_timer, context) =>
  inInvocation(context, async () => {
    const failed = await tickOnce();
    if (failed !== undefined) {
      throw new Error(`the tick failed with ${failed.code}; the next one comes in 15 s`);
    }
  });

async function tickOnce(): Promise<Failure | undefined> {
  try {
    const { value } = await within(TICK_LIMIT, async (signal) => {
      const fleet = await fleetApp();
      return await fleet.tick({ by: "timer", signal });
    });
    if (value.kind === "busy") {
      invocationTelemetry.info("another holder runs a pass", { holder: value.holder });
    }
    return undefined;
  } catch (caught) {
    const failure = failureOf(caught);
    logFailure(caught, failure);
    return failure;
  }
}

app.timer("reconcile_timer", {
  schedule: "*/15 * * * * *",
  runOnStartup: false,
  // The host keeps no schedule status for intervals under a minute; a missed tick is made good by the next.
  useMonitor: false,
  handler: tick,
});
