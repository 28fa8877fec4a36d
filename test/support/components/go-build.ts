/**
 * Builds one component with Go into the cache: one process at a time, the finished file moved into place at once,
 * so that an interrupted build leaves nothing that looks complete.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { BuildPlan } from "./component.ts";
import { removeAtExit, removeNow, startProcess } from "./child-process.ts";
import { sayProgress } from "./progress.ts";

/** Four minutes on two cores; the rest is for slow machines and slow networks. */
const BUILD_DEADLINE_MS = 30 * 60_000;
const PROGRESS_EVERY_MS = 15_000;
const LOCK_POLL_MS = 500;
const WORK_FOLDER_PREFIX = "build-";

/** What every build shares: no C compiler, and no go.work of a surrounding folder. */
const GO_ENVIRONMENT = { CGO_ENABLED: "0", GOWORK: "off" };

/**
 * @param sourceFolder decides the version where Go switches toolchains by the go line of go.mod.
 * @returns for example "go1.26.8", or undefined when there is no Go or none that is new enough.
 */
export async function goVersion(sourceFolder: string): Promise<string | undefined> {
  try {
    const options = { cwd: sourceFolder, env: { ...process.env, ...GO_ENVIRONMENT }, timeout: 120_000 };
    const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"], options);
    return /^go\d[\w.]*/.exec(stdout.trim())?.[0];
  } catch {
    return undefined;
  }
}

/** Builds unless another process has just done so. @returns `target`. */
export async function buildBinary(plan: BuildPlan, target: string): Promise<string> {
  const lock = `${target}.lock`;
  await takeLock(lock, plan.component.binary);
  try {
    if (existsSync(target)) return target;
    // Left by a build that was killed; whoever holds the lock is the only one to build here.
    for (const name of readdirSync(plan.targetFolder)) {
      if (name.startsWith(WORK_FOLDER_PREFIX)) removeNow(path.join(plan.targetFolder, name));
    }
    await build(plan, target);
    return target;
  } finally {
    rmSync(lock, { force: true });
  }
}

async function build(plan: BuildPlan, target: string): Promise<void> {
  const { component, version } = plan;
  sayProgress(`building ${component.binary} ${version} from source; the first time this takes ${component.coldBuild}`);
  const startedAtMs = Date.now();
  const workFolder = mkdtempSync(path.join(plan.targetFolder, WORK_FOLDER_PREFIX));
  removeAtExit(workFolder);
  const output = path.join(workFolder, component.binary);
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", plan.ldflags];
  const compiler = startProcess({
    command: "go",
    args: ["build", ...flags, "-o", output, component.command],
    cwd: plan.sourceFolder,
    env: GO_ENVIRONMENT,
    logFile: path.join(workFolder, "build.log"),
  });
  try {
    while ((await compiler.ended(PROGRESS_EVERY_MS)) === undefined) {
      const elapsedMs = Date.now() - startedAtMs;
      if (elapsedMs > BUILD_DEADLINE_MS) throw new Error(`building ${component.binary} takes longer than 30 minutes`);
      sayProgress(`still building ${component.binary}, ${seconds(elapsedMs)} s`);
    }
    const ending = compiler.ending();
    if (ending !== "exit code 0") {
      throw new Error(`building ${component.binary} ${version} failed (${ending}): ${compiler.logTail()}`);
    }
    renameSync(output, target);
    sayProgress(`built ${component.binary} ${version} in ${seconds(Date.now() - startedAtMs)} s: ${target}`);
  } finally {
    await compiler.end();
    removeNow(workFolder);
  }
}

/**
 * Creating the file is the lock; it holds the owner's process id. A lock whose owner is gone is taken away. Two waiters
 * that do so in the same instant may both build; that costs time only, since the result is moved into place whole.
 */
async function takeLock(lock: string, what: string): Promise<void> {
  const deadlineAtMs = Date.now() + BUILD_DEADLINE_MS;
  for (let attempt = 0; Date.now() < deadlineAtMs; attempt += 1) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    if (!isOwnerAlive(lock)) rmSync(lock, { force: true });
    else if (attempt === 0) sayProgress(`waiting for another process that builds ${what} (${lock})`);
    await delay(LOCK_POLL_MS);
  }
  throw new Error(`waited 30 minutes for another process to build ${what}; if none does, remove ${lock}`);
}

/** Only "no such process" means dead. A lock that has just vanished or is still empty belongs to somebody at work. */
function isOwnerAlive(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(ms < 10_000 ? 1 : 0);
