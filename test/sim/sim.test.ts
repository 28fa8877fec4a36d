/**
 * The seeded simulation: kept seeds, then 1,000 fresh ones (SIM_SEEDS changes the number, SIM_FROM where they begin).
 * A failing seed is printed with the way to see it again; `node test/sim/run.ts` also keeps it.
 */
import { describe, expect, it } from "vitest";
import { keptSeeds } from "./kept-seeds.ts";
import { runJobs, type Job } from "./pool.ts";
import type { SimulationResult } from "./simulation.ts";

const count = Number(process.env["SIM_SEEDS"] ?? 1000);
const from = Number(process.env["SIM_FROM"] ?? 1);

const workers = 2;
const longestMs = 30 * 60_000;

function brokenRules(results: readonly SimulationResult[]): readonly string[] {
  return results.flatMap(({ seed, violations }) =>
    violations.map(({ rule, message }) => `node test/sim/run.ts --seed ${seed} --verbose | rule ${rule}: ${message}`),
  );
}

describe("the simulated fleet", () => {
  it(
    "breaks no rule for any seed that once did",
    async () => {
      const jobs: readonly Job[] = keptSeeds().map(({ seed }) => ({ seed, twice: true }));
      expect(brokenRules(await runJobs(jobs, { workers }))).toEqual([]);
    },
    longestMs,
  );

  it(
    `breaks no rule for ${count} seeds from ${from}`,
    async () => {
      const jobs: readonly Job[] = Array.from({ length: count }, (_, index) => ({ seed: from + index }));
      const results = await runJobs(jobs, { workers });
      expect(brokenRules(results)).toEqual([]);
      // A world in which nothing happens would break no rule either.
      expect(results.reduce((sum, { writes }) => sum + writes, 0)).toBeGreaterThan(count * 30);
    },
    longestMs,
  );
});
