/**
 * One writer at a time per document, across processes of one machine, without trusting anybody to stay alive.
 *
 * The lock is a folder of numbered generations: `7/` is held, `7.done/` is over. The next writer creates `8/`, which only one
 * can. The held folder also contains the file being written, and publishing is a rename out of it. So whoever ends a
 * generation for a writer that seems dead (renaming `7/` to `7.done/`, then deleting it) takes that writer's file away with
 * it: if it was only asleep, its rename fails and nothing of it ever appears. No clock, process id or promise of the old
 * writer is relied on.
 *
 * A generation counts as abandoned when this process has seen the same one for `staleAfterMs` of its own monotonic time; no
 * wall clock or file time is compared. Waiting is in real time, not on the injected Clock: it is about the file system.
 * Needs rename and mkdir to be atomic: local disks are; machines that share a store use blob storage.
 */
import { mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { StoreUnavailableError } from "../../errors.ts";
import { errorCode } from "./file-faults.ts";

export type LockPatience = {
  /** A writer holds the lock for a few milliseconds; one that holds it this long is taken for dead. */
  readonly staleAfterMs: number;
  /** Give up after this long; more than `staleAfterMs`, so that one dead writer is survived. */
  readonly waitMs: number;
};

export type HeldLock = {
  /**
   * Makes `bytes` the content of `target`, completely or not at all, on disk before this resolves.
   * @returns false when this lock was taken for abandoned meanwhile: nothing was written, start again.
   */
  publish(bytes: Uint8Array, target: string): Promise<boolean>;
  /** Never rejects: a lock that cannot be given back is ended by the next writer, and what was published stays. */
  release(): Promise<void>;
};

const POLL_MS = { first: 2, most: 10 } as const;

type Generations = {
  readonly highest: number;
  readonly held: boolean;
  /** Names below the highest: generations that are over, and late numbers that never were a lock. */
  readonly remains: readonly string[];
};

/** @throws StoreUnavailableError after `waitMs`; file system errors as they are. */
export async function acquireWriteLock(folder: string, patience: LockPatience): Promise<HeldLock> {
  await mkdir(folder, { recursive: true });
  const deadlineMs = performance.now() + patience.waitMs;
  let seen = { generation: -1, sinceMs: 0 };
  let pollMs: number = POLL_MS.first;
  while (performance.now() < deadlineMs) {
    const generations = await readGenerations(folder);
    if (!generations.held) {
      const held = await takeGeneration(folder, generations.highest + 1);
      if (held !== undefined) return held;
      continue;
    }
    if (seen.generation !== generations.highest) {
      seen = { generation: generations.highest, sinceMs: performance.now() };
    } else if (performance.now() - seen.sinceMs >= patience.staleAfterMs) {
      await endGeneration(folder, generations.highest);
      continue;
    }
    await delay(pollMs);
    pollMs = Math.min(pollMs * 2, POLL_MS.most);
  }
  throw new StoreUnavailableError(
    `${folder} was locked by other processes for ${patience.waitMs} ms; try again, and if it stays, stop them`,
  );
}

/**
 * Exported for the test of the case that decides: `generation` comes from a listing that may be old by now.
 * @returns undefined when it is another writer's, or over already.
 */
export async function takeGeneration(folder: string, generation: number): Promise<HeldLock | undefined> {
  const own = join(folder, String(generation));
  try {
    await mkdir(own);
  } catch (caught) {
    if (errorCode(caught) === "EEXIST") return undefined;
    throw caught;
  }
  // Whoever created a number that was over already, and cleaned up, must not take it for the lock.
  const now = await readGenerations(folder);
  if (now.highest !== generation || !now.held) {
    await ignoring(["ENOENT"], rmdir(own));
    return undefined;
  }
  try {
    for (const name of now.remains) await removeRemains(join(folder, name));
  } catch (caught) {
    await endGeneration(folder, generation);
    throw caught;
  }
  return heldLock(folder, generation);
}

function heldLock(folder: string, generation: number): HeldLock {
  const staged = join(folder, String(generation), "new");
  return {
    publish: async (bytes, target) => {
      try {
        await writeDurably(staged, bytes);
        await rename(staged, target);
      } catch (caught) {
        if (errorCode(caught) === "ENOENT") return false;
        throw caught;
      }
      await syncFolder(join(target, ".."));
      return true;
    },
    release: async () => {
      try {
        await endGeneration(folder, generation);
      } catch {
        // See HeldLock: the next writer ends it.
      }
    },
  };
}

/**
 * More than tidiness: a rename that was under way in the kernel when its generation was ended can still succeed. Once the
 * file is deleted it cannot, and this is before the new holder reads what it will replace. So a failure here is final.
 * Retries: a writer that is not dead may put its file there while the folder is being deleted.
 */
async function removeRemains(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 5 });
}

/** The highest number decides; it is never removed, so a number can not come back. */
async function readGenerations(folder: string): Promise<Generations> {
  const entries = (await readdir(folder)).flatMap((name) => {
    const match = /^(\d{1,15})(\.done)?$/.exec(name);
    return match === null ? [] : [{ name, number: Number(match[1]), over: match[2] !== undefined }];
  });
  const highest = entries.reduce((most, entry) => Math.max(most, entry.number), 0);
  const top = entries.filter((entry) => entry.number === highest);
  return {
    highest,
    held: top.length > 0 && top.every((entry) => !entry.over),
    remains: entries.filter((entry) => entry.number < highest).map((entry) => entry.name),
  };
}

/** Somebody else may have ended it first. ENOTEMPTY: a late number was created beside its own end; it holds nothing. */
async function endGeneration(folder: string, generation: number): Promise<void> {
  await ignoring(
    ["ENOENT", "ENOTEMPTY", "EEXIST"],
    rename(join(folder, String(generation)), join(folder, `${generation}.done`)),
  );
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename survive a power cut. Windows cannot open folders; there the file system's journal has to do. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function ignoring(codes: readonly string[], work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (caught) {
    if (!codes.includes(errorCode(caught) ?? "")) throw caught;
  }
}
