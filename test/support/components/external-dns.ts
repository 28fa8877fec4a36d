/**
 * Real ExternalDNS processes, 0.20 and 0.22, reading DNSEndpoints of a test API server and writing to the Private DNS server
 * of the tests as provider azure-private-dns, with an identity of their own. What they do is theirs: nothing is stubbed.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PrivateDnsServer } from "../private-dns/private-dns-server.ts";
import type { ApiServer } from "./api-server.ts";
import { externalDns, type ExternalDnsVersion } from "./binaries.ts";
import { removeAtExit, removeNow, startProcess, type StartedProcess } from "./child-process.ts";
import { freePort } from "./ports.ts";
import { startOnFreePort, waitUntilReady } from "./readiness.ts";
import { applyObject } from "./test-cluster.ts";

export type { ExternalDnsVersion } from "./binaries.ts";

/** Two seconds are usual; several of them starting together on two cores need more. */
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;
const PROBE_TIMEOUT_MS = 2_000;
const POLL_MS = 50;
const DEFAULT_INTERVAL_SECONDS = 1;
/** The loop ticks once a second; an Azure call that is retried takes a few more. */
const PASS_DEADLINE_MS = 60_000;

/** For a `beforeAll` that builds both: half an hour each at worst. Only test/e2e needs them, so the global setup does not. */
export const BUILD_TIMEOUT_MS = 60 * 60_000;

/** Finds or builds both versions, one after the other: each build uses every core by itself. */
export async function buildExternalDns(): Promise<void> {
  await externalDns("0.20");
  await externalDns("0.22");
}

export type ExternalDnsOptions = {
  readonly version: ExternalDnsVersion;
  readonly apiServer: ApiServer;
  /** A user of the API server's options with the rights of `allowExternalDns`; `admin` without it. */
  readonly user?: string;
  readonly zoneServer: PrivateDnsServer;
  /** The identity by which the zone server knows it (log, denials, faults); also shown in messages. */
  readonly caller: string;
  /** Where it works: all zones of this name in this resource group. */
  readonly zone: { readonly subscription: string; readonly resourceGroup: string; readonly zone: string };
  readonly ownerId: string;
  /** Default upsert-only. */
  readonly policy?: "sync" | "upsert-only" | "create-only";
  /** `key=value`; without it, every DNSEndpoint. */
  readonly labelFilter?: string;
  /** From the end of one pass to the next; default 1, the shortest that its loop knows. */
  readonly intervalSeconds?: number;
  /** More flags, `--name=value`. One that is set here already is replaced; `--txt-prefix=` takes the prefix away. */
  readonly args?: readonly string[];
};

export type ExternalDns = {
  readonly version: ExternalDnsVersion;
  readonly caller: string;
  /** Origin for `/metrics` and `/healthz`. */
  readonly metricsUrl: string;
  /** All that it printed so far, restarts included; also after `stop`. */
  readonly log: () => string;
  /** How it ended, or undefined while it runs. */
  readonly ending: () => string | undefined;
  /** A gauge or counter of its metrics without labels (`external_dns_controller_no_op_runs_total`); 0 when it is not there. */
  readonly metric: (name: string) => Promise<number>;
  /** Waits until `count` passes that began after this call have ended without an error of reading. */
  readonly passed: (count?: number) => Promise<void>;
  /** Hangs, as on a machine that is paused, until `thaw()`; whatever it was about to do, it does then. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** A crash. */
  readonly kill: () => Promise<void>;
  /** Starts it again with the same arguments, other ones if given, after `kill` or its own end. */
  readonly restart: (args?: readonly string[]) => Promise<void>;
  /** SIGTERM as by Kubernetes, then the end; its files go. */
  readonly stop: () => Promise<void>;
};

/** Starts it and waits until its first pass has ended. About two seconds. */
export async function startExternalDns(options: ExternalDnsOptions): Promise<ExternalDns> {
  const binary = await externalDns(options.version);
  const kubeconfig = await options.apiServer.kubeconfigFile(options.user ?? "admin");
  const folder = mkdtempSync(path.join(tmpdir(), `service-router-external-dns-${options.caller}-`));
  removeAtExit(folder);
  const configFile = path.join(folder, "azure.json");
  writeFileSync(configFile, JSON.stringify(cloudConfig(options)));
  const setup: Setup = {
    options,
    binary,
    folder,
    kubeconfig,
    configFile,
    logFile: path.join(folder, "external-dns.log"),
  };
  try {
    const first = await startOnFreePort(() => launch(setup, options.args ?? []));
    return handleOf(setup, first);
  } catch (error) {
    removeNow(folder);
    throw error;
  }
}

