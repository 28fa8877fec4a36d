/** The state stores that compose.ts can open. Nothing is read, created or imported before the first use. */
import type { Clock, StateStore } from "../../ports.ts";
import { BlobStorage, type BlobStorageOptions } from "./blob-storage.ts";
import { FileStorage } from "./file-storage.ts";
import { DocumentStateStore } from "./state-store.ts";

export function openFileStateStore(options: { readonly directory: string; readonly clock: Clock }): StateStore {
  return new DocumentStateStore(new FileStorage(options));
}

export function openBlobStateStore(options: BlobStorageOptions): StateStore {
  return new DocumentStateStore(new BlobStorage(options));
}
