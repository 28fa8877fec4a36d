/**
 * Documents as block blobs of one container: `placement.json`, `last-good/w1.json.gz`, `leases/…`.
 * A version is the ETag; writes carry If-Match or If-None-Match, so the service decides every race.
 * Needs the role "Storage Blob Data Contributor" on the container.
 */
import type { BlobDownloadResponseParsed, BlobRequestConditions, ContainerClient } from "@azure/storage-blob";
import { StoreConflictError, StoreUnavailableError } from "../../errors.ts";
import type { Clock, Lease } from "../../ports.ts";
import { BlobContainer, newRequestId, type BlobAccount } from "./blob-container.ts";
import { blobAnswer, isWriteConflict } from "./blob-faults.ts";
import { acquireBlobLease } from "./blob-lease.ts";
import type { DocumentStorage, StoredBytes } from "./document-storage.ts";

export type BlobStorageOptions = {
  readonly account: BlobAccount;
  /** Made on the first write when it is missing and the identity may. */
  readonly container: string;
  /** For leases only. */
  readonly clock: Clock;
};

/** Stored (packed) bytes of one document. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LISTED = 10_000;

export class BlobStorage implements DocumentStorage {
  readonly #container: BlobContainer;
  readonly #clock: Clock;

  constructor(options: BlobStorageOptions) {
    this.#container = new BlobContainer(options.account, options.container);
    this.#clock = options.clock;
  }

  async read(path: string, knownVersion?: string): Promise<StoredBytes> {
    const conditions: BlobRequestConditions = knownVersion === undefined ? {} : { ifNoneMatch: knownVersion };
    try {
      return await this.#container.request(async (client, abortSignal): Promise<StoredBytes> => {
        const response = await client.getBlobClient(path).download(0, undefined, { abortSignal, conditions });
        return { found: "bytes", bytes: await readBody(path, response), version: etagOf(path, response.etag) };
      });
    } catch (caught) {
      const { status } = blobAnswer(caught);
      if (status === 304) return { found: "unchanged" };
      if (status === 404) return { found: "absent" };
      throw this.#container.fault(`read ${path}`, caught);
    }
  }

  async write(path: string, bytes: Uint8Array, expected: string): Promise<string> {
    const conditions: BlobRequestConditions = expected === "absent" ? { ifNoneMatch: "*" } : { ifMatch: expected };
    const writeId = newRequestId();
    const upload = async (client: ContainerClient, abortSignal: AbortSignal): Promise<string> => {
      const response = await client.getBlockBlobClient(path).upload(bytes, bytes.length, {
        abortSignal,
        conditions,
        metadata: { writeid: writeId },
        // No content encoding: the HTTP client would unpack what the store wants to verify.
        blobHTTPHeaders: { blobContentType: path.endsWith(".gz") ? "application/gzip" : "application/json" },
      });
      return etagOf(path, response.etag);
    };
    try {
      return expected === "absent" ? await this.#container.write(upload) : await this.#container.request(upload);
    } catch (caught) {
      const answer = blobAnswer(caught);
      if (isWriteConflict(answer)) return await this.#ownWriteOrConflict(path, writeId, caught);
      if (answer.status === 404 && expected !== "absent") throw new StoreConflictError(path, caught);
      throw this.#container.fault(`write ${path}`, caught);
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    const prefix = `${folder}/`;
    try {
      return await this.#container.request(async (client, abortSignal) => {
        const names: string[] = [];
        for await (const blob of client.listBlobsFlat({ abortSignal, prefix })) {
          if (names.length >= MAX_LISTED)
            throw new StoreUnavailableError(`more than ${MAX_LISTED} blobs under ${prefix}`);
          const name = blob.name.slice(prefix.length);
          if (!name.includes("/")) names.push(name);
        }
        return names.toSorted();
      });
    } catch (caught) {
      if (blobAnswer(caught).status === 404) return [];
      throw this.#container.fault(`list ${prefix}`, caught);
    }
  }

  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease> {
    return acquireBlobLease(this.#container, this.#clock, { name, holder, ttlMs });
  }

  /** A write whose answer was lost is sent again and meets itself: then the stored write id is ours, and it succeeded. */
  async #ownWriteOrConflict(path: string, writeId: string, conflict: unknown): Promise<string> {
    try {
      const stored = await this.#container.request((client, abortSignal) =>
        client.getBlobClient(path).getProperties({ abortSignal }),
      );
      if (stored.metadata?.["writeid"] === writeId) return etagOf(path, stored.etag);
    } catch (caught) {
      if (blobAnswer(caught).status !== 404) throw this.#container.fault(`write ${path}`, caught);
    }
    throw new StoreConflictError(path, conflict);
  }
}

async function readBody(path: string, response: BlobDownloadResponseParsed): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.readableStreamBody ?? []) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
    length += bytes.length;
    if (length > MAX_BYTES) throw new StoreUnavailableError(`${path} is larger than ${MAX_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function etagOf(path: string, etag: string | undefined): string {
  if (etag === undefined) throw new StoreUnavailableError(`the answer about ${path} has no ETag`);
  return etag;
}
