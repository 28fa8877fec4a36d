#!/usr/bin/env node
/**
 * The command `service-router`. Plain JavaScript, so that an older Node can read it: it hands over to the Node that the
 * dependencies bring along, or says in one sentence what is needed. Everything else is main.ts.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Floor of the HTTP client; TypeScript is run as it is from 22.18 on. As `engines.node` in package.json. */
const OLDEST = [22, 19];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  await import("./main.ts");
} else {
  handOver(pinnedNode());
}

/** Path of the Node among the dependencies; undefined where there is none for this machine. */
function pinnedNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), "bin", platform === "win" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

/** Runs this file again with that Node; input, output, signals and the exit code are passed on. */
function handOver(node) {
  const wanted = OLDEST.join(".");
  if (node === undefined) {
    process.stderr.write(
      `service-router needs Node ${wanted} or later and this is ${process.versions.node}; install it.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  // A terminal sends Ctrl-C to both processes; twice would mean "at once".
  const passedOn = process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : ["SIGTERM", "SIGHUP", "SIGINT"];
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    process.on(signal, () => passedOn.includes(signal) && child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(`service-router needs Node ${wanted} or later; ${node} cannot be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
  });
}
