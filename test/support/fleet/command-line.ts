/** The real command line as a child process: what a person types, sees and gets as an exit code. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { CliHost, Output } from "../../../cli/host.ts";
import { runCli } from "../../../cli/run-cli.ts";
import { composeFleetApp } from "../../../shared/compose.ts";
import { diagnose } from "../../../shared/compose-doctor.ts";
import { plainPaint } from "../../../shared/presentation/document.ts";
import { type StartedProcess, startProcess } from "../components/child-process.ts";

const ENTRY = path.join(import.meta.dirname, "..", "..", "..", "cli", "service-router.mjs");
const DEADLINE_MS = 120_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CommandOptions = {
  /** Without it: no `--config`. */
  readonly configurationPath?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Nothing of the machine reaches the command but what a test says. */
function environment(options: CommandOptions): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: "", SERVICE_ROUTER_CONFIG: "", NO_COLOR: "1", ...options.env };
}

function argumentsOf(options: CommandOptions, args: readonly string[]): readonly string[] {
  return [ENTRY, ...args, ...configOf(options)];
}

function configOf({ configurationPath }: CommandOptions): readonly string[] {
  return configurationPath === undefined ? [] : ["--config", configurationPath];
}

export function runCommand(options: CommandOptions, ...args: readonly string[]): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const settings = { env: environment(options), timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT_BYTES };
  const child = execFile(process.execPath, argumentsOf(options, args), settings, (error, stdout, stderr) => {
    const code = child.exitCode;
    if (code === null)
      reject(new Error(`${args.join(" ")} did not end by itself; its output:\n${stdout}${stderr}`, { cause: error }));
    else resolve({ code, stdout, stderr });
  });
  return promise;
}

/** The same commands inside this process: for the many places where only the text matters, a second less for each. */
export async function runHere(options: CommandOptions, ...args: readonly string[]): Promise<CommandResult> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Output => ({
    write: (text) => {
      written[name] += text;
    },
    rewritesLines: false,
    columns: undefined,
    paint: plainPaint,
  });
  const host: CliHost = {
    stdout: output("stdout"),
    stderr: output("stderr"),
    compose: composeFleetApp,
    diagnose,
    serve: () => Promise.reject(new Error("serve is not run inside a test")),
    readText: (file) => readFile(file, "utf8"),
    onInterrupt: () => () => {},
    exit: () => {},
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal }),
    userName: "tester",
  };
  const code = await runCli([...args, ...configOf(options)], host);
  return { code, ...written };
}

/** Starts the command and returns at once: for tests that kill it. Its output goes to `logFile`. */
export function startCommand(options: CommandOptions, logFile: string, ...args: readonly string[]): StartedProcess {
  return startProcess({
    command: process.execPath,
    args: argumentsOf(options, args),
    env: environment(options),
    logFile,
  });
}
