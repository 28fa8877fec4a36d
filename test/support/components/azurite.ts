/** A real Azurite blob service (npm package `azurite`), in memory, for tests of leases and conditional writes. */
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { removeAtExit, removeNow, startProcess } from "./child-process.ts";
import { freePort } from "./ports.ts";
import { startOnFreePort, waitUntilReady } from "./readiness.ts";

const START_DEADLINE_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;

/** Public constants of every Azurite, not a secret: https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

export type Azurite = {
  /** With the account, as SDKs want it: `http://127.0.0.1:<port>/devstoreaccount1`. */
  readonly blobEndpoint: string;
  readonly account: string;
  readonly key: string;
  readonly connectionString: string;
  /** Ends it; everything stored is gone. */
  readonly stop: () => Promise<void>;
};

/** Starts an empty blob service. About two seconds. @throws Error of one sentence when the package is missing. */
export async function startAzurite(): Promise<Azurite> {
  const script = azuriteScript();
  return await startOnFreePort(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "service-router-azurite-"));
    removeAtExit(folder);
    const port = await freePort();
    const args = [
      script,
      "--inMemoryPersistence",
      "--silent",
      "--disableTelemetry",
      // The SDK speaks a newer API version than any released Azurite knows; what is used here is the same in both.
      "--skipApiVersionCheck",
      "--blobHost=127.0.0.1",
      `--blobPort=${port}`,
    ];
    const child = startProcess({
      command: process.execPath,
      args,
      cwd: folder,
      logFile: path.join(folder, "azurite.log"),
    });
    const origin = `http://127.0.0.1:${port}`;
    try {
      await waitUntilReady({
        what: "Azurite",
        process: child,
        deadlineMs: START_DEADLINE_MS,
        isReady: () => answers(origin),
      });
    } catch (error) {
      removeNow(folder);
      throw error;
    }
    const blobEndpoint = `${origin}/${ACCOUNT}`;
    return {
      blobEndpoint,
      account: ACCOUNT,
      key: KEY,
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${blobEndpoint};`,
      stop: async () => {
        await child.end();
        removeNow(folder);
      },
    };
  });
}

function azuriteScript(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve("azurite/package.json");
    return path.join(path.dirname(manifest), "dist", "src", "blob", "main.js");
  } catch (error) {
    throw new Error("The tests of the state store need Azurite: run `npm ci` without --omit=dev.", { cause: error });
  }
}

/** Any HTTP answer will do; Azurite sends `Server: Azurite-Blob/…` with each, also with a refusal. */
async function answers(origin: string): Promise<boolean> {
  const answer = await fetch(`${origin}/${ACCOUNT}?comp=list`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await answer.arrayBuffer();
  return answer.headers.get("server")?.startsWith("Azurite") === true;
}
