/** The in-memory store of tests and simulation against the same contract as the real ones. */
import { createTestClock, type TestClock } from "../../support/clock.ts";
import { createMemoryStateStore } from "../../support/state-store.ts";
import { describeLeaseTimeContract } from "../state-store/lease-time-contract.ts";
import { describeStateStoreContract, type StoreBench } from "../state-store/state-store-contract.ts";

async function openBench(): Promise<StoreBench & { readonly clock: TestClock }> {
  const clock = createTestClock();
  const memory = createMemoryStateStore({ clock });
  return {
    clock,
    open: () => memory.reopen(),
    readRaw: async (path) => memory.files.get(path),
    writeRaw: async (path, bytes) => {
      memory.files.set(path, bytes);
    },
    close: async () => {},
  };
}

describeStateStoreContract("memory", openBench);
describeLeaseTimeContract("memory", openBench);