/** What it needs of a cluster, bound to the user: read DNSEndpoints, write their status. */
export async function allowExternalDns(server: ApiServer, user: string): Promise<void> {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const apiGroups = ["externaldns.k8s.io"];
  const name = "external-dns";
  await applyObject(server, {
    apiVersion,
    kind: "ClusterRole",
    metadata: { name },
    rules: [
      { apiGroups, resources: ["dnsendpoints"], verbs: ["get", "list", "watch"] },
      { apiGroups, resources: ["dnsendpoints/status"], verbs: ["update"] },
    ],
  });
  await applyObject(server, {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: `${name}-${user}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  });
}

type Setup = {
  readonly options: ExternalDnsOptions;
  readonly binary: string;
  readonly folder: string;
  readonly kubeconfig: string;
  readonly configFile: string;
  readonly logFile: string;
};

type Launched = { readonly process: StartedProcess; readonly metricsUrl: string };

/** An Azure cloud of its own is the only kind whose three addresses can be chosen. */
function cloudConfig(options: ExternalDnsOptions): object {
  const { zoneServer, zone } = options;
  return {
    cloud: "AzureStackCloud",
    tenantId: "00000000-0000-0000-0000-00000000000a",
    subscriptionId: zone.subscription,
    resourceGroup: zone.resourceGroup,
    useManagedIdentityExtension: true,
    resourceManagerEndpoint: zoneServer.endpoint,
    resourceManagerAudience: zoneServer.endpoint,
    activeDirectoryAuthorityHost: `${zoneServer.endpoint}/`,
  };
}

async function launch(setup: Setup, args: readonly string[]): Promise<Launched> {
  const { options, binary, folder, logFile } = setup;
  const { zoneServer, caller, version } = options;
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const process = startProcess({
    command: binary,
    args: replaced(flagsOf(setup, metricsAddress), args),
    cwd: folder,
    env: { ...zoneServer.environmentOf(caller), SSL_CERT_FILE: zoneServer.caFile, KUBECONFIG: undefined },
    logFile,
  });
  const metricsUrl = `http://${metricsAddress}`;
  const isReady = async (): Promise<boolean> => (await metricOf(metricsUrl, LAST_SYNC)) > 0;
  await waitUntilReady({
    what: `external-dns ${version} of ${caller}`,
    process,
    deadlineMs: START_DEADLINE_MS,
    isReady,
  });
  return { process, metricsUrl };
}

function flagsOf(setup: Setup, metricsAddress: string): readonly string[] {
  const { options, kubeconfig, configFile } = setup;
  const { zone, ownerId, policy = "upsert-only", labelFilter, intervalSeconds = DEFAULT_INTERVAL_SECONDS } = options;
  return [
    `--kubeconfig=${kubeconfig}`,
    "--source=crd",
    "--provider=azure-private-dns",
    `--azure-config-file=${configFile}`,
    `--domain-filter=${zone.zone}`,
    "--registry=txt",
    `--txt-owner-id=${ownerId}`,
    "--txt-prefix=_xdns-%{record_type}.",
    "--txt-wildcard-replacement=any",
    `--policy=${policy}`,
    ...(labelFilter === undefined ? [] : [`--label-filter=${labelFilter}`]),
    `--interval=${intervalSeconds}s`,
    "--min-event-sync-interval=1s",
    `--metrics-address=${metricsAddress}`,
  ];
}

/** A flag of the same name is taken out first: given twice, its parser refuses it. */
function replaced(flags: readonly string[], args: readonly string[]): readonly string[] {
  const names = new Set(args.map(nameOf));
  const isEmptyPrefix = (arg: string): boolean => arg === "--txt-prefix=";
  return [...flags.filter((flag) => !names.has(nameOf(flag))), ...args.filter((arg) => !isEmptyPrefix(arg))];
}

const nameOf = (flag: string): string => flag.split("=")[0] ?? flag;

const LAST_SYNC = "external_dns_controller_last_sync_timestamp_seconds";
const LAST_PASS = "external_dns_controller_last_reconcile_timestamp_seconds";

async function metricOf(metricsUrl: string, name: string): Promise<number> {
  const answer = await fetch(`${metricsUrl}/metrics`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  const line = (await answer.text()).split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

function handleOf(setup: Setup, first: Launched): ExternalDns {
  const { options, folder, logFile } = setup;
  let current = first;
  let lastArgs = options.args ?? [];
  let wholeLog: string | undefined;
  const kill = async (): Promise<void> => await current.process.end();
  return {
    version: options.version,
    caller: options.caller,
    get metricsUrl() {
      return current.metricsUrl;
    },
    log: () => wholeLog ?? readFileSync(logFile, "utf8"),
    ending: () => current.process.ending(),
    metric: (name) => metricOf(current.metricsUrl, name),
    passed: (count = 1) => waitForPasses(current, count),
    freeze: () => current.process.signal("SIGSTOP"),
    thaw: () => current.process.signal("SIGCONT"),
    kill,
    restart: async (args = lastArgs) => {
      await kill();
      lastArgs = args;
      current = await startOnFreePort(() => launch(setup, args));
    },
    stop: async () => {
      current.process.signal("SIGTERM");
      // A frozen one would never see it.
      current.process.signal("SIGCONT");
      await current.process.ended(STOP_DEADLINE_MS);
      await kill();
      wholeLog ??= readFileSync(logFile, "utf8");
      removeNow(folder);
    },
  };
}

/** A pass that was under way when this began does not count: it may have read the zone before. */
async function waitForPasses(launched: Launched, count: number): Promise<void> {
  const deadlineAtMs = Date.now() + PASS_DEADLINE_MS;
  const { process, metricsUrl } = launched;
  const before = await metricOf(metricsUrl, LAST_PASS);
  const counted = new Set([before]);
  let latest = before;
  for (let ended = 0; ended < count;) {
    if (process.ending() !== undefined) throw new Error(`external-dns ended: ${process.logTail()}`);
    if (Date.now() > deadlineAtMs)
      throw new Error(`external-dns made ${ended} of ${count} passes: ${process.logTail()}`);
    await delay(POLL_MS);
    const [begun, synced] = [await metricOf(metricsUrl, LAST_PASS), await metricOf(metricsUrl, LAST_SYNC)];
    // Where passes take longer than the interval, the next one begins in the moment in which the last one ends.
    for (const pass of new Set([latest, begun])) {
      if (counted.has(pass) || synced < pass) continue;
      counted.add(pass);
      ended += 1;
    }
    latest = begun;
  }
}
