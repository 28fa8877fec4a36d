/** A worker thread of the pool: takes seeds, answers with their results, one at a time. */
import { parentPort } from "node:worker_threads";
import { runSeed } from "./run-seed.ts";

// Thousands of injected errors: their stacks say nothing that the seed does not.
Error.stackTraceLimit = 4;

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread of pool.ts");
port.on("message", ({ seed, twice }: { readonly seed: number; readonly twice?: boolean }) => {
  void runSeed(seed, twice === undefined ? {} : { twice }).then((result) => port.postMessage(result));
});
