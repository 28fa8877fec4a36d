/**
 * Runs deployed files in a process of their own, as Azure does: found by the `main` glob of their package.json, with only the
 * settings that are given, and with everything they print kept. Calls go through the worker's wire shapes.
 */
import { fork, type ChildProcess } from "node:child_process";
import { readFile, glob } from "node:fs/promises";
import { join } from "node:path";
import type { Invocation, LogEntry, RegisteredFunction } from "../../../cli/serve/functions-runtime.ts";
import { matchRoute, routesOf } from "../../../cli/serve/routes.ts";
import { eventData, httpAnswer, httpData, timerData, type HttpAnswer } from "../../../cli/serve/wire.ts";
import type { WireData } from "../../../cli/serve/worker-protocol.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

export type Invoked = { readonly invocation: Invocation; readonly logs: readonly LogEntry[] };

export type Worker = {
  readonly functions: readonly RegisteredFunction[];
  /** From the first import to registered functions. */
  readonly loadMs: number;
  /** All that the process has printed. */
  printed(): string;
  http(line: string, body?: unknown): Promise<HttpAnswer & { readonly logs: readonly LogEntry[] }>;
  timer(name: string): Promise<Invoked>;
  event(name: string, event: unknown): Promise<Invoked>;
  /** @returns the exit code, or "held open" when the process did not end by itself within 5 s and was killed. */
  stop(): Promise<number | "held open">;
};

export type WorkerOptions = {
  /** Where package.json lies. */
  readonly directory: string;
  /** The whole environment of the process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than this one. */
  readonly execPath?: string;
};

const CHILD = join(import.meta.dirname, "worker-process.ts");
const STOP_MS = 5_000;

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const files = await entryFiles(options.directory);
  const child = fork(CHILD, files, {
    env: { ...options.env },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    ...(options.execPath === undefined ? {} : { execPath: options.execPath }),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const loaded = await nextMessage(
    child,
    (message) => message.kind === "loaded",
    () => output,
  );
  if (loaded.kind !== "loaded") {
    throw new Error(`the worker said ${loaded.kind} before it was loaded`);
  }
  const { functions, loadMs } = loaded;
  let calls = 0;
  const invoke = async (name: string, data: WireData): Promise<Invoked> => {
    const id = (calls += 1);
    const answered = nextMessage(
      child,
      (message) => message.kind === "invoked" && message.id === id,
      () => output,
    );
    child.send({ kind: "invoke", id, name, data } satisfies ToWorker);
    const message = await answered;
    if (message.kind !== "invoked") {
      throw new Error(`the worker answered ${message.kind} to an invocation`);
    }
    return { invocation: message.invocation, logs: message.logs };
  };
  return {
    functions,
    loadMs,
    printed: () => output,
    http: (line, body) => callHttp(functions, invoke, line, body),
    timer: (name) => invoke(name, timerData({ pastDue: false })),
    event: (name, event) => invoke(name, eventData(event)),
    stop: () => stop(child),
  };
}

/** What the worker would load: the files that `main` matches, as a glob. */
export async function entryFiles(directory: string): Promise<readonly string[]> {
  const { main } = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as { readonly main: string };
  const files: string[] = [];
  for await (const file of glob(main, { cwd: directory })) {
    files.push(join(directory, file));
  }
  return files.toSorted();
}

function nextMessage(
  child: ChildProcess,
  wanted: (message: FromWorker) => boolean,
  printed: () => string,
): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromWorker) => {
      if (wanted(message)) {
        child.off("message", onMessage).off("exit", onExit);
        resolve(message);
      }
    };
    const onExit = (code: number | null) => reject(new Error(`the worker ended with ${code}: ${printed()}`));
    child.on("message", onMessage).on("exit", onExit);
  });
}

async function callHttp(
  functions: readonly RegisteredFunction[],
  invoke: (name: string, data: WireData) => Promise<Invoked>,
  line: string,
  body: unknown,
): Promise<HttpAnswer & { readonly logs: readonly LogEntry[] }> {
  const [method = "", path = ""] = line.split(" ");
  const url = `https://fleet.example.com${path}`;
  const match = matchRoute(routesOf(functions, "api"), method, new URL(url).pathname);
  if (match === undefined) {
    throw new Error(`no function answers ${line}`);
  }
  const bytes = Buffer.from(body === undefined ? "" : JSON.stringify(body));
  const data = httpData({ method, url, headers: {}, params: match.params, body: bytes });
  const { invocation, logs } = await invoke(match.route.functionName, data);
  return { ...httpAnswer(invocation), logs };
}

function stop(child: ChildProcess): Promise<number | "held open"> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      child.off("exit", onExit).kill("SIGKILL");
      resolve("held open");
    }, STOP_MS);
    const onExit = (code: number | null) => {
      clearTimeout(limit);
      resolve(code ?? -1);
    };
    child.once("exit", onExit);
    child.send({ kind: "stop" } satisfies ToWorker);
  });
}
