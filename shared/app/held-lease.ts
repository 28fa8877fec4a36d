/** A lease while it is used: renewed in time, and asked before every write whether there is still room for one. */
import { asError, FleetError, LeaseHeldError, LeaseLostError } from "../errors.ts";
import type { Clock, Lease, StateStore } from "../ports.ts";
import { limits } from "./fleet-ports.ts";

export type HeldLease = {
  /** Renews when little is left. @throws LeaseLostError when the lease was lost or there is no room for another write. */
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

function keepLease(lease: Lease, clock: Clock): HeldLease {
  let renewal: Promise<void> | undefined;
  const leftMs = (): number => lease.expiresAtMonotonicMs - clock.monotonicMs();
  const renewOnce = (): Promise<void> => {
    renewal ??= lease.renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
  return {
    ensureRoom: async () => {
      if (leftMs() < limits.leaseRenewMs) await renewOnce();
      if (leftMs() < limits.writeMs + limits.leaseMarginMs) throw new LeaseLostError(lease.name);
    },
    release: () => lease.release(),
  };
}
