/**
 * Timer triggers on this machine: NCRONTAB schedules of six fields in UTC, as on Azure's Flex Consumption plan. A timer
 * never overlaps itself: an occurrence that comes while the function still runs is skipped, not queued.
 */
import { Cron } from "croner";
import { ConfigurationError, asError } from "../../shared/errors.ts";
import type { RegisteredFunction } from "./functions-runtime.ts";

export type Timer = { readonly functionName: string; readonly schedule: string; readonly job: Cron };

/** Made paused; `start` sets them going. @throws ConfigurationError for a schedule that is not six fields. */
export function timersOf(
  functions: readonly RegisteredFunction[],
  fire: (functionName: string) => Promise<unknown>,
): readonly Timer[] {
  const timers: Timer[] = [];
  for (const { name, trigger } of functions) {
    if (trigger.type === "timerTrigger") {
      const schedule = trigger.schedule ?? "";
      timers.push({ functionName: name, schedule, job: cron(name, schedule, fire) });
    }
  }
  return timers;
}

function cron(name: string, schedule: string, fire: (functionName: string) => Promise<unknown>): Cron {
  try {
    return new Cron(schedule, { mode: "6-part", timezone: "UTC", paused: true, protect: true }, async () => {
      await fire(name);
    });
  } catch (caught) {
    const message = `is no schedule of six fields: ${asError(caught).message}`;
    throw new ConfigurationError(`function ${name}`, [{ path: "schedule", message }], caught);
  }
}
