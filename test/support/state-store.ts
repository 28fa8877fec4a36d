/**
 * The state store in memory, for unit tests and the simulation. Only the bytes are kept differently: documents, schemas,
 * conflicts and leases are the product's own code (DocumentStateStore, record-lease), and it passes the same contract suite.
 * `faults` decides before each operation whether it goes wrong; `seededStoreFaults` makes such decisions from a seed.
 */
import type { LeaseRecord } from "../../shared/contracts/state/lease-record.ts";
import type { DocumentStorage, StoredBytes } from "../../shared/adapters/storage/document-storage.ts";
import {
  acquireRecordLease,
  decodeLeaseRecord,
  encodeLeaseRecord,
  type LeaseRecords,
  type LeaseStep,
} from "../../shared/adapters/storage/record-lease.ts";
import { DocumentStateStore } from "../../shared/adapters/storage/state-store.ts";
import { LeaseHeldError, StoreConflictError, StoreUnavailableError } from "../../shared/errors.ts";
import type { Clock, Lease, StateStore } from "../../shared/ports.ts";

/**
 * - `fail`: nothing was written. - `fail-after`: it was written, and the answer was lost.
 * - `conflict`: as if somebody else had been faster.
 */
export type WriteFault = "fail" | "fail-after" | "conflict";

/** `nth` counts from 1 over the life of the memory, per kind of operation. Absent or undefined: no fault. */
export type StoreFaults = {
  readonly read?: (nth: number, path: string) => "fail" | undefined;
  readonly write?: (nth: number, path: string) => WriteFault | undefined;
  readonly acquire?: (nth: number, lease: string) => "fail" | "held" | undefined;
  /** `lose`: somebody else has the lease by now. */
  readonly renew?: (nth: number, lease: string) => "fail" | "lose" | undefined;
};

export type MemoryStateStore = StateStore & {
  /** The same data as another process sees it: nothing remembered, no lease held. */
  reopen(): MemoryStateStore;
  /** Takes a lease away from whoever holds it, as after a pause longer than its time. */
  loseLease(name: string): void;
  /** What is stored, by path; to compare, damage or replace. */
  readonly files: Map<string, Uint8Array>;
};

export function createMemoryStateStore(options: {
  readonly clock: Clock;
  readonly faults?: StoreFaults;
}): MemoryStateStore {
  return openMemory(new MemoryStorage(options.clock, options.faults ?? {}));
}

function openMemory(storage: MemoryStorage): MemoryStateStore {
  const store = new DocumentStateStore(storage);
  return {
    read: (name, id) => store.read(name, id),
    write: (name, value, expected, id) => store.write(name, value, expected, id),
    ids: (name) => store.ids(name),
    acquireLease: (name, holder, ttlMs) => store.acquireLease(name, holder, ttlMs),
    reopen: () => openMemory(storage),
    loseLease: (name) => storage.loseLease(name),
    files: storage.files,
  };
}

class MemoryStorage implements DocumentStorage, LeaseRecords {
  readonly files = new Map<string, Uint8Array>();
  readonly #versions = new Map<string, { readonly bytes: Uint8Array; readonly version: string }>();
  readonly #clock: Clock;
  readonly #faults: StoreFaults;
  readonly #counts = { read: 0, write: 0, acquire: 0, renew: 0, version: 0 };

  constructor(clock: Clock, faults: StoreFaults) {
    this.#clock = clock;
    this.#faults = faults;
  }

