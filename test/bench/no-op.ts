/** A pass over a fleet that is as it should be, against reading the same lists and nothing else. */
import { readsOf } from "../../shared/core/compute-desired.ts";
import type { Kind } from "../../shared/model/kinds.ts";
import {
  onePass,
  openFleetApp,
  routeCalls,
  startBenchFleet,
  writeFleetFile,
  type BenchCluster,
} from "./bench-cluster.ts";
import { alternate, median, timed, type Benchmark, type BenchOptions, type Outcome, type Taken } from "./figures.ts";
import { groupPath, listOf, type RawApi } from "./raw-api.ts";

const WARM_UPS = 2;
const ROUNDS = 9;

/** What every pass lists; Namespaces are listed only where a Gateway selects by their labels, and here none does. */
const LISTED: readonly Kind[] = readsOf({ serviceRouting: true })
  .filter(({ onlyWhen }) => onlyWhen === undefined)
  .map(({ kind }) => kind);

/** What a write would show in; Events included. */
const WATCHED = [...LISTED.map(listOf), { path: "/api/v1/events", query: {} }];

export const noOp: Benchmark = {
  name: "no-op",
  title: "a pass over converged routes, two DNSEndpoints each, on a real API server",
  run: measureNoOp,
};

async function measureNoOp({ quick, say }: BenchOptions): Promise<Outcome> {
  const routes = quick ? 200 : 2_000;
  say("starting an API server");
  const fleet = await startBenchFleet(["w1"]);
  const [cluster] = fleet.clusters;
  if (cluster === undefined) throw new Error("no cluster was started");
  const app = await openFleetApp(await writeFleetFile(fleet));
  try {
    say(`creating and converging ${routes} routes`);
    await cluster.api.sendAll(routeCalls(cluster.name, routes));
    await onePass(app);
    const readAll = (): Promise<Taken> => timed(() => listEverything(cluster.api));
    const pass = (): Promise<Taken> => timed(() => onePass(app));
    say("warming up");
    await alternate(WARM_UPS, pass, readAll);
    const before = await versionsOf(cluster);
    say("measuring");
    const times = await alternate(ROUNDS, pass, readAll);
    const report = await onePass(app);
    const writes = differences(before, await versionsOf(cluster));
    const endpoints = report.clusters[0]?.counts.DNSEndpoint ?? 0;
    return {
      figures: [
        {
          what: "whole pass",
          value: median(times.ours),
          unit: "ms",
          floor: { what: "fetch and JSON.parse of the same lists", value: median(times.floor), runs: times.floor },
          target: { of: "ratio", atMost: 1.3 },
          runs: times.ours,
        },
        {
          what: "CPU of this process per pass, which other work on the machine disturbs less",
          value: median(times.oursCpu),
          unit: "ms",
          floor: { what: "the same lists", value: median(times.floorCpu), runs: times.floorCpu },
          runs: times.oursCpu,
        },
        {
          what: `objects that ${ROUNDS + 1} passes created, changed or deleted`,
          value: writes,
          unit: "",
          target: { of: "value", atMost: 0 },
        },
      ],
      notes: [`${routes} routes, ${endpoints} DNSEndpoints, one cluster; pages of 500, all kinds at once, in both`],
    };
  } finally {
    await app.close();
    await fleet.close();
  }
}

/** As a pass reads: all kinds at once, the pages of each one after another, and which Istio version is served. */
async function listEverything(api: RawApi): Promise<void> {
  const lists = LISTED.map((kind) => {
    const { path, query } = listOf(kind);
    return api.list(path, query);
  });
  const version = api
    .send({ method: "GET", path: groupPath("networking.istio.io", "v1") })
    .then((text): unknown => JSON.parse(text));
  await Promise.all([...lists, version]);
}

/** uid and resourceVersion of everything that could be written, statuses included: any write raises one. */
async function versionsOf({ api }: BenchCluster): Promise<ReadonlyMap<string, string>> {
  const lists = await Promise.all(WATCHED.map(({ path, query }) => api.list(path, query)));
  return new Map(lists.flat().map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  const changed = [...after].filter(([uid, version]) => before.get(uid) !== version).length;
  return changed + [...before.keys()].filter((uid) => !after.has(uid)).length;
}
