/**
 * Optional: a real istiod that reads the Istio objects of a test API server, as a judge of what Istio makes of them.
 * It is optional because its source can leave the module proxy at any time; when it is not there, that is said in a
 * sentence and the caller gets undefined. No gateway runs behind it: what only Envoy decides is not shown.
 */
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ApiServer } from "./api-server.ts";
import { findBinary, resolveBinary } from "./binaries.ts";
import { removeAtExit, removeNow, startProcess } from "./child-process.ts";
import { ISTIOD } from "./component.ts";
import { freePort } from "./ports.ts";
import { sayProgress } from "./progress.ts";
import { startOnFreePort, waitUntilReady } from "./readiness.ts";

const START_DEADLINE_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;

/** Answers at once to changes, and leaves out everything that needs certificates, webhooks or other processes. */
const ENVIRONMENT = {
  POD_NAMESPACE: "istio-system",
  POD_NAME: "istiod-test",
  PILOT_CERT_PROVIDER: "none",
  ENABLE_CA_SERVER: "false",
  VALIDATION_WEBHOOK_CONFIG_NAME: "",
  INJECTION_WEBHOOK_CONFIG_NAME: "",
  ENABLE_LEADER_ELECTION: "false",
  PILOT_ENABLE_GATEWAY_API: "false",
  PILOT_DEBOUNCE_AFTER: "10ms",
  PILOT_DEBOUNCE_MAX: "100ms",
};

export type Istiod = {
  /** `127.0.0.1:<port>`: discovery (ADS) as gRPC without TLS; needs no token. */
  readonly discoveryAddress: string;
  /** Origin for `/ready`, `/debug/…` and `/validate`. */
  readonly httpUrl: string;
  /** Origin for `/metrics`. */
  readonly monitoringUrl: string;
  readonly stop: () => Promise<void>;
};

export type IstiodOptions = {
  readonly server: ApiServer;
  /** Needs the right to list and watch what istiod reads; `admin` without it. */
  readonly user?: string;
};

/**
 * `SERVICE_ROUTER_ISTIOD` names a binary; else the cache; else a build, if `SERVICE_ROUTER_BUILD_ISTIOD=1` allows it.
 * @returns undefined, and says so, when it is not available. A wrong name or a failed build throws: it was asked for.
 */
export async function resolveIstiod(): Promise<string | undefined> {
  const given = process.env["SERVICE_ROUTER_ISTIOD"];
  if (given !== undefined && given !== "") {
    if (existsSync(given)) return path.resolve(given);
    throw new Error(`SERVICE_ROUTER_ISTIOD is set to ${given}, but there is no such file.`);
  }
  const cached = findBinary(ISTIOD);
  if (cached !== undefined) return cached;
  if (process.env["SERVICE_ROUTER_BUILD_ISTIOD"] === "1") return await resolveBinary(ISTIOD);
  sayProgress(
    "The tests with a real istiod do not run: set SERVICE_ROUTER_BUILD_ISTIOD=1 to build it (5 to 8 minutes on two cores, once), " +
      "or SERVICE_ROUTER_ISTIOD to a pilot-discovery binary.",
  );
  return undefined;
}

/**
 * Starts istiod on an API server that has Istio's CRDs. One to three seconds.
 * @returns undefined when no binary is available (see `resolveIstiod`).
 */
export async function startIstiod(options: IstiodOptions): Promise<Istiod | undefined> {
  const binary = await resolveIstiod();
  if (binary === undefined) return undefined;
  const kubeconfig = await options.server.kubeconfigFile(options.user ?? "admin");
  return await startOnFreePort(() => launch(binary, kubeconfig));
}

async function launch(binary: string, kubeconfig: string): Promise<Istiod> {
  const folder = mkdtempSync(path.join(tmpdir(), "service-router-istiod-"));
  removeAtExit(folder);
  const meshConfig = path.join(folder, "mesh.yaml");
  writeFileSync(meshConfig, "{}\n");
  const discoveryAddress = `127.0.0.1:${await freePort()}`;
  const httpAddress = `127.0.0.1:${await freePort()}`;
  const monitoringAddress = `127.0.0.1:${await freePort()}`;
  const args = [
    "discovery",
    `--kubeconfig=${kubeconfig}`,
    "--registries=Kubernetes",
    `--grpcAddr=${discoveryAddress}`,
    `--httpAddr=${httpAddress}`,
    `--monitoringAddr=${monitoringAddress}`,
    "--httpsAddr=",
    "--secureGRPCAddr=",
    "--ctrlz_port=0",
    `--meshConfig=${meshConfig}`,
    `--networksConfig=${path.join(folder, "absent")}`,
    "--shutdownDuration=1s",
  ];
  const logFile = path.join(folder, "istiod.log");
  const child = startProcess({ command: binary, args, cwd: folder, env: ENVIRONMENT, logFile });
  const httpUrl = `http://${httpAddress}`;
  const stop = async (): Promise<void> => {
    await child.end();
    removeNow(folder);
  };
  try {
    await waitUntilReady({
      what: "istiod",
      process: child,
      deadlineMs: START_DEADLINE_MS,
      isReady: () => isReady(httpUrl),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { discoveryAddress, httpUrl, monitoringUrl: `http://${monitoringAddress}`, stop };
}

async function isReady(httpUrl: string): Promise<boolean> {
  const answer = await fetch(`${httpUrl}/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  return answer.ok;
}
