/**
 * A real fleet: API servers on one etcd, each with the CRDs and with the app's user limited to the roles of crds/rbac; a
 * kubeconfig with one context per cluster, a fleet.yaml, a state store, and the product composed on it as in production.
 * Tests of one file share the servers; `reset` takes everything else away, so that each starts from an empty fleet.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { composeFleetApp, type FleetApp } from "../../../shared/compose.ts";
import type { PassReport } from "../../../shared/model/report.ts";
import type { Telemetry } from "../../../shared/ports.ts";
import { type ApiServer, type Etcd, startApiServer, startEtcd } from "../components/api-server.ts";
import { removeAtExit, removeNow } from "../components/child-process.ts";
import { type Crd, EXTERNAL_DNS_CRDS, installCrds, ISTIO_CRDS } from "../components/crds.ts";
import { type FaultProxy, startFaultProxy } from "../fault-proxy.ts";
import { OUR_CRDS } from "../kubernetes-access.ts";
import { APP_USER, grantRights, restoreRights } from "./access-rights.ts";
import { runCommand, runHere, type CommandOptions, type CommandResult } from "./command-line.ts";
import { emptyCluster } from "./empty-cluster.ts";
import { openWriteLog, type WriteLog } from "./write-log.ts";

/** ExternalDNS of a test is quick: a handover waits this long plus the product's 10 s. */
const INTERVAL_SECONDS = 1;

export type ClusterOptions = {
  readonly name: string;
  /** Istio's CRDs. Default: Gateway and VirtualService in all their versions; an empty list: none. */
  readonly istio?: readonly (string | Crd)[];
  /** The kubeconfig leads through a fault proxy. */
  readonly proxied?: boolean;
  /** Users of the API server beside the app's. */
  readonly users?: readonly string[];
};

export type RunningCluster = {
  readonly name: string;
  readonly server: ApiServer;
  /** @throws Error when the cluster was not started with `proxied`. */
  readonly proxy: FaultProxy;
  /** What the app wrote there since the last call. */
  readonly writes: WriteLog["taken"];
};

export type RegionSettings = {
  readonly name: string;
  readonly externalDns?: Readonly<Record<string, unknown>>;
  readonly [setting: string]: unknown;
};

/** fleet.yaml as far as tests change it. */
export type FleetSettings = {
  /** By cluster; without it `{ writes: "apply" }`. Merged into the entry. */
  readonly clusters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Name, or an entry that is merged into the default one. */
  readonly regions?: readonly (string | RegionSettings)[];
  readonly store?: Readonly<Record<string, unknown>>;
  readonly [setting: string]: unknown;
};

export type Kubeconfig = {
  /** By context; merged into what leads to the API server. */
  readonly clusters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly tokens?: Readonly<Record<string, string>>;
};

