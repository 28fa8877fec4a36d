/**
 * A process that counts in a shared document until it is killed: read, add one under its own name, write, say so.
 * Each line on stdout is a count whose write was confirmed. A large document is written between, so that the kill also
 * meets long writes. Usage: node writer-process.ts <directory> <name> <lockStaleMs>
 */
import { DocumentStateStore } from "../../../shared/adapters/storage/state-store.ts";
import { FileStorage } from "../../../shared/adapters/storage/file-storage.ts";
import { systemClock } from "../../../shared/adapters/system/clock.ts";
import { FleetError } from "../../../shared/errors.ts";
import type { StateStore } from "../../../shared/ports.ts";
import { lastGood } from "./documents.ts";
import { countedSince, countOf } from "./counted-since.ts";
import { versionOf } from "./found.ts";

/** Ends by itself if nobody kills it. */
const MAX_WRITES = 100_000;

async function count(store: StateStore, name: string): Promise<void> {
  for (let nth = 0; nth < MAX_WRITES; nth += 1) {
    try {
      const read = await store.read("since");
      const before = read.found === "value" ? read.value : undefined;
      const expected = read.found === "absent" ? "absent" : versionOf(read);
      const next = countedSince(before, name);
      await store.write("since", next, expected);
      process.stdout.write(`${countOf(next, name)}\n`);
    } catch (caught) {
      // A conflict, or a lock that was ended under it each time: nothing was written, so it is tried again.
      if (!(caught instanceof FleetError) || !caught.retryable) throw caught;
    }
    if (nth % 5 === 0) await writeLarge(store, name, nth);
  }
}

async function writeLarge(store: StateStore, name: string, nth: number): Promise<void> {
  const read = await store.read("last-good", name);
  const expected = read.found === "absent" ? "absent" : versionOf(read);
  try {
    await store.write("last-good", lastGood(name, 200 + nth), expected, name);
  } catch (caught) {
    if (!(caught instanceof FleetError) || !caught.retryable) throw caught;
  }
}

const [directory = "", name = "", staleAfterMs = ""] = process.argv.slice(2);
const patience = { staleAfterMs: Number(staleAfterMs), waitMs: 10_000 };
await count(new DocumentStateStore(new FileStorage({ directory, clock: systemClock, patience })), name);
