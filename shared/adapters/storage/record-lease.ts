/**
 * Leases kept as records, for stores that have no leases of their own: the file store, and the in-memory one of tests.
 * Rule that matters most: the holder stops before anybody else may start. So the holder counts its time on the monotonic
 * clock from before it asked, while the record, which others judge by the wall clock, counts from when it was written.
 * A wall clock that jumps ahead can end a lease early; then renew says so, and conditional writes still refuse the loser.
 */
import { randomUUID } from "node:crypto";
import { parseLeaseRecord, type LeaseRecord } from "../../contracts/state/lease-record.ts";
import { asError, LeaseHeldError, LeaseLostError } from "../../errors.ts";
import type { Clock, Lease } from "../../ports.ts";

/** What becomes of a record: the next one (absent: it stays as it is), and what the caller learns. */
export type LeaseStep<R> = { readonly next?: LeaseRecord; readonly result: R };

/** One record per lease name, replaced as a whole. `step` may run more than once; only the last answer counts. */
export interface LeaseRecords {
  /** @throws StoreUnavailableError, also for a record that cannot be read. */
  update<R>(name: string, step: (current: LeaseRecord | undefined) => LeaseStep<R>): Promise<R>;
}

export type LeaseRequest = { readonly name: string; readonly holder: string; readonly ttlMs: number };

/** Beyond this a record claims more time than its own ttl allows: the wall clock was set back since it was written. */
const CLOCK_TOLERANCE_MS = 1_000;

/** @throws LeaseHeldError, StoreUnavailableError */
export async function acquireRecordLease(records: LeaseRecords, clock: Clock, request: LeaseRequest): Promise<Lease> {
  const askedAtMonotonicMs = clock.monotonicMs();
  const acquisition = randomUUID();
  const taken = await records.update(request.name, (current) => take(current, request, acquisition, clock.nowMs()));
  if (taken.kind === "held") throw new LeaseHeldError(request.name, taken.holder);
  return new RecordLease({ records, clock, request, taken: taken.record, askedAtMonotonicMs });
}

type Taken =
  | { readonly kind: "taken"; readonly record: LeaseRecord }
  | { readonly kind: "held"; readonly holder: string };

function take(
  current: LeaseRecord | undefined,
  request: LeaseRequest,
  acquisition: string,
  nowMs: number,
): LeaseStep<Taken> {
  const { holder, ttlMs } = request;
  const leftMs = current === undefined ? 0 : current.expiresAtMs - nowMs;
  if (current !== undefined && leftMs > 0) {
    const held = { kind: "held", holder: current.holder } as const;
    if (leftMs <= current.ttlMs + CLOCK_TOLERANCE_MS) return { result: held };
    // Without this a clock set back by a year would block the lease for a year. The holder's own time ends no later.
    return { next: { ...current, expiresAtMs: nowMs + current.ttlMs }, result: held };
  }
  const fencingToken = (current?.fencingToken ?? 0) + 1;
  const record = { schema: 1, holder, acquisition, fencingToken, ttlMs, expiresAtMs: nowMs + ttlMs } as const;
  return { next: record, result: { kind: "taken", record } };
}

class RecordLease implements Lease {
  readonly name: string;
  readonly fencingToken: number;
  readonly #records: LeaseRecords;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #acquisition: string;
  #expiresAtMonotonicMs: number;
  #ended = false;

  constructor(options: {
    readonly records: LeaseRecords;
    readonly clock: Clock;
    readonly request: LeaseRequest;
    readonly taken: LeaseRecord;
    readonly askedAtMonotonicMs: number;
  }) {
    this.name = options.request.name;
    this.fencingToken = options.taken.fencingToken;
    this.#records = options.records;
    this.#clock = options.clock;
    this.#ttlMs = options.request.ttlMs;
    this.#acquisition = options.taken.acquisition;
    this.#expiresAtMonotonicMs = options.askedAtMonotonicMs + options.request.ttlMs;
  }

  get expiresAtMonotonicMs(): number {
    return this.#expiresAtMonotonicMs;
  }

  /** A lease that ran out is lost even when nobody took it: since then somebody may have come and gone. */
  async renew(): Promise<void> {
    const askedAtMonotonicMs = this.#clock.monotonicMs();
    if (this.#ended || askedAtMonotonicMs >= this.#expiresAtMonotonicMs) throw this.#lost();
    const renewed = await this.#records.update(this.name, (current) => {
      if (current === undefined || current.acquisition !== this.#acquisition) return { result: false };
      return { next: { ...current, expiresAtMs: this.#clock.nowMs() + this.#ttlMs }, result: true };
    });
    if (!renewed) throw this.#lost();
    this.#expiresAtMonotonicMs = askedAtMonotonicMs + this.#ttlMs;
  }

  /** The record stays, so that the fencing token goes on rising. A lease that another holder has by now is left alone. */
  async release(): Promise<void> {
    if (this.#ended) return;
    await this.#records.update(this.name, (current) => {
      if (current === undefined || current.acquisition !== this.#acquisition) return { result: undefined };
      return { next: { ...current, expiresAtMs: 0 }, result: undefined };
    });
    this.#ended = true;
  }

  #lost(): LeaseLostError {
    this.#ended = true;
    return new LeaseLostError(this.name);
  }
}

export function encodeLeaseRecord(record: LeaseRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`, "utf8");
}

/** `issue` says why the bytes are no lease record; guessing one could let two holders in. */
export function decodeLeaseRecord(bytes: Uint8Array): LeaseRecord | { readonly issue: string } {
  try {
    const raw: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const parsed = parseLeaseRecord(raw);
    return parsed.ok ? parsed.value : { issue: parsed.issues.join("; ") };
  } catch (caught) {
    return { issue: asError(caught).message };
  }
}