export type RealFleet = {
  readonly directory: string;
  readonly configurationPath: string;
  /** @throws Error for a name that was not started. */
  readonly cluster: (name: string) => RunningCluster;
  readonly servers: readonly ApiServer[];
  /** Writes fleet.yaml anew; apps that are open keep what they read. */
  readonly configure: (settings: FleetSettings) => void;
  /** Writes the kubeconfig anew. */
  readonly connect: (kubeconfig: Kubeconfig) => void;
  /** One more process's worth of the product. Closed by `reset` and `close`. */
  readonly open: (holder?: string) => Promise<FleetApp>;
  /** One pass of an app of its own that stays open between calls. @throws Error when another one runs. */
  readonly pass: () => Promise<PassReport>;
  readonly preview: () => Promise<PassReport>;
  /** The command line as a child process. */
  readonly command: (...args: readonly string[]) => Promise<CommandResult>;
  /** The command line inside this process. */
  readonly ask: (...args: readonly string[]) => Promise<CommandResult>;
  readonly commandOptions: () => CommandOptions;
  /** Deletes the state store. */
  readonly forget: () => void;
  /** Ends the apps that are open: the next pass starts as a new process does. */
  readonly restart: () => Promise<void>;
  /** Document of the file store, as JSON. Only for the plain ones: since, order, approvals, marks, leases/reconcile. */
  readonly document: (name: string) => unknown;
  readonly writeDocument: (name: string, content: unknown) => void;
  /**
   * What the store remembers becomes older by this long, as if nothing had run meanwhile: handovers, doubted reads, budget
   * use, marks, leases. Tests of waits need not wait.
   */
  readonly letTimePass: (ms: number) => void;
  /** Empties clusters and store, restores fleet.yaml, kubeconfig, rights, CRDs and proxies, closes apps. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function startRealFleet(...clusters: readonly ClusterOptions[]): Promise<RealFleet> {
  const directory = mkdtempSync(path.join(tmpdir(), "service-router-fleet-"));
  removeAtExit(directory);
  const etcd = await startEtcd();
  const running = await Promise.all(clusters.map((cluster) => startCluster(etcd, directory, cluster)));
  return new Fleet(directory, etcd, running);
}

type StartedCluster = Omit<RunningCluster, "proxy"> & {
  readonly faultProxy: FaultProxy | undefined;
  readonly crds: readonly (string | Crd)[];
  /** Kinds that it is not meant to serve. */
  readonly notServed: readonly string[];
};

async function startCluster(etcd: Etcd, directory: string, options: ClusterOptions): Promise<StartedCluster> {
  const { name, istio = [ISTIO_CRDS], users = [] } = options;
  const log = openWriteLog(directory, name);
  const server = await startApiServer({ etcd, name, users: [APP_USER, ...users], extraArgs: log.args });
  const crds = [...OUR_CRDS, EXTERNAL_DNS_CRDS, ...istio];
  await installCrds(server, ...crds);
  await grantRights(server);
  const faultProxy = options.proxied === true ? await startFaultProxy(server) : undefined;
  const notServed = await emptyCluster(server);
  return { name, server, writes: log.taken, faultProxy, crds, notServed };
}

class Fleet implements RealFleet {
  readonly directory: string;
  readonly configurationPath: string;
  readonly servers: readonly ApiServer[];
  readonly #etcd: Etcd;
  readonly #clusters: ReadonlyMap<string, StartedCluster>;
  readonly #apps: FleetApp[] = [];
  #shared: Promise<FleetApp> | undefined;

  constructor(directory: string, etcd: Etcd, clusters: readonly StartedCluster[]) {
    this.directory = directory;
    this.configurationPath = path.join(directory, "fleet.yaml");
    this.servers = clusters.map(({ server }) => server);
    this.#etcd = etcd;
    this.#clusters = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    this.connect({});
    this.configure({});
  }

  cluster = (name: string): RunningCluster => {
    const cluster = this.#clusters.get(name);
    if (cluster === undefined) throw new Error(`cluster ${name} was not started`);
    return {
      ...cluster,
      get proxy(): FaultProxy {
        if (cluster.faultProxy === undefined) throw new Error(`cluster ${name} was started without a proxy`);
        return cluster.faultProxy;
      },
    };
  };

