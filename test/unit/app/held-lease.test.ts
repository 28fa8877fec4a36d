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

  it("says that the store cannot be used when a renewal fails for that", async () => {
    const { clock, lease } = await held({ renew: () => "fail" });
    await clock.advance(30_000);
    expect(await errorOf(lease.ensureRoom())).toBeInstanceOf(StoreUnavailableError);
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
