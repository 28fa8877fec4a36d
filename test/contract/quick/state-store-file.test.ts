/** The file store against the contract, in a directory of its own per test. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { errorCode } from "../../../shared/adapters/storage/file-faults.ts";
import { openFileStateStore } from "../../../shared/adapters/storage/open-state-store.ts";
import { createTestClock, type TestClock } from "../../support/clock.ts";
import { describeLeaseTimeContract } from "../state-store/lease-time-contract.ts";
import { describeStateStoreContract, type StoreBench } from "../state-store/state-store-contract.ts";

async function openBench(): Promise<StoreBench & { readonly clock: TestClock }> {
  const clock = createTestClock();
  const parent = await mkdtemp(join(tmpdir(), "state-store-"));
  const directory = join(parent, "not", "there", "yet");
  return {
    clock,
    open: () => openFileStateStore({ directory, clock }),
    readRaw: async (path) => {
      try {
        return await readFile(join(directory, path));
      } catch (caught) {
        if (errorCode(caught) === "ENOENT") return undefined;
        throw caught;
      }
    },
    writeRaw: async (path, bytes) => {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), bytes);
    },
    close: () => rm(parent, { recursive: true, force: true }),
  };
}

describeStateStoreContract("file", openBench);
describeLeaseTimeContract("file", openBench);
