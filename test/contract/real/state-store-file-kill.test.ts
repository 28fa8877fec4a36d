/** The file store while the processes that write it are killed, with SIGKILL, in the middle of many writes. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileStateStore } from "../../../shared/adapters/storage/open-state-store.ts";
import { systemClock } from "../../../shared/adapters/system/clock.ts";
import { countedSince, countOf } from "../state-store/counted-since.ts";
import { valueOf, versionOf } from "../state-store/found.ts";

const WRITER = fileURLToPath(new URL("../state-store/writer-process.ts", import.meta.url));
const ROUNDS = 12;
const WRITERS = ["a", "b"];
/** 1 ms takes the lock from writers that are alive: then only the fencing of write-lock.ts stands between them. */
const LOCK_STALE_MS = [300, 1];

type Writer = { readonly child: ChildProcess; readonly name: string; confirmed: number; errors: string };

describe("FileStorage", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "state-store-kill-"));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it("loses no confirmed write and leaves every document readable, however its writers are killed", async () => {
    const confirmed = new Map<string, number>();
    const largeSeen = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const writers = WRITERS.map((name) =>
        startWriter({ directory, name, staleMs: LOCK_STALE_MS[round % LOCK_STALE_MS.length] }),
      );
      await Promise.all(writers.map((writer) => firstWrite(writer)));
      await systemClock.sleep((round * 37) % 120);
      await Promise.all(writers.map((writer) => kill(writer)));

      const store = openFileStateStore({ directory, clock: systemClock });
      const found = await store.read("since");
      expect(found.found).toBe("value");
      for (const { name, confirmed: told, errors } of writers) {
        expect(errors).toBe("");
        const stored = countOf(valueOf(found), name);
        const known = Math.max(told, confirmed.get(name) ?? 0);
        // One write may have been made and its confirmation killed; none may be missing, none counted twice.
        expect(stored, `round ${round}, writer ${name}`).toBeGreaterThanOrEqual(known);
        expect(stored, `round ${round}, writer ${name}`).toBeLessThanOrEqual(known + 1);
        confirmed.set(name, stored);
        const large = await store.read("last-good", name);
        // Absent only as long as the writer never got that far; from then on it is whole after every kill.
        expect(large.found).toBe(large.found === "absent" && !largeSeen.has(name) ? "absent" : "value");
        if (large.found === "value") largeSeen.add(name);
      }
    }
    expect([...largeSeen].toSorted()).toEqual(WRITERS);
    await expectOrderAfterwards(directory);
  });
});

/** A writer may have died with the lock; the next one goes on after it, and cleans up behind it. */
async function expectOrderAfterwards(directory: string): Promise<void> {
  const store = openFileStateStore({ directory, clock: systemClock });
  const read = await store.read("since");
  await store.write("since", countedSince(valueOf(read), "after"), versionOf(read));
  expect(countOf(valueOf(await store.read("since")), "after")).toBe(1);
  expect(await readdir(join(directory, ".locks", "since.json"))).toHaveLength(1);
}

function startWriter(options: { directory: string; name: string; staleMs: number | undefined }): Writer {
  const { directory, name, staleMs } = options;
  const child = spawn(process.execPath, [WRITER, directory, name, String(staleMs)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const writer: Writer = { child, name, confirmed: 0, errors: "" };
  createInterface({ input: child.stdout }).on("line", (line) => {
    writer.confirmed = Number(line);
  });
  child.stderr.on("data", (chunk: Buffer) => (writer.errors += chunk.toString("utf8")));
  return writer;
}

function firstWrite(writer: Writer): Promise<void> {
  return new Promise((resolve, reject) => {
    writer.child.stdout?.once("data", () => resolve());
    writer.child.once("exit", () => reject(new Error(`writer ${writer.name} ended by itself: ${writer.errors}`)));
  });
}

/** Resolves when everything it wrote to stdout was read. */
function kill(writer: Writer): Promise<void> {
  return new Promise((resolve) => {
    writer.child.once("close", () => resolve());
    writer.child.kill("SIGKILL");
  });
}
