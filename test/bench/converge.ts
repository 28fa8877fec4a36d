/**
 * Many new routes at once: how long until all their DNSEndpoints are there, against the same PATCHes sent raw.
 * Two API servers side by side on one etcd, one for us and one for the floor, so that neither meets what the other wrote.
 */
import { kindTable } from "../../shared/contracts/kinds.ts";
import type { PassReport } from "../../shared/model/report.ts";
import type { Progress } from "../../shared/ports.ts";
import {
  namespaces,
  onePass,
  openFleetApp,
  routeCalls,
  startBenchFleet,
  writeFleetFile,
  type BenchCluster,
  type BenchFleet,
} from "./bench-cluster.ts";
import { alternate, median, timed, type Benchmark, type BenchOptions, type Outcome, type Taken } from "./figures.ts";
import { machineLine, thisMachine } from "./machine.ts";
import { groupPath, listOf, pathOf, type RawCall } from "./raw-api.ts";

const ROUNDS = 5;

export const converge: Benchmark = {
  name: "converge",
  title: "new routes with two controllers each on a real API server",
  run: measureConverge,
};

async function measureConverge(options: BenchOptions): Promise<Outcome> {
  options.say("starting two API servers");
  const fleet = await startBenchFleet(["ours", "floor"]);
  const [ours, twin] = fleet.clusters;
  if (ours === undefined || twin === undefined) throw new Error("no clusters were started");
  try {
    return await measureOn({ fleet, ours, twin }, options);
  } finally {
    await fleet.close();
  }
}

type Pair = { readonly fleet: BenchFleet; readonly ours: BenchCluster; readonly twin: BenchCluster };

/** Times of one converging pass, and the writes it made, as raw calls. */
type Converged = {
  readonly published: Taken;
  readonly whole: Taken;
  readonly changes: readonly RawCall[];
  readonly after: readonly RawCall[];
};

async function measureOn(pair: Pair, { quick, say }: BenchOptions): Promise<Outcome> {
  const routes = quick ? 100 : 1_000;
  const { ours, twin } = pair;
  say("warming up, and recording what is written");
  let last = await convergeOnce(pair, routes);
  await twin.api.sendAll(routeCalls(twin.name, routes));
  await replay(twin, last);
  const published: Taken[] = [];
  const patches: Taken[] = [];
  const rounds = await alternate(
    ROUNDS,
    async () => {
      say(`${routes} routes, ours`);
      await clear(ours);
      last = await convergeOnce(pair, routes);
      published.push(last.published);
      return last.whole;
    },
    async () => {
      say(`${routes} routes, the same writes raw`);
      await clear(twin);
      await twin.api.sendAll(routeCalls(twin.name, routes));
      const replayed = await replay(twin, last);
      patches.push(replayed.patches);
      return replayed.whole;
    },
  );
  const whole = { ours: rounds.ours.map(toSeconds), floor: rounds.floor.map(toSeconds) };
  return {
    figures: [
      {
        what: "from the start of the pass until every DNSEndpoint is published",
        value: median(wallSeconds(published)),
        unit: "s",
        floor: {
          what: "the same PATCHes raw, 16 at a time",
          value: median(wallSeconds(patches)),
          runs: wallSeconds(patches),
        },
        target: { of: "ratio", atMost: 1.5 },
        runs: wallSeconds(published),
      },
      {
        what: "until then, CPU of this process",
        value: medianCpuSeconds(published),
        unit: "s",
        floor: { what: "the same PATCHes raw", value: medianCpuSeconds(patches) },
      },
      {
        what: "whole pass, with statuses and Events",
        value: median(whole.ours),
        unit: "s",
        floor: { what: "all its writes raw", value: median(whole.floor), runs: whole.floor },
        runs: whole.ours,
      },
    ],
    notes: [
      `${routes} routes; ${last.changes.length} DNSEndpoints and Istio Gateways, ${last.after.length} statuses and Events; kube-apiserver 1.36, etcd without fsync`,
      "the operator that is replaced: 10.3 to 11.2 s until 1,000 routes with two controllers each are published, its raw writes 3.8 s;",
      `recorded on another machine of two cores with kube-apiserver 1.36, not measured here. This machine: ${machineLine(thisMachine())}`,
    ],
  };
}

const toSeconds = (ms: number): number => ms / 1000;
const wallSeconds = (taken: readonly Taken[]): readonly number[] => taken.map(({ wallMs }) => wallMs / 1000);
const medianCpuSeconds = (taken: readonly Taken[]): number => median(taken.map(({ cpuMs }) => cpuMs / 1000));

