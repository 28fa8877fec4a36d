/** Runs many seeds on some worker threads. Each seed is alone in its thread while it runs, so its result depends on it only. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SimulationResult } from "./simulation.ts";

export type Job = { readonly seed: number; readonly twice?: boolean };

export type PoolOptions = {
  readonly workers?: number;
  /** Called after each seed, in the order in which they end. */
  readonly progress?: (result: SimulationResult, done: number) => void;
};

/** @returns results in the order of the jobs. */
export async function runJobs(jobs: readonly Job[], options: PoolOptions = {}): Promise<readonly SimulationResult[]> {
  const workers = Math.max(1, Math.min(options.workers ?? Math.min(availableParallelism(), 8), jobs.length));
  const results: SimulationResult[] = Array.from({ length: jobs.length });
  let next = 0;
  let done = 0;
  const oneWorker = async (): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      for (let index = next; index < jobs.length; index = next) {
        next += 1;
        const job = jobs[index];
        if (job === undefined) return;
        const result = await answerOf(worker, job);
        results[index] = result;
        done += 1;
        options.progress?.(result, done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, oneWorker));
  return results;
}

function answerOf(worker: Worker, job: Job): Promise<SimulationResult> {
  return new Promise((resolve, reject) => {
    const ended = (settle: () => void) => (): void => {
      worker.off("error", failed);
      worker.off("message", answered);
      settle();
    };
    const failed = (error: unknown): void => ended(() => reject(error))();
    const answered = (result: SimulationResult): void => ended(() => resolve(result))();
    worker.on("error", failed);
    worker.on("message", answered);
    worker.postMessage(job, []);
  });
}
