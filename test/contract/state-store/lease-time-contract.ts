/** What every state store must do with leases as time passes, for stores whose clock a test can advance. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseHeldError, LeaseLostError } from "../../../shared/errors.ts";
import type { StateStore } from "../../../shared/ports.ts";
import type { TestClock } from "../../support/clock.ts";
import type { StoreBench } from "./state-store-contract.ts";

const TTL_MS = 60_000;

export function describeLeaseTimeContract(
  adapter: string,
  openBench: () => Promise<StoreBench & { readonly clock: TestClock }>,
): void {
  describe(`lease time contract: ${adapter}`, () => {
    let bench: StoreBench & { readonly clock: TestClock };
    let store: StateStore;
    beforeEach(async () => {
      bench = await openBench();
      store = bench.open();
    });
    afterEach(async () => {
      await bench.close();
    });

    it("expires on the monotonic clock, counted from before it was asked for", async () => {
      await bench.clock.advance(12_345);
      const lease = await store.acquireLease("reconcile", "a", TTL_MS);
      expect(lease.expiresAtMonotonicMs).toBe(12_345 + TTL_MS);
    });

    it("is held to its last millisecond and free after it", async () => {
      await store.acquireLease("reconcile", "a", TTL_MS);
      await bench.clock.advance(TTL_MS - 1);
      await expect(bench.open().acquireLease("reconcile", "b", TTL_MS)).rejects.toThrow(LeaseHeldError);
      await bench.clock.advance(1);
      await expect(bench.open().acquireLease("reconcile", "b", TTL_MS)).resolves.toMatchObject({ name: "reconcile" });
    });

    it("is held for another whole time after each renewal", async () => {
      const lease = await store.acquireLease("reconcile", "a", TTL_MS);
      for (let renewal = 1; renewal <= 3; renewal += 1) {
        await bench.clock.advance(TTL_MS - 1);
        await lease.renew();
        expect(lease.expiresAtMonotonicMs).toBe(renewal * (TTL_MS - 1) + TTL_MS);
      }
      await bench.clock.advance(TTL_MS - 1);
      await expect(bench.open().acquireLease("reconcile", "b", TTL_MS)).rejects.toMatchObject({ holder: "a" });
    });

    it("cannot be renewed once it ran out, even when nobody took it", async () => {
      const lease = await store.acquireLease("reconcile", "a", TTL_MS);
      await bench.clock.advance(TTL_MS);
      await expect(lease.renew()).rejects.toThrow(LeaseLostError);
    });

    it("has a higher fencing token after it ran out than the holder who lost it", async () => {
      const lost = await store.acquireLease("reconcile", "a", TTL_MS);
      await bench.clock.advance(TTL_MS);
      const taken = await bench.open().acquireLease("reconcile", "b", TTL_MS);
      expect(taken.fencingToken).toBeGreaterThan(lost.fencingToken);
    });

    it("stays with its new holder when the old one renews and releases", async () => {
      const old = await store.acquireLease("reconcile", "a", TTL_MS);
      await bench.clock.advance(TTL_MS);
      const taken = await bench.open().acquireLease("reconcile", "b", TTL_MS);
      await expect(old.renew()).rejects.toThrow(LeaseLostError);
      await old.release();
      await expect(bench.open().acquireLease("reconcile", "c", TTL_MS)).rejects.toMatchObject({ holder: "b" });
      await expect(taken.renew()).resolves.toBeUndefined();
    });

    it("is lost to who takes it after the wall clock jumped ahead, and renewing says so", async () => {
      const early = await store.acquireLease("reconcile", "a", TTL_MS);
      bench.clock.jumpWall(TTL_MS);
      await bench.open().acquireLease("reconcile", "b", TTL_MS);
      await expect(early.renew()).rejects.toThrow(LeaseLostError);
    });

    it("blocks for no longer than its time after the wall clock was set back by a year", async () => {
      await store.acquireLease("reconcile", "a", TTL_MS);
      bench.clock.jumpWall(-365 * 24 * 3_600_000);
      await expect(bench.open().acquireLease("reconcile", "b", TTL_MS)).rejects.toThrow(LeaseHeldError);
      await bench.clock.advance(TTL_MS);
      await expect(bench.open().acquireLease("reconcile", "b", TTL_MS)).resolves.toMatchObject({ name: "reconcile" });
    });
  });
}
