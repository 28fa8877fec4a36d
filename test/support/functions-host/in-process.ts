/** The registered functions in this process, called through the worker's wire shapes, with a FleetApp of the test's choice. */
import { loadFunctions, type FunctionsRuntime, type LogEntry } from "../../../cli/serve/functions-runtime.ts";
import { matchRoute, routesOf } from "../../../cli/serve/routes.ts";
import { eventData, httpAnswer, httpData, timerData, type HttpAnswer } from "../../../cli/serve/wire.ts";
import type { WireData } from "../../../cli/serve/worker-protocol.ts";
import { useFleetApp, type OpenFleetApp } from "../../../functions/fleet-app.ts";

export type Answer = HttpAnswer & { readonly logs: readonly LogEntry[] };
/** `outcome`: "succeeded", or the message of what the handler threw. */
export type Outcome = { readonly outcome: string; readonly logs: readonly LogEntry[] };
export type CallOptions = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

export function registeredFunctions(): Promise<FunctionsRuntime> {
  return loadFunctions("functions/register.ts", () => import("../../../functions/register.ts"));
}

/** @param options.body a string is sent as it is, anything else as JSON. */
export async function callHttp(
  open: OpenFleetApp,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  useFleetApp(open);
  const runtime = await registeredFunctions();
  const url = `http://localhost:7071${path}`;
  const match = matchRoute(routesOf(runtime.functions, "api"), method, new URL(url).pathname);
  if (match === undefined) {
    throw new Error(`no function answers ${method} ${path}`);
  }
  const body = Buffer.from(bodyText(options.body));
  const data = httpData({ method, url, headers: options.headers ?? {}, params: match.params, body });
  const logs: LogEntry[] = [];
  const invocation = await runtime.invoke({ name: match.route.functionName, data, log: (entry) => logs.push(entry) });
  return { ...httpAnswer(invocation), logs };
}

export function callTimer(open: OpenFleetApp, name: string): Promise<Outcome> {
  return call(open, name, timerData({ pastDue: false }));
}

export function callEvent(open: OpenFleetApp, name: string, event: unknown): Promise<Outcome> {
  return call(open, name, eventData(event));
}

async function call(open: OpenFleetApp, name: string, data: WireData): Promise<Outcome> {
  useFleetApp(open);
  const runtime = await registeredFunctions();
  const logs: LogEntry[] = [];
  const invocation = await runtime.invoke({ name, data, log: (entry) => logs.push(entry) });
  return { outcome: invocation.kind === "failed" ? invocation.error.message : "succeeded", logs };
}

function bodyText(body: unknown): string {
  if (body === undefined) {
    return "";
  }
  return typeof body === "string" ? body : JSON.stringify(body);
}
