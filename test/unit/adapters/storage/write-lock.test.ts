import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireWriteLock, takeGeneration } from "../../../../shared/adapters/storage/write-lock.ts";
import { StoreUnavailableError } from "../../../../shared/errors.ts";

const PATIENT = { staleAfterMs: 5_000, waitMs: 10_000 };
const HASTY = { staleAfterMs: 5, waitMs: 10_000 };
const GIVES_UP = { staleAfterMs: 5_000, waitMs: 20 };

let directory: string;
let folder: string;
let target: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "write-lock-"));
  folder = join(directory, ".locks", "order.json");
  target = join(directory, "order.json");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const content = async (): Promise<string> => (await readFile(target)).toString("utf8");

describe("acquireWriteLock", () => {
  it("publishes what its holder wrote", async () => {
    const lock = await acquireWriteLock(folder, PATIENT);
    expect(await lock.publish(Buffer.from("one"), target)).toBe(true);
    await lock.release();
    expect(await content()).toBe("one");
  });

  it("takes nothing from a holder who was only slow and whose lock was ended: the old one's write never appears", async () => {
    const asleep = await acquireWriteLock(folder, PATIENT);
    const next = await acquireWriteLock(folder, HASTY);
    expect(await next.publish(Buffer.from("next"), target)).toBe(true);
    await next.release();
    expect(await asleep.publish(Buffer.from("late"), target)).toBe(false);
    expect(await content()).toBe("next");
    await asleep.release();
    const after = await acquireWriteLock(folder, GIVES_UP);
    expect(await after.publish(Buffer.from("after"), target)).toBe(true);
    expect(await content()).toBe("after");
  });

  it("leaves the lock of a newer holder alone when an old one releases", async () => {
    const asleep = await acquireWriteLock(folder, PATIENT);
    const next = await acquireWriteLock(folder, HASTY);
    await asleep.release();
    await expect(acquireWriteLock(folder, GIVES_UP)).rejects.toThrow(StoreUnavailableError);
    expect(await next.publish(Buffer.from("next"), target)).toBe(true);
  });

  it("gives up after its time with the path and what to do", async () => {
    await acquireWriteLock(folder, PATIENT);
    await expect(acquireWriteLock(folder, GIVES_UP)).rejects.toThrow(
      `${folder} was locked by other processes for 20 ms; try again, and if it stays, stop them`,
    );
  });

  it("goes on after a process that died with a half-written file, and cleans up behind it", async () => {
    await mkdir(join(folder, "7"), { recursive: true });
    await writeFile(join(folder, "7", "new"), "half");
    const lock = await acquireWriteLock(folder, HASTY);
    await lock.publish(Buffer.from("whole"), target);
    await lock.release();
    expect(await content()).toBe("whole");
    expect(await readdir(folder)).toEqual(["8.done"]);
  });

  it("does not mistake a number that is over, or was created too late, for a holder", async () => {
    for (const name of ["3", "9.done", "9", "notes"]) await mkdir(join(folder, name), { recursive: true });
    const lock = await acquireWriteLock(folder, GIVES_UP);
    expect(await lock.publish(Buffer.from("ten"), target)).toBe(true);
    await lock.release();
    expect((await readdir(folder)).toSorted()).toEqual(["10.done", "notes"]);
  });

  it("is held by one of many at any time", async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const lock = await acquireWriteLock(folder, PATIENT);
        inside += 1;
        most = Math.max(most, inside);
        await lock.publish(Buffer.from(String(index)), target);
        inside -= 1;
        await lock.release();
      }),
    );
    expect(most).toBe(1);
  });

  it("says that nothing was published when the store's directory is deleted under it", async () => {
    const lock = await acquireWriteLock(folder, PATIENT);
    await rm(directory, { recursive: true });
    expect(await lock.publish(Buffer.from("lost"), target)).toBe(false);
    await expect(lock.release()).resolves.toBeUndefined();
  });
});

describe("takeGeneration", () => {
  it.each([
    ["over and cleaned up", ["9.done"], 5],
    ["over", ["5.done"], 5],
    ["cleaned up while a later one is held", ["9"], 5],
    ["held", ["5"], 5],
  ])("gives no lock for a number that is %s, and leaves everything as it was", async (_what, entries, generation) => {
    for (const entry of entries) await mkdir(join(folder, entry), { recursive: true });
    expect(await takeGeneration(folder, generation)).toBeUndefined();
    expect(await readdir(folder)).toEqual(entries);
  });
});
