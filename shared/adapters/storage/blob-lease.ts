/**
 * A lease of Azure Blob Storage on one small blob per lease name. The service itself decides who holds it and frees it when
 * the time is over; the blob's metadata says who that is and counts the holders (fencing token). Do not delete these blobs:
 * the count would begin again.
 * The holder's time is counted on the monotonic clock from before the request was sent, so ours ends before the service's.
 */
import type { BlobLeaseClient, ContainerClient } from "@azure/storage-blob";
import { LeaseHeldError, LeaseLostError, StoreUnavailableError } from "../../errors.ts";
import type { Clock, Lease } from "../../ports.ts";
import { newRequestId, type BlobContainer } from "./blob-container.ts";
import { blobAnswer, isWriteConflict, type BlobAnswer, withoutRequest } from "./blob-faults.ts";

export type BlobLeaseRequest = { readonly name: string; readonly holder: string; readonly ttlMs: number };

/** What the service accepts; longer leases are renewed instead. */
const MIN_SECONDS = 15;
const MAX_SECONDS = 60;

/** @throws LeaseHeldError, StoreUnavailableError */
export async function acquireBlobLease(
  container: BlobContainer,
  clock: Clock,
  request: BlobLeaseRequest,
): Promise<Lease> {
  const seconds = Math.floor(request.ttlMs / 1_000);
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    throw new StoreUnavailableError(
      `a blob lease lasts ${MIN_SECONDS} to ${MAX_SECONDS} s, asked for ${request.ttlMs} ms`,
    );
  }
  const path = `leases/${request.name}`;
  const leaseId = newRequestId();
  const askedAtMonotonicMs = clock.monotonicMs();
  await take({ container, path, leaseId, seconds, request });
  try {
    const fencingToken = await raiseFencingToken({ container, path, leaseId, holder: request.holder });
    const expiresAtMonotonicMs = askedAtMonotonicMs + seconds * 1_000;
    return new BlobLease({
      container,
      clock,
      path,
      leaseId,
      name: request.name,
      seconds,
      fencingToken,
      expiresAtMonotonicMs,
    });
  } catch (caught) {
    await giveBack(container, path, leaseId);
    throw container.fault(`take the lease ${request.name}`, caught);
  }
}

type TakeOptions = {
  readonly container: BlobContainer;
  readonly path: string;
  readonly leaseId: string;
  readonly seconds: number;
  readonly request: BlobLeaseRequest;
};

/** Asking again with the same lease id is the same lease, so a lost answer costs nothing. */
async function take(options: TakeOptions): Promise<void> {
  const { container, path, leaseId, seconds, request } = options;
  const acquire = (): Promise<unknown> =>
    container.request((client, abortSignal) =>
      leaseClient(client, path, leaseId).acquireLease(seconds, { abortSignal }),
    );
  try {
    try {
      await acquire();
    } catch (caught) {
      if (blobAnswer(caught).status !== 404) throw caught;
      await createLeaseBlob(container, path);
      await acquire();
    }
  } catch (caught) {
    if (isHeldByOther(blobAnswer(caught)))
      throw new LeaseHeldError(request.name, await holderOf(container, path), withoutRequest(caught));
    throw container.fault(`take the lease ${request.name}`, caught);
  }
}

/** 409 for a lease that somebody has. Breaking: somebody ended it by hand, and it is not free yet. */
function isHeldByOther({ status, code }: BlobAnswer): boolean {
  return status === 409 && (code === "LeaseAlreadyPresent" || code === "LeaseIsBreakingAndCannotBeAcquired");
}

async function createLeaseBlob(container: BlobContainer, path: string): Promise<void> {
  const note = "Lease of service-router. Holder and fencing token are in the metadata. Do not delete.\n";
  try {
    await container.write((client, abortSignal) =>
      client.getBlockBlobClient(path).upload(note, note.length, { abortSignal, conditions: { ifNoneMatch: "*" } }),
    );
  } catch (caught) {
    const answer = blobAnswer(caught);
    if (!isWriteConflict(answer)) throw caught;
  }
}

async function holderOf(container: BlobContainer, path: string): Promise<string> {
  try {
    const properties = await container.request((client, abortSignal) =>
      client.getBlobClient(path).getProperties({ abortSignal }),
    );
    return decodeURIComponent(properties.metadata?.["holder"] ?? "") || "another holder";
  } catch {
    return "another holder"; // That it is held is certain; the name is a courtesy.
  }
}

