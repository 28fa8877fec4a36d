import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdLease, stoppedBy, type HeldLease } from "../../../shared/app/held-lease.ts";
import { LeaseHeldError, LeaseLostError, StoreUnavailableError } from "../../../shared/errors.ts";
import { createTestClock, type TestClock } from "../../support/clock.ts";
import { createMemoryStateStore, type MemoryStateStore, type StoreFaults } from "../../support/state-store.ts";
import { errorOf } from "./given-fleet.ts";

function given(faults: StoreFaults = {}): { readonly clock: TestClock; readonly store: MemoryStateStore } {
  const clock = createTestClock({ autoAdvance: true });
  return { clock, store: createMemoryStateStore({ clock, faults }) };
}

const request = { name: "reconcile", holder: "us", waitMs: 0 } as const;

async function held(faults: StoreFaults = {}) {
  const parts = given(faults);
  const lease: HeldLease = await holdLease(parts.store, parts.clock, request);
  return { ...parts, lease };
}

describe("holdLease", () => {
  it("without waiting gives up at once and names the holder", async () => {
    const { clock, store } = given();
    await store.reopen().acquireLease("reconcile", "functions weu-1", 60_000);
    expect(await errorOf(holdLease(store, clock, request))).toMatchObject({
      code: "LEASE_HELD",
      holder: "functions weu-1",
    });
    expect(clock.monotonicMs()).toBe(0);
  });

  it("waits until the other one gives it back, telling for whom", async () => {
    const { clock, store } = given();
    const other = await store.reopen().acquireLease("reconcile", "another pass", 60_000);
    const waited: string[] = [];
    const waiting = async (holder: string): Promise<void> => {
      waited.push(holder);
      if (waited.length === 3) await other.release();
    };
    await holdLease(store, clock, { ...request, waitMs: 70_000, waiting: (holder) => void waiting(holder) });
    expect([waited, clock.monotonicMs()]).toEqual([["another pass", "another pass", "another pass"], 6_000]);
  });

  it("gives up within the time it may wait", async () => {
    const { clock, store } = given();
    await store.reopen().acquireLease("reconcile", "another pass", 60_000);
    expect(await errorOf(holdLease(store, clock, { ...request, waitMs: 9_000 }))).toBeInstanceOf(LeaseHeldError);
    expect(clock.monotonicMs()).toBeLessThanOrEqual(9_000);
  });

  it("stops waiting when it is interrupted", async () => {
    const { clock, store } = given();
    await store.reopen().acquireLease("reconcile", "another pass", 60_000);
    const caller = new AbortController();
    const reason = new Error("ctrl-c");
    const waiting = (): void => caller.abort(reason);
    const work = holdLease(store, clock, { ...request, waitMs: 70_000, waiting, signal: caller.signal });
    expect(await errorOf(work)).toBe(reason);
  });

  it("does not wait for a store that cannot be used", async () => {
    const { clock, store } = given({ acquire: () => "fail" });
    expect(await errorOf(holdLease(store, clock, { ...request, waitMs: 70_000 }))).toBeInstanceOf(
      StoreUnavailableError,
    );
    expect(clock.monotonicMs()).toBe(0);
  });
});

