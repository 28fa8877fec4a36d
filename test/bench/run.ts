/**
 * `npm run bench -- [name…] [--quick] [--json] [--node <executable>]`: runs the benchmarks of design targets, all of them
 * without a name. Exit code 0 whatever the figures are; 1 when a benchmark could not be run.
 */
import { parseArgs } from "node:util";
import { coldStart } from "./cold-start.ts";
import { converge } from "./converge.ts";
import { figureLines, isMet, ratioOf, type Benchmark, type Outcome } from "./figures.ts";
import { load, machineLine, thisMachine } from "./machine.ts";
import { join } from "./join.ts";
import { memory } from "./memory.ts";
import { noOp } from "./no-op.ts";
import { planning } from "./planning.ts";
import { zones } from "./zones.ts";

const benchmarks: readonly Benchmark[] = [planning, coldStart, noOp, converge, memory, zones, join];

type Ran = {
  readonly benchmark: Benchmark;
  readonly loads: readonly [before: number, after: number];
} & ({ readonly outcome: Outcome } | { readonly error: string });

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      node: { type: "string", multiple: true, default: [] },
    },
  });
  const unknown = positionals.filter((name) => !benchmarks.some((one) => one.name === name));
  if (unknown.length > 0) {
    const known = benchmarks.map(({ name }) => name).join(", ");
    process.stderr.write(`no such benchmark: ${unknown.join(", ")}; there are ${known}\n`);
    return 1;
  }
  const machine = thisMachine();
  const print = (line: string): void => {
    if (!values.json) console.log(line);
  };
  print(`${machineLine(machine)}${values.quick ? "\nquick sizes: these figures say nothing about a target" : ""}`);
  const ran: Ran[] = [];
  for (const benchmark of benchmarks) {
    if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
    const before = load();
    const options = { quick: values.quick, nodes: values.node, say };
    const result = await attempt(benchmark, options);
    const one: Ran = { benchmark, loads: [before, load()], ...result };
    ran.push(one);
    for (const line of linesOf(one)) print(line);
  }
  if (values.json) console.log(JSON.stringify(documentOf(machine, values.quick, ran), null, 2));
  return ran.some((one) => "error" in one) ? 1 : 0;
}

function say(line: string): void {
  process.stderr.write(`  … ${line}\n`);
}

async function attempt(
  benchmark: Benchmark,
  options: Parameters<Benchmark["run"]>[0],
): Promise<{ readonly outcome: Outcome } | { readonly error: string }> {
  try {
    return { outcome: await benchmark.run(options) };
  } catch (caught) {
    return { error: caught instanceof Error ? (caught.stack ?? caught.message) : String(caught) };
  }
}

function linesOf(one: Ran): readonly string[] {
  const [before, after] = one.loads;
  const title = `\n${one.benchmark.name}: ${one.benchmark.title} (load before ${before}, after ${after})`;
  if ("error" in one) return [title, `  could not be measured: ${one.error}`];
  return [title, ...one.outcome.figures.flatMap(figureLines), ...one.outcome.notes.map((note) => `  ${note}`)];
}

function documentOf(machine: ReturnType<typeof thisMachine>, quick: boolean, ran: readonly Ran[]): unknown {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    quick,
    benchmarks: ran.map((one) => ({
      name: one.benchmark.name,
      title: one.benchmark.title,
      load: { before: one.loads[0], after: one.loads[1] },
      ...("error" in one
        ? { error: one.error }
        : {
            figures: one.outcome.figures.map((figure) => ({
              ...figure,
              ...(figure.floor === undefined ? {} : { ratio: ratioOf(figure) }),
              ...(figure.target === undefined ? {} : { met: isMet(figure) }),
            })),
            notes: one.outcome.notes,
          }),
    })),
  };
}

process.exitCode = await main();
