import { describe, expect, it } from "vitest";
import { LeaseLostError, StoreConflictError, StoreUnavailableError } from "../../../shared/errors.ts";
import { order } from "../../contract/state-store/documents.ts";
import { valueOf } from "../../contract/state-store/found.ts";
import { createTestClock } from "../../support/clock.ts";
import { createMemoryStateStore, seededStoreFaults } from "../../support/state-store.ts";

const clock = createTestClock();

describe("createMemoryStateStore", () => {
  it.each([
    ["fail", StoreUnavailableError, undefined],
    ["conflict", StoreConflictError, undefined],
    ["fail-after", StoreUnavailableError, order("w1")],
  ] as const)("lets the n-th write go wrong as asked: %s", async (fault, error, stored) => {
    const faults = { write: (nth: number) => (nth === 2 ? fault : undefined) };
    const store = createMemoryStateStore({ clock, faults });
    await store.write("marks", { requests: [] }, "absent");
    await expect(store.write("order", order("w1"), "absent")).rejects.toThrow(error);
    expect(valueOf(await store.read("order"))).toEqual(stored);
  });

  it("loses a lease on demand, and to the n-th renewal", async () => {
    const store = createMemoryStateStore({ clock, faults: { renew: (nth) => (nth === 2 ? "lose" : undefined) } });
    const lease = await store.acquireLease("reconcile", "a", 60_000);
    await lease.renew();
    await expect(lease.renew()).rejects.toThrow(LeaseLostError);

    const other = await store.acquireLease("placement", "a", 60_000);
    store.loseLease("placement");
    await expect(other.renew()).rejects.toThrow(LeaseLostError);
    await expect(store.acquireLease("placement", "b", 60_000)).rejects.toMatchObject({ holder: "somebody else" });
  });
});

describe("seededStoreFaults", () => {
  it("repeats itself for the same seed and differs for another", () => {
    expect(sequence(1)).toEqual(sequence(1));
    expect(sequence(1)).not.toEqual(sequence(2));
  });

  it("gives every fault about as often as asked", () => {
    for (const fault of ["fail", "fail-after", "conflict"]) {
      const share = sequence(7).filter((one) => one === fault).length / 300;
      expect(share).toBeGreaterThan(0.12);
      expect(share).toBeLessThan(0.28);
    }
  });
});

function sequence(seed: number): unknown[] {
  const faults = seededStoreFaults(seed, { writeFail: 0.2, writeFailAfter: 0.2, writeConflict: 0.2 });
  return Array.from({ length: 300 }, (_, index) => faults.write?.(index + 1, "order.json"));
}
