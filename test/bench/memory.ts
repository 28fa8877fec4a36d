/** Memory of one process that reconciles three clusters through the built bundle, on real API servers. */
import { bundled, runChild } from "./child.ts";
import { routeCalls, startBenchFleet, writeFleetFile } from "./bench-cluster.ts";
import { buildBundle } from "./cold-start.ts";
import type { Benchmark, BenchOptions, Outcome } from "./figures.ts";
import type { MemoryMeasurement } from "./memory-process.ts";

const CLUSTERS = ["w1", "w2", "w3"];
const PASSES = 3;

export const memory: Benchmark = {
  name: "memory",
  title: "one process over three real API servers, the first pass creating everything",
  run: measureMemory,
};

async function measureMemory({ quick, say }: BenchOptions): Promise<Outcome> {
  const routes = quick ? 100 : 1_000;
  const dist = await buildBundle(say);
  say(`starting ${CLUSTERS.length} API servers`);
  const fleet = await startBenchFleet(CLUSTERS);
  try {
    say(`creating ${routes} routes in each`);
    for (const { api, name } of fleet.clusters) await api.sendAll(routeCalls(name, routes));
    const env = { SERVICE_ROUTER_CONFIG: await writeFleetFile(fleet) };
    say(`${PASSES} passes`);
    const printed = await runChild(await bundled("memory-process.ts", fleet.folder), {
      args: [dist, String(PASSES)],
      env,
    });
    const { peaks, forced, heap } = JSON.parse(printed) as MemoryMeasurement;
    const [loaded = 0] = peaks;
    const megabytes = peaks.map((bytes) => bytes / 1e6);
    return {
      figures: [
        {
          what: "peak resident memory",
          value: megabytes.at(-1) ?? 0,
          unit: "MB",
          floor: { what: "the same process before its first pass", value: loaded / 1e6 },
          target: { of: "value", atMost: 512 },
          runs: megabytes,
        },
        { what: "the same after one more pass, forced over HTTP", value: forced / 1e6, unit: "MB" },
        { what: "JavaScript heap after the last pass, garbage included", value: heap / 1e6, unit: "MB" },
      ],
      notes: [
        `${CLUSTERS.length} clusters × ${routes} routes, two DNSEndpoints each; the timer runs the passes; peaks after loading and after each`,
        "Azure's own worker and host share an instance's memory and are not part of this",
      ],
    };
  } finally {
    await fleet.close();
  }
}
