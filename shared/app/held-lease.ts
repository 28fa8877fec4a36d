/** A lease while it is used: renewed in time, and asked before every write whether there is still room for one. */
import { asError, FleetError, LeaseHeldError, LeaseLostError } from "../errors.ts";
import type { Clock, Lease, StateStore, Telemetry } from "../ports.ts";
import { limits } from "./pass-limits.ts";

export type HeldLease = {
  /**
   * Renews when little is left. A renewal that fails is tried again as long as the lease lasts: writes go on while there is
   * room for them, and wait once there is none. @throws LeaseLostError when the lease was lost or is over, or why the store
   * could not renew it.
   */
  readonly ensureRoom: () => Promise<void>;
  readonly release: () => Promise<void>;
};

type LeaseRequest = {
  readonly name: "reconcile" | "placement";
  readonly holder: string;
  /** How long to wait for another holder, in milliseconds. 0: not at all. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  readonly waiting?: (holder: string) => void;
};

const retryMs = 2_000;
/** Renewals that are tried while there is no room for a write any more, and the lease is not over yet. */
const lastAttempts = Math.ceil((limits.writeMs + limits.leaseMarginMs) / retryMs);

/** Why a pass ends before its end. */
export type Stopped = { readonly code: string; readonly reason: string };

export function stoppedBy(caught: unknown): Stopped {
  const error = asError(caught);
  return {
    code: error instanceof FleetError ? error.code : "UNEXPECTED",
    reason: error instanceof LeaseLostError ? "the lease was lost; another pass goes on" : error.message,
  };
}

/** @throws LeaseHeldError when another holder has it for longer than `waitMs`. */
export async function holdLease(store: StateStore, clock: Clock, request: LeaseRequest): Promise<HeldLease> {
  const deadlineMs = clock.monotonicMs() + request.waitMs;
  for (;;) {
    request.signal?.throwIfAborted();
    try {
      return keepLease(await store.acquireLease(request.name, request.holder, limits.leaseMs), clock);
    } catch (caught) {
      if (!(caught instanceof LeaseHeldError) || clock.monotonicMs() + retryMs > deadlineMs) throw caught;
      request.waiting?.(caught.holder);
    }
    await clock.sleep(retryMs, request.signal);
  }
}

/** A lease ends by itself: not being able to give it back is no reason to lose what was done under it. */
export async function giveBack(lease: HeldLease, telemetry: Telemetry): Promise<void> {
  try {
    await lease.release();
  } catch (caught) {
    telemetry.warn("the lease was not given back; it ends by itself", { error: asError(caught).message });
  }
}

function keepLease(lease: Lease, clock: Clock): HeldLease {
  let renewal: Promise<unknown> | undefined;
  let triedAtMs = -Infinity;
  const leftMs = (): number => lease.expiresAtMonotonicMs - clock.monotonicMs();
  const hasRoom = (): boolean => leftMs() >= limits.writeMs + limits.leaseMarginMs;
  /** One attempt for all who ask at the same moment. @returns why it failed. @throws LeaseLostError */
  const renewOnce = (): Promise<unknown> => {
    renewal ??= lease
      .renew()
      .then(
        () => undefined,
        (caught: unknown) => {
          if (caught instanceof LeaseLostError) throw caught;
          triedAtMs = clock.monotonicMs();
          return asError(caught);
        },
      )
      .finally(() => {
        renewal = undefined;
      });
    return renewal;
  };
  return {
    ensureRoom: async () => {
      if (leftMs() >= limits.leaseRenewMs) return;
      // While there is room nobody waits for a store that does not answer: the next write asks again.
      if (hasRoom() && clock.monotonicMs() - triedAtMs < retryMs) return;
      let failure = await renewOnce();
      for (let attempt = 0; attempt < lastAttempts && failure !== undefined && !hasRoom(); attempt += 1) {
        if (leftMs() <= retryMs) throw failure;
        await clock.sleep(retryMs);
        failure = await renewOnce();
      }
      if (!hasRoom()) throw failure ?? new LeaseLostError(lease.name);
    },
    release: () => lease.release(),
  };
}
