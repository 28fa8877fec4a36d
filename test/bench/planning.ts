/** The pure core over a large fleet: CPU time, growth with the number of routes, and memory beside the snapshot's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChild } from "./child.ts";
import { median, type BenchOptions, type Benchmark, type Figure, type Outcome } from "./figures.ts";
import type { PlanningMeasurement } from "./planning-process.ts";

/** Each measurement is one run of a fresh process; of several the median counts. */
const RUNS = 3;

type Sizes = { readonly routes: number; readonly clusters: readonly number[] };

const FULL: Sizes = { routes: 5_000, clusters: [10, 25, 50] };
const QUICK: Sizes = { routes: 500, clusters: [2, 5, 10] };

export const planning: Benchmark = {
  name: "planning",
  title: "the pure core over a large fleet, one fresh process per run, after a plan of 200 routes",
  run: measurePlanning,
};

async function measurePlanning(options: BenchOptions): Promise<Outcome> {
  const sizes = options.quick ? QUICK : FULL;
  const folder = await mkdtemp(join(tmpdir(), "service-router-bench-"));
  try {
    const figures: Figure[] = [];
    for (const state of ["converged", "cold"] as const) {
      options.say(`${state} fleet`);
      figures.push(...(await measureState(state, sizes, join(folder, state))));
    }
    const { clusters, routes } = sizes;
    const notes = [
      `${routes} routes per cluster; ${clusters.join(", ")} clusters; the core is assess, place, desire, plan, statuses due`,
      "CPU is that of the whole process; what is not of our thread is the garbage collector and the compiler",
    ];
    return { figures, notes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureState(state: "cold" | "converged", sizes: Sizes, file: string): Promise<readonly Figure[]> {
  const most = sizes.clusters.at(-1) ?? 0;
  await runChild("planning-process.ts", { args: ["write", file, state, String(most), String(sizes.routes)] });
  const bySize = new Map<number, readonly PlanningMeasurement[]>();
  for (let run = 0; run < RUNS; run += 1) {
    for (const clusters of sizes.clusters) {
      const measured = await measureOnce(file, clusters);
      checkPremise(state, measured);
      bySize.set(clusters, [...(bySize.get(clusters) ?? []), measured]);
    }
  }
  await rm(file);
  return figuresOf(state, bySize);
}

async function measureOnce(file: string, clusters: number): Promise<PlanningMeasurement> {
  const nodeArgs = ["--expose-gc", "--max-old-space-size=8192"];
  const printed = await runChild("planning-process.ts", { args: ["measure", file, String(clusters)], nodeArgs });
  return JSON.parse(printed) as PlanningMeasurement;
}

/** A converged fleet with something to do would measure another thing than its title says. */
function checkPremise(state: string, { changes, statuses, routes }: PlanningMeasurement): void {
  const quiet = changes === 0 && statuses === 0;
  if (quiet === (state === "converged") && routes > 0) return;
  throw new Error(`the ${state} fleet of ${routes} routes plans ${changes} changes and ${statuses} statuses`);
}

function figuresOf(state: string, bySize: ReadonlyMap<number, readonly PlanningMeasurement[]>): readonly Figure[] {
  const figures: Figure[] = [];
  const perRoute: number[] = [];
  for (const [clusters, measured] of bySize) {
    const cpu = measured.map(({ cpuMs }) => cpuMs / 1000);
    const routes = measured[0]?.routes ?? 0;
    const largest = clusters === Math.max(...bySize.keys());
    perRoute.push((median(cpu) / routes) * 1e6);
    figures.push({
      what: `${state}, ${clusters} clusters, ${routes} routes: CPU`,
      value: median(cpu),
      unit: "s",
      runs: cpu,
      ...(largest ? { target: { of: "value", atMost: 2 } } : {}),
    });
    if (!largest) continue;
    const thread = measured.map(({ mainThreadMs }) => mainThreadMs / 1000);
    figures.push({ what: "    of it the thread that runs our code", value: median(thread), unit: "s", runs: thread });
    const { snapshotHeap = 0, heapAtEnd = 0 } = measured[0] ?? {};
    figures.push({
      what: `${state}, ${clusters} clusters: heap at the end of the plan, the snapshot included`,
      value: heapAtEnd / 1e6,
      unit: "MB",
      floor: { what: "the snapshot alone", value: snapshotHeap / 1e6 },
      // A cold fleet's plan holds every object that is to be created, which no snapshot has yet: nothing to compare with.
      ...(state === "cold" ? {} : { target: { of: "ratio", atMost: 1.5 } }),
    });
  }
  const [first = 0] = perRoute;
  figures.push({
    what: `${state}: CPU per route in the largest fleet`,
    value: perRoute.at(-1) ?? 0,
    unit: "µs",
    floor: { what: "in the smallest fleet", value: first },
    // Linear growth keeps it equal; the collector's share varies by as much as this.
    target: { of: "ratio", atMost: 1.3 },
    runs: perRoute,
  });
  return figures;
}