  async read(path: string, knownVersion?: string): Promise<StoredBytes> {
    this.#counts.read += 1;
    if (this.#faults.read?.(this.#counts.read, path) === "fail") throw injected(`read ${path}`);
    const bytes = this.files.get(path);
    const version = this.#version(path);
    if (bytes === undefined) return { found: "absent" };
    return version === knownVersion ? { found: "unchanged" } : { found: "bytes", bytes, version };
  }

  async write(path: string, bytes: Uint8Array, expected: string): Promise<string> {
    this.#counts.write += 1;
    const fault = this.#faults.write?.(this.#counts.write, path);
    if (fault === "fail") throw injected(`write ${path}`);
    if (fault === "conflict" || this.#version(path) !== expected) throw new StoreConflictError(path);
    this.files.set(path, bytes);
    if (fault === "fail-after") throw injected(`learn what became of ${path}`);
    return this.#version(path);
  }

  async list(folder: string): Promise<readonly string[]> {
    const prefix = `${folder}/`;
    return [...this.files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
      .toSorted();
  }

  async acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease> {
    this.#counts.acquire += 1;
    const fault = this.#faults.acquire?.(this.#counts.acquire, name);
    if (fault === "fail") throw injected(`take the lease ${name}`);
    if (fault === "held") throw new LeaseHeldError(name, "a holder made up by the test");
    return this.#withRenewFaults(await acquireRecordLease(this, this.#clock, { name, holder, ttlMs }));
  }

  async update<R>(name: string, step: (current: LeaseRecord | undefined) => LeaseStep<R>): Promise<R> {
    const { next, result } = step(this.#leaseRecord(name));
    if (next !== undefined) this.files.set(leasePath(name), encodeLeaseRecord(next));
    return result;
  }

  loseLease(name: string): void {
    const record = this.#leaseRecord(name);
    if (record === undefined) return;
    const taken = { ...record, acquisition: "taken", holder: "somebody else", fencingToken: record.fencingToken + 1 };
    this.files.set(leasePath(name), encodeLeaseRecord(taken));
  }

  #withRenewFaults(lease: Lease): Lease {
    return {
      name: lease.name,
      fencingToken: lease.fencingToken,
      get expiresAtMonotonicMs(): number {
        return lease.expiresAtMonotonicMs;
      },
      renew: async () => {
        this.#counts.renew += 1;
        const fault = this.#faults.renew?.(this.#counts.renew, lease.name);
        if (fault === "fail") throw injected(`renew the lease ${lease.name}`);
        if (fault === "lose") this.loseLease(lease.name);
        await lease.renew();
      },
      release: () => lease.release(),
    };
  }

  #leaseRecord(name: string): LeaseRecord | undefined {
    const bytes = this.files.get(leasePath(name));
    const record = bytes === undefined ? undefined : decodeLeaseRecord(bytes);
    if (record !== undefined && "issue" in record) throw new StoreUnavailableError(record.issue);
    return record;
  }

  /** A new version for every new array of bytes, also for those that a test put there. */
  #version(path: string): string {
    const bytes = this.files.get(path);
    if (bytes === undefined) return "absent";
    const known = this.#versions.get(path);
    if (known?.bytes === bytes) return known.version;
    this.#counts.version += 1;
    const version = `v${this.#counts.version}`;
    this.#versions.set(path, { bytes, version });
    return version;
  }
}

/** Shares from 0 to 1 of the operations that go wrong. */
export type StoreFaultRates = {
  readonly read?: number;
  readonly writeFail?: number;
  readonly writeFailAfter?: number;
  readonly writeConflict?: number;
  readonly acquire?: number;
  readonly renewFail?: number;
  readonly renewLose?: number;
};

/** The same seed gives the same faults for the same sequence of operations. */
export function seededStoreFaults(seed: number, rates: StoreFaultRates): StoreFaults {
  const random = mulberry32(seed);
  const pick = <F extends string>(choices: readonly (readonly [F, number | undefined])[]): F | undefined => {
    let left = random();
    for (const [fault, rate] of choices) {
      left -= rate ?? 0;
      if (left < 0) return fault;
    }
    return undefined;
  };
  return {
    read: () => pick([["fail", rates.read]]),
    write: () =>
      pick([
        ["fail", rates.writeFail],
        ["fail-after", rates.writeFailAfter],
        ["conflict", rates.writeConflict],
      ]),
    acquire: () => pick([["fail", rates.acquire]]),
    renew: () =>
      pick([
        ["fail", rates.renewFail],
        ["lose", rates.renewLose],
      ]),
  };
}

/** A small generator of numbers in [0, 1) from a 32-bit seed (public domain, Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function leasePath(name: string): string {
  return `leases/${name}.json`;
}

function injected(doing: string): StoreUnavailableError {
  return new StoreUnavailableError(`injected fault: cannot ${doing}`);
}
