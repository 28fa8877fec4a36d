/** The built bundle in fresh processes, loaded as the Azure worker loads it, until its functions are registered. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startWorker } from "../support/functions-host/worker.ts";
import { median, type Benchmark, type BenchOptions, type Figure, type Outcome } from "./figures.ts";

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, "../..");
const RUNS = 11;

/** The least that an app can do: the programming model and one function. */
const SMALLEST_APP = `
import { app } from "@azure/functions";
app.timer("nothing", { schedule: "0 0 * * * *", handler: () => {} });
`;

export const coldStart: Benchmark = {
  name: "cold-start",
  title: "the built bundle in a fresh process, from the first import to registered functions",
  run: measureColdStart,
};

async function measureColdStart({ quick, nodes, say }: BenchOptions): Promise<Outcome> {
  await buildBundle(say);
  const folder = await mkdtemp(join(tmpdir(), "service-router-bench-"));
  try {
    await writeSmallestApp(folder);
    const figures: Figure[] = [];
    for (const node of [process.execPath, ...nodes]) {
      const version = (await run(node, ["--version"])).stdout.trim();
      say(`Node ${version}`);
      figures.push(await measureNode({ node, version, smallest: folder, runs: quick ? 3 : RUNS }));
    }
    return { figures, notes: ["the process itself starts before; Azure keeps one waiting"] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let built: Promise<unknown> | undefined;

/** `npm run build`, once per run: what is measured is the code as it is now. @returns where it lies. */
export async function buildBundle(say: (line: string) => void): Promise<string> {
  if (built === undefined) say("building the bundle");
  built ??= run(process.execPath, ["--disable-warning=ExperimentalWarning", "tools/build.ts"], { cwd: ROOT });
  await built;
  return join(ROOT, "dist");
}

async function writeSmallestApp(folder: string): Promise<void> {
  await build({
    stdin: { contents: SMALLEST_APP, resolveDir: ROOT },
    outfile: join(folder, "functions.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    external: ["@azure/functions-core"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", main: "functions.mjs" }));
}

type Measured = {
  readonly node: string;
  readonly version: string;
  readonly smallest: string;
  readonly runs: number;
};

async function measureNode({ node, version, smallest, runs }: Measured): Promise<Figure> {
  const ours: number[] = [];
  const floor: number[] = [];
  // Once without counting: files come from the disk the first time.
  await loadOnce(smallest, node);
  await loadOnce(join(ROOT, "dist"), node);
  for (let round = 0; round < runs; round += 1) {
    floor.push(await loadOnce(smallest, node));
    ours.push(await loadOnce(join(ROOT, "dist"), node));
  }
  return {
    what: `Node ${version}`,
    value: median(ours),
    unit: "ms",
    floor: { what: "an app of one empty function", value: median(floor), runs: floor },
    target: { of: "value", atMost: 300 },
    runs: ours,
  };
}

async function loadOnce(directory: string, execPath: string): Promise<number> {
  const worker = await startWorker({ directory, execPath });
  await worker.stop();
  return worker.loadMs;
}
