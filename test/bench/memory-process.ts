/**
 * Child process of the memory benchmark: loads the built bundle as the Azure worker does, calls the function that reconciles
 * as often as asked, and prints the most memory that it ever held.
 * Arguments: directory of the bundle, number of passes. The fleet comes from SERVICE_ROUTER_CONFIG.
 */
import { pathToFileURL } from "node:url";
import { loadFunctions } from "../../cli/serve/functions-runtime.ts";
import { httpAnswer, httpData } from "../../cli/serve/wire.ts";
import { entryFiles } from "../support/functions-host/worker.ts";

export type MemoryMeasurement = {
  /** Peak resident memory after loading and after each pass, bytes. */
  readonly peaks: readonly number[];
  /** JavaScript heap after the last pass, before anything is collected on purpose, bytes. */
  readonly heap: number;
};

const [directory = "", passes = "0"] = process.argv.slice(2);

async function measure(): Promise<MemoryMeasurement> {
  const files = await entryFiles(directory);
  const runtime = await loadFunctions(files.join(), async () => {
    for (const file of files) await import(pathToFileURL(file).href);
  });
  const peaks = [peak()];
  for (let pass = 0; pass < Number(passes); pass += 1) {
    const data = httpData({
      method: "POST",
      url: "http://localhost/api/reconcile",
      headers: {},
      params: {},
      body: Buffer.alloc(0),
    });
    const invocation = await runtime.invoke({ name: "reconcile_http", data, log: () => {} });
    const { status, body } = httpAnswer(invocation);
    if (status !== 200) throw new Error(`pass ${pass + 1} answered ${status}: ${body.slice(0, 1_000)}`);
    peaks.push(peak());
  }
  const { heapUsed: heap } = process.memoryUsage();
  await runtime.terminate();
  return { peaks, heap };
}

/** maxRSS is in kilobytes on every platform. */
function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

console.log(JSON.stringify(await measure()));
