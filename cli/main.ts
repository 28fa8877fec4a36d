/** The real process around the command line. */
import { userInfo } from "node:os";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { WriteStream } from "node:tty";
import { EXIT } from "./exit-codes.ts";
import type { CliHost, Output } from "./host.ts";
import { rewritesLines } from "./rewrites-lines.ts";
import { runCli } from "./run-cli.ts";
import { styledPaint } from "./styled-paint.ts";

let isOutputLost = false;
// Whoever asked did not get the answer, on a full disk for example. The work goes on to its end: it may be writing.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no error of ours.
  if (error.code === "EPIPE" || isOutputLost) return;
  isOutputLost = true;
  process.exitCode = EXIT.error;
  process.stderr.write(`error: the result cannot be written to stdout: ${error.message}\n`);
});
const endedWith = await runCli(process.argv.slice(2), processHost());
process.exitCode = isOutputLost ? EXIT.error : endedWith;

function processHost(): CliHost {
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    // Loaded when a command needs it: --help and usage errors answer at once.
    compose: async (options) => (await import("../shared/compose.ts")).composeFleetApp(options),
    diagnose: async (options) => (await import("../shared/compose-doctor.ts")).diagnose(options),
    serve: async (options) => (await import("./serve/serve.ts")).serve(options),
    readText: (path) => readFile(path, "utf8"),
    onInterrupt,
    exit: (exitCode) => process.exit(exitCode),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    userName: userInfo().username,
  };
}

function output(stream: WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    rewritesLines: rewritesLines(stream),
    columns: stream.isTTY ? stream.columns : undefined,
    paint: styledPaint(stream),
  };
}

function onInterrupt(listener: (exitCode: number) => void): () => void {
  const interrupted = () => listener(130);
  const terminated = () => listener(143);
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", terminated);
  return () => {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", terminated);
  };
}
