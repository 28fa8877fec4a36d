/**
 * Logs go to the invocation they belong to: the host then stores them with its operation id. One app serves many
 * invocations at once, so the invocation is found by asynchronous context, not by argument.
 * One JSON object per line, `message` first: `parse_json(Message)` reads it in Application Insights.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { InvocationContext } from "@azure/functions";
import type { ComposeOptions } from "../shared/compose.ts";

type Telemetry = NonNullable<ComposeOptions["telemetry"]>;
type Fields = Readonly<Record<string, string | number | boolean>>;

const current = new AsyncLocalStorage<InvocationContext>();

/** Runs `work` so that everything it logs, at any depth, is logged by this invocation. */
export function inInvocation<T>(context: InvocationContext, work: () => Promise<T>): Promise<T> {
  return current.run(context, work);
}

/** Outside an invocation nothing is logged: the host has no place for it. */
export const invocationTelemetry: Telemetry = {
  info: (message, fields) => current.getStore()?.info(line(message, fields)),
  warn: (message, fields) => current.getStore()?.warn(line(message, fields)),
  error: (message, fields) => current.getStore()?.error(line(message, fields)),
  metric: (name, value, attributes) => current.getStore()?.info(line("metric", { name, value, ...attributes })),
};

function line(message: string, fields: Fields = {}): string {
  return JSON.stringify({ message, ...fields });
}
