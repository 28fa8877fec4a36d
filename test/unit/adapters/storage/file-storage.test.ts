import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileFault } from "../../../../shared/adapters/storage/file-faults.ts";
import { FileStorage } from "../../../../shared/adapters/storage/file-storage.ts";
import { LeaseHeldError, StoreUnavailableError } from "../../../../shared/errors.ts";
import { createTestClock } from "../../../support/clock.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "file-storage-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const open = (at: string): FileStorage => new FileStorage({ directory: at, clock: createTestClock() });
const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

describe("FileStorage", () => {
  it("makes the same version of the same content, and another one of another", async () => {
    const storage = open(directory);
    const one = await storage.write("a.json", bytes("x"), "absent");
    expect(await storage.write("b.json", bytes("x"), "absent")).toBe(one);
    expect(await storage.write("b.json", bytes("y"), one)).not.toBe(one);
  });

  it("sends no bytes of a version that the caller knows", async () => {
    const storage = open(directory);
    const version = await storage.write("a.json", bytes("x"), "absent");
    expect(await storage.read("a.json", version)).toEqual({ found: "unchanged" });
    await writeFile(join(directory, "a.json"), "edited by hand");
    expect(await storage.read("a.json", version)).toMatchObject({ found: "bytes" });
  });

  it("creates nothing by reading", async () => {
    const storage = open(join(directory, "new"));
    await storage.read("a.json");
    await storage.list("last-good");
    expect(await readdir(directory)).toEqual([]);
  });

  it.each(["read", "write", "list", "lease"])("names the path and what to do when it cannot %s", async (operation) => {
    const blocked = join(directory, "file");
    await writeFile(blocked, "in the way");
    const storage = open(blocked);
    const attempt = {
      read: () => storage.read("a.json"),
      write: () => storage.write("a.json", bytes("x"), "absent"),
      list: () => storage.list("last-good"),
      lease: () => storage.acquireLease("reconcile", "a", 60_000),
    }[operation];
    const failed = await attempt?.().catch((caught: unknown) => caught);
    expect(failed).toBeInstanceOf(StoreUnavailableError);
    expect(String(failed)).toContain(blocked);
    expect(String(failed)).toMatch(/move it away, or set store\.file to another one \(ENOTDIR\)/);
  });

  it("does not read a directory as a document", async () => {
    await mkdir(join(directory, "a.json"));
    await expect(open(directory).read("a.json")).rejects.toThrow(/a\.json: it is a directory.*EISDIR/);
  });

  it.each(["", "{", '{"schema":1}', '{"schema":2,"holder":"a"}'])(
    "lets nobody in on a lease record that cannot be read: %s",
    async (text) => {
      await mkdir(join(directory, "leases"));
      await writeFile(join(directory, "leases", "reconcile.json"), text);
      await expect(open(directory).acquireLease("reconcile", "a", 60_000)).rejects.toThrow(
        /leases\/reconcile\.json is not a lease record .* delete it while no other process uses this store/,
      );
    },
  );

  it("keeps a lease for the next process of the same machine", async () => {
    await open(directory).acquireLease("reconcile", "first", 60_000);
    await expect(open(directory).acquireLease("reconcile", "second", 60_000)).rejects.toThrow(LeaseHeldError);
  });
});

describe("fileFault", () => {
  it.each([
    ["EACCES", "let this user read and write it"],
    ["EROFS", "set store.file to a writable one"],
    ["ENOSPC", "free some space"],
    ["EIO", "see the cause"],
  ])("turns %s into words for a person: %s", (code, words) => {
    const cause = Object.assign(new Error("raw"), { code });
    const fault = fileFault("write", "/state/a.json", cause);
    expect(fault).toBeInstanceOf(StoreUnavailableError);
    expect(fault.message).toContain("cannot write /state/a.json: ");
    expect(fault.message).toContain(words);
    expect(fault.cause).toBe(cause);
  });

  it("leaves errors of this project and bugs as they are", () => {
    const own = new StoreUnavailableError("known");
    const bug = new TypeError("undefined is not a function");
    expect(fileFault("read", "x", own)).toBe(own);
    expect(fileFault("read", "x", bug)).toBe(bug);
  });
});
