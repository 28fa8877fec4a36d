/** A real etcd for the API servers of the tests; one serves several of them, each under its own key prefix. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { etcd } from "./binaries.ts";
import { removeAtExit, removeNow, startProcess } from "./child-process.ts";
import { freePort } from "./ports.ts";
import { startOnFreePort, waitUntilReady } from "./readiness.ts";

const START_DEADLINE_MS = 30_000;
const PROBE_TIMEOUT_MS = 2_000;

export type Etcd = {
  /** Client address, for `--etcd-servers`. */
  readonly endpoint: string;
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>;
};

/** Starts an empty etcd. Its data goes when it stops: nothing of one test run reaches another. */
export async function startEtcd(): Promise<Etcd> {
  const binary = await etcd();
  return await startOnFreePort(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "service-router-etcd-"));
    removeAtExit(folder);
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    const args = [
      "--name=test",
      `--data-dir=${path.join(folder, "data")}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=test=${peer}`,
      "--log-level=warn",
      // Data has to survive the kill of an API server, not a power failure; without fsync writes are much faster.
      "--unsafe-no-fsync",
    ];
    const child = startProcess({ command: binary, args, cwd: folder, logFile: path.join(folder, "etcd.log") });
    try {
      await waitUntilReady({
        what: "etcd",
        process: child,
        deadlineMs: START_DEADLINE_MS,
        isReady: () => isHealthy(endpoint),
      });
    } catch (error) {
      removeNow(folder);
      throw error;
    }
    const stop = async (): Promise<void> => {
      await child.end();
      removeNow(folder);
    };
    return { endpoint, stop };
  });
}

async function isHealthy(endpoint: string): Promise<boolean> {
  const answer = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  return answer.ok && (await answer.text()).includes('"health":"true"');
}
