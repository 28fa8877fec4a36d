/**
 * `service-router serve`: a local functions host. The same registrations that Azure loads, with their real timers, routes
 * and Event Grid webhook, on 127.0.0.1 and without any cloud. Stops gracefully: no new work, running work ends first.
 */
import type { Server } from "node:http";
import { ConfigurationError, asError } from "../../shared/errors.ts";
import { fleetApp, useFleetConfiguration } from "../../functions/fleet-app.ts";
import { EVENT_GRID_PATH } from "./event-grid-webhook.ts";
import { loadFunctions, type FunctionsRuntime, type Invocation, type LogEntry } from "./functions-runtime.ts";
import { createFront } from "./http-front.ts";
import { clockTime, logLine } from "./log-line.ts";
import { routesOf, type Route } from "./routes.ts";
import { timersOf, type Timer } from "./timers.ts";
import { timerData } from "./wire.ts";
import type { WireData } from "./worker-protocol.ts";

export type ServeOptions = {
  /** fleet.yaml; without it the settings of the environment decide, as in Azure. */
  readonly configurationPath?: string;
  /** 0: any free port; the first written line says which. */
  readonly port: number;
  /** Wanted of callers in `x-functions-key` or `?code=`; without it everybody on this machine may call. */
  readonly key?: string;
  /** Aborted: stop taking work, finish what runs, return. */
  readonly signal: AbortSignal;
  readonly write: (line: string) => void;
};

/** As in host.json (`extensions.http.routePrefix`). */
export const ROUTE_PREFIX = "api";
/** Longest wait for running work at the end; the longest function ends by itself before that (functions/deadlines.ts). */
const DRAIN_MS = 600_000;

/**
 * Returns when `signal` was aborted and running work has ended.
 * @throws ConfigurationError when the fleet configuration has faults (in Azure every function would answer them, here a
 *   person waits for the start) or the port cannot be used.
 */
export async function serve(options: ServeOptions): Promise<void> {
  useFleetConfiguration(options.configurationPath);
  await fleetApp();
  const runtime = await loadFunctions("functions/register.ts", () => import("../../functions/register.ts"));
  try {
    await serveUntilAborted(runtime, options);
  } finally {
    await runtime.terminate();
  }
  options.write("Stopped.");
}

async function serveUntilAborted(runtime: FunctionsRuntime, options: ServeOptions): Promise<void> {
  const work = new RunningWork(runtime, options.write);
  const timers = timersOf(runtime.functions, (name) => work.invoke(name, timerData({ pastDue: false })));
  try {
    await serveHttp({ runtime, work, timers }, options);
  } finally {
    // A paused timer keeps the process alive as well: without this a host that could not start would never end.
    for (const { job } of timers) {
      job.stop();
    }
  }
}

async function serveHttp(
  { runtime, work, timers }: { runtime: FunctionsRuntime; work: RunningWork; timers: readonly Timer[] },
  { port, key, signal, write }: ServeOptions,
): Promise<void> {
  const routes = routesOf(runtime.functions, ROUTE_PREFIX);
  const eventGrid = runtime.functions.filter((one) => one.trigger.type === "eventGridTrigger").map((one) => one.name);
  const server = createFront({
    routes,
    eventGrid,
    timers: timers.map((timer) => timer.functionName),
    ...(key === undefined ? {} : { key }),
    invoke: (name, data) => work.invoke(name, data),
    write,
  });
  const address = await listen(server, port);
  for (const line of introduction({ port: address, routes, timers, eventGrid, keyed: key !== undefined })) {
    write(line);
  }
  for (const { job } of timers) {
    job.resume();
  }
  await aborted(signal);
  for (const { job } of timers) {
    job.stop();
  }
  write(work.count === 0 ? "Stopping." : `Stopping: waiting for ${work.names} to finish.`);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await work.drained(DRAIN_MS);
  // Answers of ended work get a moment to leave; a caller that still sends or reads then is cut off.
  const cut = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(cut);
}

/** Invocations under way, so that stopping can wait for them. */
class RunningWork {
  readonly #runtime: FunctionsRuntime;
  readonly #write: (line: string) => void;
  readonly #running = new Map<Promise<Invocation>, string>();

  constructor(runtime: FunctionsRuntime, write: (line: string) => void) {
    this.#runtime = runtime;
    this.#write = write;
  }

  get count(): number {
    return this.#running.size;
  }

  get names(): string {
    return [...this.#running.values()].toSorted().join(", ");
  }

  async invoke(name: string, data: WireData): Promise<Invocation> {
    const running = this.#runtime.invoke({ name, data, log: (entry) => this.#log(entry) });
    this.#running.set(running, name);
    try {
      const invocation = await running;
      if (invocation.kind === "failed") {
        this.#write(`${clockTime(Date.now())} ${name} error: ${invocation.error.message}`);
      }
      return invocation;
    } finally {
      this.#running.delete(running);
    }
  }

  #log(entry: LogEntry): void {
    const line = logLine(entry, Date.now());
    if (line !== undefined) {
      this.#write(line);
    }
  }

  async drained(limitMs: number): Promise<void> {
    const limit = AbortSignal.timeout(limitMs);
    await Promise.race([Promise.allSettled(this.#running.keys()), aborted(limit)]);
  }
}

function introduction(host: {
  readonly port: number;
  readonly routes: readonly Route[];
  readonly timers: readonly Timer[];
  readonly eventGrid: readonly string[];
  readonly keyed: boolean;
}): readonly string[] {
  const base = `http://127.0.0.1:${host.port}`;
  const key = host.keyed ? "key in x-functions-key or ?code=" : "no key: everybody on this machine may call it";
  return [
    `Functions host on ${base} (${key})`,
    ...host.timers.map(({ functionName, schedule, job }) => {
      return `  ${functionName}: timer ${schedule}, next at ${job.nextRun()?.toISOString() ?? "never"}`;
    }),
    ...host.routes.map(({ functionName, methods, template }) => {
      return `  ${functionName}: ${methods.join(", ")} ${base}/${template}`;
    }),
    ...host.eventGrid.map((name) => `  ${name}: Event Grid ${base}${EVENT_GRID_PATH}?functionName=${name}`),
    "Stop with Ctrl-C; a running pass is finished first.",
  ];
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (caught) {
    const message = `${port} cannot be listened on (${asError(caught).message}); choose another with --port`;
    throw new ConfigurationError("serve", [{ path: "port", message }], caught);
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
