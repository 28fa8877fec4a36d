/** Waiting for a component that was just started: bounded, and with the reason from its log when it does not come up. */
import { setTimeout as delay } from "node:timers/promises";
import type { StartedProcess } from "./child-process.ts";

const POLL_MS = 25;
const PORT_ATTEMPTS = 3;

export type Readiness = {
  /** For the error message. */
  readonly what: string;
  readonly process: StartedProcess;
  readonly deadlineMs: number;
  /** One question to the component; an exception counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
};

/** @throws Error with the log's tail when the process ends or does not get ready in time; the process is ended then. */
export async function waitUntilReady(readiness: Readiness): Promise<void> {
  const { what, process, deadlineMs } = readiness;
  const deadlineAtMs = Date.now() + deadlineMs;
  let lastProblem = "not asked yet";
  while (Date.now() < deadlineAtMs && process.ending() === undefined) {
    try {
      if (await readiness.isReady()) return;
      lastProblem = "it answers, but is not ready";
    } catch (error) {
      lastProblem = error instanceof Error ? error.message : String(error);
    }
    await delay(POLL_MS);
  }
  const ending = process.ending();
  await process.end();
  const why = ending === undefined ? `not ready after ${deadlineMs} ms (${lastProblem})` : `ended by ${ending}`;
  throw new Error(`${what} did not start: ${why}; end of its log:\n${process.logTail()}`);
}

/**
 * A port that was free can be taken before the component binds it; then the start is tried again with another one.
 * @param start picks its own port on each call.
 */
export async function startOnFreePort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes("address already in use");
      if (!isTaken || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}