  configure = (settings: FleetSettings): void => {
    const { clusters = {}, regions = ["weu", "neu"], ...rest } = settings;
    const document = {
      store: { file: "state" },
      ...rest,
      clusters: [...this.#clusters.keys()].map((name) => ({
        name,
        source: { kubeconfig: { path: "kubeconfig.yaml", context: name } },
        writes: "apply",
        ...clusters[name],
      })),
      regions: regions.map(regionOf),
    };
    writeFileSync(this.configurationPath, stringify(document));
  };

  connect = ({ clusters = {}, tokens = {} }: Kubeconfig): void => {
    const all = [...this.#clusters.values()];
    const document = {
      apiVersion: "v1",
      kind: "Config",
      contexts: all.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
      clusters: all.map(({ name, server, faultProxy }) => {
        const { url, caPem } = faultProxy ?? server;
        const authority = Buffer.from(caPem).toString("base64");
        return { name, cluster: { server: url, "certificate-authority-data": authority, ...clusters[name] } };
      }),
      users: all.map(({ name, server }) => ({ name, user: { token: tokens[name] ?? server.token(APP_USER) } })),
    };
    writeFileSync(path.join(this.directory, "kubeconfig.yaml"), stringify(document), { mode: 0o600 });
  };

  open = async (holder = "test"): Promise<FleetApp> => {
    const app = await composeFleetApp({ configurationPath: this.configurationPath, holder, telemetry: silent });
    this.#apps.push(app);
    return app;
  };

  pass = async (): Promise<PassReport> => {
    this.#shared ??= this.open();
    const outcome = await (await this.#shared).reconcile({ by: "test" });
    if (outcome.kind !== "ran") throw new Error(`the pass did not run: ${JSON.stringify(outcome)}`);
    return outcome.report;
  };

  preview = async (): Promise<PassReport> => {
    this.#shared ??= this.open();
    return await (await this.#shared).preview();
  };

  commandOptions = (): CommandOptions => ({ configurationPath: this.configurationPath });

  command = (...args: readonly string[]): Promise<CommandResult> => runCommand(this.commandOptions(), ...args);

  ask = (...args: readonly string[]): Promise<CommandResult> => runHere(this.commandOptions(), ...args);

  forget = (): void => rmSync(path.join(this.directory, "state"), { recursive: true, force: true });

  restart = (): Promise<void> => this.#closeApps();

  document = (name: string): unknown => JSON.parse(readFileSync(this.#documentPath(name), "utf8")) as unknown;

  writeDocument = (name: string, content: unknown): void => {
    writeFileSync(this.#documentPath(name), JSON.stringify(content));
  };

  letTimePass = (ms: number): void => {
    for (const name of ["since", "marks", "leases/reconcile"]) {
      if (existsSync(this.#documentPath(name))) this.writeDocument(name, older(this.document(name), ms));
    }
  };

  #documentPath(name: string): string {
    return path.join(this.directory, "state", `${name}.json`);
  }

  reset = async (): Promise<void> => {
    await this.#closeApps();
    this.forget();
    this.connect({});
    this.configure({});
    await Promise.all(
      [...this.#clusters.values()].map(async ({ server, writes, faultProxy, crds, notServed }) => {
        faultProxy?.clear();
        await restoreRights(server);
        const missing = await emptyCluster(server);
        if (missing.length > notServed.length) await installCrds(server, ...crds);
        writes();
      }),
    );
  };

  close = async (): Promise<void> => {
    await this.#closeApps();
    await Promise.all(
      [...this.#clusters.values()].map(async ({ server, faultProxy }) => {
        await faultProxy?.close();
        await server.stop();
      }),
    );
    await this.#etcd.stop();
    removeNow(this.directory);
  };

  async #closeApps(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.close()));
    this.#shared = undefined;
  }
}

function regionOf(region: string | RegionSettings): RegionSettings {
  const settings = typeof region === "string" ? { name: region } : region;
  return { ...settings, externalDns: { intervalSeconds: INTERVAL_SECONDS, ...settings.externalDns } };
}

const nothing = (): void => {};
/** What a test wants to know is in the report. */
const silent: Telemetry = { info: nothing, warn: nothing, error: nothing, metric: nothing };

/** Every moment in a document is kept in a field named `atMs`, `…AtMs` or `sinceMs`. */
function older(value: unknown, ms: number): unknown {
  if (Array.isArray(value)) return value.map((entry) => older(entry, ms));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, entry]) => [
      field,
      typeof entry === "number" && /^atMs$|AtMs$|^sinceMs$/.test(field) ? entry - ms : older(entry, ms),
    ]),
  );
}
