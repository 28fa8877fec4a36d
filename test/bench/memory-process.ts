/**
 * Child process of the memory benchmark: loads the built bundle as the Azure worker does, lets its timer run as many passes
 * as asked, then forces one over HTTP, and prints the most memory that the process ever held.
 * Arguments: directory of the bundle, number of passes. The fleet comes from SERVICE_ROUTER_CONFIG.
 */
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { loadFunctions } from "../../cli/serve/functions-runtime.ts";
import { httpAnswer, httpData, timerData } from "../../cli/serve/wire.ts";
import { entryFiles } from "../support/functions-host/worker.ts";

export type MemoryMeasurement = {
  /** Peak resident memory after loading and after each pass of the timer, bytes. */
  readonly peaks: readonly number[];
  /** The same after a forced pass, whose report was answered over HTTP. */
  readonly forced: number;
  /** JavaScript heap at the end, before anything is collected on purpose, bytes. */
  readonly heap: number;
};

/** A mark is obeyed when it is ten seconds old (app/run-tick.ts); a pass is otherwise due once a minute. */
const MARK_MS = 10_500;

const [directory = "", passes = "0"] = process.argv.slice(2);

type Runtime = Awaited<ReturnType<typeof loadFunctions>>;

async function measure(): Promise<MemoryMeasurement> {
  const files = await entryFiles(directory);
  const runtime = await loadFunctions(files.join(), async () => {
    for (const file of files) await import(pathToFileURL(file).href);
  });
  const peaks = [peak()];
  for (let pass = 0; pass < Number(passes); pass += 1) {
    if (pass > 0) {
      await post(runtime, "/api/reconcile?wait=false", 202);
      await delay(MARK_MS);
    }
    await tick(runtime);
    peaks.push(peak());
  }
  await post(runtime, "/api/reconcile", 200);
  const { heapUsed: heap } = process.memoryUsage();
  await runtime.terminate();
  return { peaks, forced: peak(), heap };
}

/** @throws when no pass ran: its memory would be that of one small read. */
async function tick(runtime: Runtime): Promise<void> {
  const said: string[] = [];
  const data = timerData({ pastDue: false });
  await runtime.invoke({ name: "reconcile_timer", data, log: ({ message }) => said.push(message) });
  if (!said.some((line) => line.includes("pass ended"))) throw new Error(`the timer ran no pass: ${said.join("; ")}`);
}

async function post(runtime: Runtime, path: string, expected: number): Promise<void> {
  const url = `http://localhost${path}`;
  const data = httpData({ method: "POST", url, headers: {}, params: {}, body: Buffer.alloc(0) });
  const { status, body } = httpAnswer(await runtime.invoke({ name: "reconcile_http", data, log: () => {} }));
  if (status !== expected) throw new Error(`POST ${path} answered ${status}: ${body.slice(0, 1_000)}`);
}

/** maxRSS is in kilobytes on every platform. */
function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

console.log(JSON.stringify(await measure()));