describe("ensureRoom", () => {
  it("renews before too little is left, so that a long pass keeps its lease", async () => {
    const { clock, store, lease } = await held();
    for (let round = 0; round < 6; round += 1) {
      await clock.advance(25_000);
      await lease.ensureRoom();
    }
    expect(await errorOf(store.reopen().acquireLease("reconcile", "other", 60_000))).toBeInstanceOf(LeaseHeldError);
  });

  it("renews once for all writers that ask at the same moment", async () => {
    let renewals = 0;
    const { clock, lease } = await held({
      renew: () => {
        renewals += 1;
        return renewals > 1 ? "fail" : undefined;
      },
    });
    await clock.advance(30_000);
    await expect(Promise.all([lease.ensureRoom(), lease.ensureRoom(), lease.ensureRoom()])).resolves.toHaveLength(3);
  });

  it("refuses when the lease ran out, though nobody took it", async () => {
    const { clock, lease } = await held();
    await clock.advance(60_000);
    expect(await errorOf(lease.ensureRoom())).toBeInstanceOf(LeaseLostError);
  });

  it("refuses when somebody else has it by now", async () => {
    const { clock, store, lease } = await held();
    store.loseLease("reconcile");
    await clock.advance(30_000);
    expect(await errorOf(lease.ensureRoom())).toBeInstanceOf(LeaseLostError);
  });

  it("refuses when a write could outlast the lease: 15 s for it and 5 s to spare", async () => {
    const clock = createTestClock();
    const store = createMemoryStateStore({ clock });
    // A lease that is renewed for less than a write may take.
    const short = {
      ...store,
      acquireLease: () =>
        Promise.resolve({
          name: "reconcile",
          fencingToken: 1,
          expiresAtMonotonicMs: 19_999,
          renew: () => Promise.resolve(),
          release: () => Promise.resolve(),
        }),
    };
    const lease = await holdLease(short, clock, request);
    expect(await errorOf(lease.ensureRoom())).toBeInstanceOf(LeaseLostError);
  });

  it("lets writes go on while renewals fail and there is room for them, and renews as soon as that works again", async () => {
    let working = false;
    const { clock, store, lease } = await held({ renew: () => (working ? undefined : "fail") });
    for (const atMs of [25_000, 30_000, 39_000, 40_000]) {
      await clock.advance(atMs - clock.monotonicMs());
      await expect(lease.ensureRoom()).resolves.toBeUndefined();
    }
    expect(clock.monotonicMs()).toBe(40_000);
    working = true;
    await clock.advance(5_000);
    await lease.ensureRoom();
    await clock.advance(59_000);
    expect(await errorOf(store.reopen().acquireLease("reconcile", "other", 60_000))).toBeInstanceOf(LeaseHeldError);
  });

  it("starts no write without room for it: it waits for a renewal while the lease lasts", async () => {
    let renewals = 0;
    const { clock, lease } = await held({ renew: () => ((renewals += 1) < 4 ? "fail" : undefined) });
    await clock.advance(41_000);
    await expect(lease.ensureRoom()).resolves.toBeUndefined();
    expect(clock.monotonicMs()).toBe(47_000);
  });

  it("says that the store cannot be used when renewals fail for that until the lease ends", async () => {
    const { clock, lease } = await held({ renew: () => "fail" });
    await clock.advance(41_000);
    expect(await errorOf(lease.ensureRoom())).toBeInstanceOf(StoreUnavailableError);
    expect(clock.monotonicMs()).toBeLessThan(60_000);
  });

  it("does not try again once the lease was lost", async () => {
    const { clock, store, lease } = await held();
    store.loseLease("reconcile");
    await clock.advance(45_000);
    expect(await errorOf(lease.ensureRoom())).toBeInstanceOf(LeaseLostError);
    expect(clock.monotonicMs()).toBe(45_000);
  });

  it("starts no write that could outlast the lease, whatever renewals do", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(30_000), fc.boolean()), { maxLength: 12 }), async (steps) => {
        let working = true;
        const { clock, store, lease } = await held({ renew: () => (working ? undefined : "fail") });
        for (const [ms, works] of steps) {
          working = works;
          await clock.advance(ms);
          const allowed = await lease.ensureRoom().then(
            () => true,
            () => false,
          );
          if (!allowed) return;
          // 15 s for the write and 5 s to spare: until then nobody else gets it.
          const other = store.reopen();
          await clock.advance(19_999);
          expect(await errorOf(other.acquireLease("reconcile", "other", 60_000))).toBeInstanceOf(LeaseHeldError);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("stoppedBy", () => {
  it.each([
    [new LeaseLostError("reconcile"), { code: "LEASE_LOST", reason: "the lease was lost; another pass goes on" }],
    [new StoreUnavailableError("503"), { code: "STORE_UNAVAILABLE", reason: "the state store cannot be used: 503" }],
    ["a text", { code: "UNEXPECTED", reason: "a text" }],
  ])("tells why a pass ends: %s", (caught, stopped) => {
    expect(stoppedBy(caught)).toEqual(stopped);
  });
});

describe("release", () => {
  it("lets the next one in at once", async () => {
    const { store, lease } = await held();
    await lease.release();
    expect((await store.reopen().acquireLease("reconcile", "other", 60_000)).fencingToken).toBe(2);
  });
});
