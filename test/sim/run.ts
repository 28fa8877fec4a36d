/**
 * The simulation from the command line.
 *   node test/sim/run.ts --seeds 1000 --from 1     kept seeds, then so many from there; failing ones are kept
 *   node test/sim/run.ts --seed 4711 --verbose     one seed again, with every line of its trace
 * Exit code 1 when a rule was broken.
 */
import { parseArgs } from "node:util";
import { keepSeeds, keptSeeds } from "./kept-seeds.ts";
import { runJobs, type Job } from "./pool.ts";
import { simulate, type SimulationResult } from "./simulation.ts";

const usage = "node test/sim/run.ts [--seeds N] [--from S] [--workers W] [--verbose] | --seed S [--verbose]";

function numberOf(text: string | undefined, fallback: number, flag: string): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${flag} wants a whole number from 0 up, not ${text ?? ""}\n${usage}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      from: { type: "string" },
      seed: { type: "string" },
      workers: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.seed !== undefined) return replay(numberOf(values.seed, 0, "seed"), values.verbose);
  return runMany({
    count: numberOf(values.seeds, 1000, "seeds"),
    from: numberOf(values.from, 1, "from"),
    ...(values.workers === undefined ? {} : { workers: numberOf(values.workers, 1, "workers") }),
    verbose: values.verbose,
  });
}

async function replay(seed: number, verbose: boolean): Promise<number> {
  const result = await simulate({ seed, ...(verbose ? { print: (line: string) => console.log(line) } : {}) });
  for (const violation of result.violations) console.log(`rule ${violation.rule} broken: ${violation.message}`);
  const verdict = result.violations.length === 0 ? "no rule broken" : `${result.violations.length} rules broken`;
  console.log(`seed ${seed}: ${result.passes} passes, ${result.writes} writes, trace ${result.trace}, ${verdict}`);
  return result.violations.length === 0 ? 0 : 1;
}

type Many = { readonly count: number; readonly from: number; readonly workers?: number; readonly verbose: boolean };

async function runMany({ count, from, workers, verbose }: Many): Promise<number> {
  const kept = keptSeeds();
  const fresh = Array.from({ length: count }, (_, index) => from + index).filter(
    (seed) => !kept.some((one) => one.seed === seed),
  );
  const jobs: readonly Job[] = [...kept.map(({ seed }) => ({ seed, twice: true })), ...fresh.map((seed) => ({ seed }))];
  console.log(`${kept.length} kept seeds, then ${fresh.length} from ${from}`);
  const startedMs = performance.now();
  let broken = 0;
  const results = await runJobs(jobs, {
    ...(workers === undefined ? {} : { workers }),
    progress: (result, done) => {
      if (result.violations.length > 0) broken += 1;
      if (verbose) console.log(`seed ${result.seed}: ${result.passes} passes, ${result.writes} writes`);
      for (const { rule, message } of result.violations)
        console.log(`\rseed ${result.seed}: rule ${rule} broken: ${message}`);
      showProgress(`${done} of ${jobs.length} seeds, ${broken} with a broken rule`);
    },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  return summary(results, seconds);
}

function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line} `);
}

function summary(results: readonly SimulationResult[], seconds: number): number {
  const failing = results.filter(({ violations }) => violations.length > 0);
  const added = keepSeeds(failing.map(({ seed, violations }) => ({ seed, rule: violations[0]?.rule ?? "" })));
  for (const { seed } of failing) console.log(`again, with its trace: node test/sim/run.ts --seed ${seed} --verbose`);
  if (added > 0) console.log(`${added} seeds added to test/sim/seeds.json`);
  const passes = results.reduce((sum, result) => sum + result.passes, 0);
  const ms = Math.round((seconds * 1000) / Math.max(1, results.length));
  console.log(
    `${results.length} seeds, ${passes} passes, ${seconds.toFixed(0)} s (${ms} ms a seed): ` +
      (failing.length === 0 ? "no rule broken" : `${failing.length} seeds with a broken rule`),
  );
  return failing.length === 0 ? 0 : 1;
}

process.exitCode = await main();
