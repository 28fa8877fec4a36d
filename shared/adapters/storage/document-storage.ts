/**
 * What the state store needs from a place that keeps bytes: read, conditional write, list, lease.
 * Implemented by a directory, by Azure Blob Storage, and in memory for tests; all pass test/contract/state-store.
 * Paths are those of document-path.ts: at most one folder deep, safe as file and as blob names.
 */
import type { Lease } from "../../ports.ts";

/** `unchanged`: the stored version is the one the caller said it knows, so no bytes were sent. */
export type StoredBytes =
  | { readonly found: "bytes"; readonly bytes: Uint8Array; readonly version: string }
  | { readonly found: "unchanged" }
  | { readonly found: "absent" };

export interface DocumentStorage {
  /** @throws StoreUnavailableError */
  read(path: string, knownVersion?: string): Promise<StoredBytes>;
  /**
   * Writes only when the stored version is `expected` ("absent": when there is none). Readers see the old bytes or the new.
   * @returns the new version. @throws StoreConflictError, StoreUnavailableError
   */
  write(path: string, bytes: Uint8Array, expected: string): Promise<string>;
  /** Names directly inside a folder, sorted; empty when the folder is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** @throws LeaseHeldError, StoreUnavailableError */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease>;
}
