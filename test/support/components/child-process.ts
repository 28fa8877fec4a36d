/**
 * Child processes of the tests (etcd, kube-apiserver, go build, …): started, logged to a file, and never left behind.
 * Each child leads its own process group. Three things end it: `end()`, the exit of this process, and, when this process
 * is killed without a chance to clean up (SIGKILL, a crash of the runner), a reaper shell that notices its closed pipe.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** Enough to hold the reason of a failed start; kube-apiserver prints long lines. */
const LOG_TAIL_BYTES = 6_000;
const EXIT_POLL_MS = 10;
const EXIT_DEADLINE_MS = 15_000;

export type StartOptions = {
  readonly command: string;
  readonly args: readonly string[];
  /** Receives stdout and stderr; appended to, so that a restart keeps what came before. */
  readonly logFile: string;
  readonly cwd?: string;
  /** Added to the environment of this process; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

export type StartedProcess = {
  readonly pid: number;
  /** How it ended ("exit code 1", "signal SIGKILL"), or undefined while it runs. */
  readonly ending: () => string | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Kills the whole group and waits until the process is gone. */
  readonly end: () => Promise<void>;
  /** Waits for an end by itself; answers undefined when it still runs after `timeoutMs`. */
  readonly ended: (timeoutMs: number) => Promise<string | undefined>;
  readonly logTail: () => string;
};

const running = new Set<number>();
const foldersToRemove = new Set<string>();
let reaper: Writable | undefined;
let exitHookInstalled = false;

/** Removes the folder when this process ends in any way; `stop()` of a component removes it earlier. */
export function removeAtExit(folder: string): void {
  installExitHook();
  foldersToRemove.add(folder);
  tellReaper(`folder ${folder}`);
}

export function removeNow(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  foldersToRemove.delete(folder);
}

/** Starts a command; a missing executable shows as `ending()` and not as an exception. */
export function startProcess(options: StartOptions): StartedProcess {
  installExitHook();
  const log = openSync(options.logFile, "a");
  const logStart = fstatSync(log).size;
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", log, log],
    detached: process.platform !== "win32",
  });
  closeSync(log);
  const ending = watchEnding(child);
  const pid = child.pid ?? 0;
  if (pid > 0) {
    running.add(pid);
    tellReaper(`add ${pid}`);
  }
  // A forgotten stop() must not keep a script alive for ever; the exit hook then ends the child.
  child.unref();
  const ended = async (timeoutMs: number): Promise<string | undefined> => {
    const deadlineAtMs = Date.now() + timeoutMs;
    while (ending() === undefined && Date.now() < deadlineAtMs) await delay(EXIT_POLL_MS);
    return ending();
  };
  return {
    pid,
    ending,
    signal: (signal) => signalGroup(pid, signal),
    end: async () => {
      signalGroup(pid, "SIGKILL");
      if ((await ended(EXIT_DEADLINE_MS)) === undefined) throw new Error(`${options.command} (${pid}) does not end`);
    },
    ended,
    logTail: () => readTail(options.logFile, logStart),
  };
}

function watchEnding(child: ChildProcess): () => string | undefined {
  let ending: string | undefined;
  child.once("error", (error) => {
    ending ??= error.message;
  });
  child.once("exit", (code, signal) => {
    ending ??= signal === null ? `exit code ${code}` : `signal ${signal}`;
    if (child.pid === undefined) return;
    running.delete(child.pid);
    tellReaper(`drop ${child.pid}`);
  });
  return () => ending;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (!running.has(pid)) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // It ended a moment ago; its exit event is on the way.
  }
}

function installExitHook(): void {
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.once("exit", () => {
    for (const pid of running) signalGroup(pid, "SIGKILL");
    for (const folder of foldersToRemove) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
}

/**
 * One shell per test process. It reads process ids and folders from a pipe; when the pipe closes, its writer is gone,
 * however that happened, and it kills the groups and removes the folders that are left. Ended children are dropped from
 * its list, since their ids may be given to others. `kill -s KILL --` is the form that every POSIX shell knows.
 */
const REAPER_SCRIPT = `
left=" "
while read -r verb what; do
  case "$verb" in
    add) left="$left$what " ;;
    drop) left="\${left%% $what *} \${left#* $what }" ;;
    folder) set -- "$@" "$what" ;;
  esac
done
for pid in $left; do kill -s KILL -- "-$pid" 2>/dev/null; done
if [ "$left" != " " ]; then sleep 1; fi
for folder in "$@"; do rm -rf -- "$folder"; done
`;

function tellReaper(line: string): void {
  if (process.platform === "win32") return;
  reaper ??= startReaper();
  reaper.write(`${line}\n`);
}

function startReaper(): Writable {
  const shell = spawn("/bin/sh", ["-c", REAPER_SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.unref();
  const pipe = shell.stdin;
  // Without a reaper the exit hook still works; only a killed test process would leave children behind.
  shell.on("error", () => {});
  pipe.on("error", () => {});
  if ("unref" in pipe && typeof pipe.unref === "function") pipe.unref();
  return pipe;
}

function readTail(file: string, from: number): string {
  const log = openSync(file, "r");
  try {
    const { size } = fstatSync(log);
    const start = Math.max(from, size - LOG_TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    readSync(log, bytes, 0, bytes.length, start);
    return bytes.toString("utf8").trim();
  } finally {
    closeSync(log);
  }
}
