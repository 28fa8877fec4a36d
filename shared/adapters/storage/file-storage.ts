/**
 * Documents as files of one directory, for a laptop, a pipeline, or a server: everything survives the process that wrote it.
 *   placement.json · last-good/w1.json.gz · leases/reconcile.json · .locks/ (write-lock.ts)
 * A version is the SHA-256 of the content, so it needs no bookkeeping and an edit by hand counts as a write.
 * Killed at any line, a file holds its old or its new content. Several processes of one machine may share the directory.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { LeaseRecord } from "../../contracts/state/lease-record.ts";
import { StoreConflictError, StoreUnavailableError } from "../../errors.ts";
import type { Clock, Lease } from "../../ports.ts";
import type { DocumentStorage, StoredBytes } from "./document-storage.ts";
import { errorCode, fileFault } from "./file-faults.ts";
import {
  acquireRecordLease,
  decodeLeaseRecord,
  encodeLeaseRecord,
  type LeaseRecords,
  type LeaseStep,
} from "./record-lease.ts";
import { acquireWriteLock, type LockPatience } from "./write-lock.ts";

export type FileStorageOptions = {
  readonly directory: string;
  /** For leases only. */
  readonly clock: Clock;
  readonly patience?: LockPatience;
};

/** Sees the content under the lock; without `bytes` the file stays as it is. It may be asked again. */
type Decide<R> = (current: Uint8Array | undefined) => { readonly bytes?: Uint8Array; readonly result: R };

const DEFAULT_PATIENCE: LockPatience = { staleAfterMs: 5_000, waitMs: 15_000 };

/** How often a write is begun again because its lock was taken for abandoned (a suspended machine). */
const PUBLISH_ATTEMPTS = 3;

export class FileStorage implements DocumentStorage, LeaseRecords {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #patience: LockPatience;

  constructor(options: FileStorageOptions) {
    this.#directory = resolve(options.directory);
    this.#clock = options.clock;
    this.#patience = options.patience ?? DEFAULT_PATIENCE;
  }

  async read(path: string, knownVersion?: string): Promise<StoredBytes> {
    const bytes = await this.#readFile(path);
    if (bytes === undefined) return { found: "absent" };
    const version = versionOf(bytes);
    return version === knownVersion ? { found: "unchanged" } : { found: "bytes", bytes, version };
  }

  write(path: string, bytes: Uint8Array, expected: string): Promise<string> {
    return this.#replace(path, (current) => {
      const version = current === undefined ? "absent" : versionOf(current);
      if (version !== expected) throw new StoreConflictError(path);
      return { bytes, result: versionOf(bytes) };
    });
  }

  async list(folder: string): Promise<readonly string[]> {
    const path = join(this.#directory, folder);
    try {
      return (await readdir(path)).toSorted();
    } catch (caught) {
      if (errorCode(caught) === "ENOENT") return [];
      throw fileFault("list", path, caught);
    }
  }

  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease> {
    return acquireRecordLease(this, this.#clock, { name, holder, ttlMs });
  }

  update<R>(name: string, step: (current: LeaseRecord | undefined) => LeaseStep<R>): Promise<R> {
    const path = `leases/${name}.json`;
    return this.#replace(path, (current) => {
      const { next, result } = step(current === undefined ? undefined : this.#leaseRecord(path, current));
      return next === undefined ? { result } : { bytes: encodeLeaseRecord(next), result };
    });
  }

  #leaseRecord(path: string, bytes: Uint8Array): LeaseRecord {
    const record = decodeLeaseRecord(bytes);
    if (!("issue" in record)) return record;
    throw new StoreUnavailableError(
      `${join(this.#directory, path)} is not a lease record (${record.issue}); ` +
        `delete it while no other process uses this store`,
    );
  }

  async #replace<R>(path: string, decide: Decide<R>): Promise<R> {
    const target = join(this.#directory, path);
    try {
      // Most who cannot win learn it here, without waiting for the lock.
      const before = decide(await this.#readFile(path));
      if (before.bytes === undefined) return before.result;
      await mkdir(dirname(target), { recursive: true });
      for (let attempt = 1; attempt <= PUBLISH_ATTEMPTS; attempt += 1) {
        const replaced = await this.#replaceUnderLock(path, target, decide);
        if (replaced.done) return replaced.result;
      }
    } catch (caught) {
      throw fileFault("write", target, caught);
    }
    throw new StoreUnavailableError(
      `${target} was not written in ${PUBLISH_ATTEMPTS} attempts: its lock was ended each time; ` +
        `does something else delete files there?`,
    );
  }

  /** `done: false`: the lock was taken for abandoned before anything was written. */
  async #replaceUnderLock<R>(
    path: string,
    target: string,
    decide: Decide<R>,
  ): Promise<{ readonly done: true; readonly result: R } | { readonly done: false }> {
    const lock = await acquireWriteLock(join(this.#directory, ".locks", path), this.#patience);
    try {
      const { bytes, result } = decide(await this.#readFile(path));
      const done = bytes === undefined || (await lock.publish(bytes, target));
      return done ? { done, result } : { done };
    } finally {
      await lock.release();
    }
  }

  async #readFile(path: string): Promise<Uint8Array | undefined> {
    const target = join(this.#directory, path);
    try {
      return await readFile(target);
    } catch (caught) {
      if (errorCode(caught) === "ENOENT") return undefined;
      throw fileFault("read", target, caught);
    }
  }
}

function versionOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