/** Under the lease, so nobody else raises it at the same time. @returns the new token. */
async function raiseFencingToken(options: {
  readonly container: BlobContainer;
  readonly path: string;
  readonly leaseId: string;
  readonly holder: string;
}): Promise<number> {
  const { container, path, leaseId, holder } = options;
  const properties = await container.request((client, abortSignal) =>
    client.getBlobClient(path).getProperties({ abortSignal, conditions: { leaseId } }),
  );
  const last = Number(properties.metadata?.["fencingtoken"] ?? "0");
  if (!Number.isSafeInteger(last) || last < 0) {
    throw new StoreUnavailableError(`the blob ${path} has no usable fencingtoken in its metadata; set it to a number`);
  }
  // Header values are ASCII, a holder's name need not be.
  const metadata = { holder: encodeURIComponent(holder), fencingtoken: String(last + 1) };
  await container.request((client, abortSignal) =>
    client.getBlobClient(path).setMetadata(metadata, { abortSignal, conditions: { leaseId } }),
  );
  return last + 1;
}

/** After a failure halfway: the service would free it anyway when its time is over. */
async function giveBack(container: BlobContainer, path: string, leaseId: string): Promise<void> {
  try {
    await container.request((client, abortSignal) => leaseClient(client, path, leaseId).releaseLease({ abortSignal }));
  } catch {
    // The failure that led here is the one to report.
  }
}

function leaseClient(client: ContainerClient, path: string, leaseId: string): BlobLeaseClient {
  return client.getBlobClient(path).getBlobLeaseClient(leaseId);
}

class BlobLease implements Lease {
  readonly name: string;
  readonly fencingToken: number;
  readonly #container: BlobContainer;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #leaseId: string;
  readonly #seconds: number;
  #expiresAtMonotonicMs: number;
  #ended = false;

  constructor(options: {
    readonly container: BlobContainer;
    readonly clock: Clock;
    readonly path: string;
    readonly leaseId: string;
    readonly name: string;
    readonly seconds: number;
    readonly fencingToken: number;
    readonly expiresAtMonotonicMs: number;
  }) {
    this.name = options.name;
    this.fencingToken = options.fencingToken;
    this.#container = options.container;
    this.#clock = options.clock;
    this.#path = options.path;
    this.#leaseId = options.leaseId;
    this.#seconds = options.seconds;
    this.#expiresAtMonotonicMs = options.expiresAtMonotonicMs;
  }

  get expiresAtMonotonicMs(): number {
    return this.#expiresAtMonotonicMs;
  }

  /** A lease that ran out is lost even where the service would still renew it: others may have come and gone. */
  async renew(): Promise<void> {
    const askedAtMonotonicMs = this.#clock.monotonicMs();
    if (this.#ended || askedAtMonotonicMs >= this.#expiresAtMonotonicMs) throw this.#lost();
    try {
      await this.#container.request((client, abortSignal) =>
        leaseClient(client, this.#path, this.#leaseId).renewLease({ abortSignal }),
      );
    } catch (caught) {
      if (isLeaseGone(blobAnswer(caught))) throw this.#lost(withoutRequest(caught));
      throw this.#container.fault(`renew the lease ${this.name}`, caught);
    }
    this.#expiresAtMonotonicMs = askedAtMonotonicMs + this.#seconds * 1_000;
  }

  async release(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#container.request((client, abortSignal) =>
        leaseClient(client, this.#path, this.#leaseId).releaseLease({ abortSignal }),
      );
    } catch (caught) {
      // A lease that is gone, or another's by now, needs no release and must not get one.
      if (!isLeaseGone(blobAnswer(caught))) throw this.#container.fault(`release the lease ${this.name}`, caught);
    }
    this.#ended = true;
  }

  #lost(cause?: unknown): LeaseLostError {
    this.#ended = true;
    return new LeaseLostError(this.name, cause);
  }
}

/** 409: another lease id, broken or expired; 412: the lease was lost; 404: the blob is gone. */
function isLeaseGone({ status }: BlobAnswer): boolean {
  return status === 409 || status === 412 || status === 404;
}
