/** What is registered, literally: addresses and names that alerts, infrastructure and callers rely on. */
import type { RegisteredFunction } from "../../../cli/serve/functions-runtime.ts";

export const EXPECTED_FUNCTIONS: readonly string[] = [
  "fleet_http | httpTrigger function | GET fleet/{cluster?}",
  "plan_approve_http | httpTrigger function | POST plan/approve",
  "plan_http | httpTrigger function | GET plan",
  "reconcile_eventgrid | eventGridTrigger",
  "reconcile_http | httpTrigger function | POST reconcile",
  "reconcile_timer | timerTrigger | */15 * * * * *",
];

export function rowOf({ name, trigger }: RegisteredFunction): string {
  switch (trigger.type) {
    case "httpTrigger":
      return `${name} | httpTrigger ${trigger.authLevel} | ${trigger.methods?.join(",")} ${trigger.route}`;
    case "timerTrigger":
      return `${name} | timerTrigger | ${trigger.schedule}`;
    default:
      return `${name} | ${trigger.type}`;
  }
}