async function convergeOnce({ fleet, ours }: Pair, routes: number): Promise<Converged> {
  const apply = stageTimer("apply");
  const app = await openFleetApp(await writeFleetFile(fleet, [ours]), apply.progress);
  try {
    // A fleet that stands and is connected, before the routes arrive.
    await onePass(app);
    await ours.api.sendAll(routeCalls(ours.name, routes));
    apply.start();
    const passes: PassReport[] = [];
    const whole = await timed(async () => passes.push(await onePass(app)));
    const [report] = passes;
    if (report === undefined || report.results.length < 2 * routes) {
      throw new Error(`the pass made ${report?.results.length ?? 0} changes for ${routes} routes`);
    }
    return { published: apply.taken(), whole, changes: changeCalls(report), after: await laterCalls(ours) };
  } finally {
    await app.close();
  }
}

/** When the last step of a stage was done, counted from `start`. */
function stageTimer(wanted: string): {
  readonly progress: Progress;
  readonly start: () => void;
  readonly taken: () => Taken;
} {
  let stage = "";
  let startedAtMs = 0;
  let cpu = process.cpuUsage();
  let taken: Taken | undefined;
  return {
    progress: {
      stage: (name) => (stage = name),
      step: (done, total) => {
        if (stage !== wanted || done !== total) return;
        const { user, system } = process.cpuUsage(cpu);
        taken = { wallMs: performance.now() - startedAtMs, cpuMs: (user + system) / 1000 };
      },
    },
    start: () => {
      taken = undefined;
      startedAtMs = performance.now();
      cpu = process.cpuUsage();
    },
    taken: () => {
      if (taken === undefined) throw new Error(`the stage ${wanted} never ended`);
      return taken;
    },
  };
}

/** The pass's own PATCHes, as it sent them: same bodies, same field manager. */
function changeCalls({ results }: PassReport): readonly RawCall[] {
  return results.flatMap(({ change }): readonly RawCall[] => {
    const { after, kind, key } = change;
    if (after === undefined) return [];
    const [namespace, name = ""] = key.split("/");
    const apiVersion = typeof after["apiVersion"] === "string" ? after["apiVersion"] : "";
    const path = pathOf(apiVersion, kindTable[kind].plural, name, namespace);
    return [
      {
        method: "PATCH",
        path: `${path}?fieldManager=service-router&fieldValidation=Strict`,
        contentType: "application/apply-patch+yaml",
        body: after,
      },
    ];
  });
}

/** What the pass wrote besides: statuses of routes as they are now, and Events. */
async function laterCalls({ api }: BenchCluster): Promise<readonly RawCall[]> {
  const routes = await api.list(listOf("ServiceRoute").path);
  const events = await api.list("/api/v1/events");
  return [
    ...routes.map(({ metadata, status }): RawCall => {
      const path = pathOf("routing.router.io/v1alpha1", "serviceroutes", metadata.name, metadata.namespace);
      return {
        method: "PATCH",
        path: `${path}/status?fieldManager=service-router&fieldValidation=Strict`,
        contentType: "application/json-patch+json",
        body: [{ op: "add", path: "/status", value: status }],
      };
    }),
    ...events.map(({ metadata, ...event }): RawCall => {
      const { name, namespace = "" } = metadata;
      return {
        method: "POST",
        path: `/api/v1/namespaces/${namespace}/events?fieldManager=service-router`,
        body: { ...event, metadata: { name, namespace } },
      };
    }),
  ];
}

async function replay({ api }: BenchCluster, { changes, after }: Converged): Promise<{ patches: Taken; whole: Taken }> {
  const patches = await timed(() => api.sendAll(changes));
  const later = await timed(() => api.sendAll(after));
  return {
    patches,
    whole: { wallMs: patches.wallMs + later.wallMs, cpuMs: patches.cpuMs + later.cpuMs },
  };
}

/** Takes routes and everything that came of them away; the ground stays. */
async function clear({ api }: BenchCluster): Promise<void> {
  const collections = [
    ...["aks-istio-ingress", "istio-system", ...namespaces()].flatMap((namespace) => [
      `${groupPath("externaldns.k8s.io", "v1alpha1")}/namespaces/${namespace}/dnsendpoints`,
      `${groupPath("routing.router.io", "v1alpha1")}/namespaces/${namespace}/serviceroutes`,
      `/api/v1/namespaces/${namespace}/events`,
    ]),
    `${groupPath("networking.istio.io", "v1")}/namespaces/istio-system/gateways`,
  ];
  await api.sendAll(collections.map((path): RawCall => ({ method: "DELETE", path })));
}
