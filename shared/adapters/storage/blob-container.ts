/**
 * One container of Azure Blob Storage as the storage adapter uses it: the SDK loaded on first use (it costs 100 to 300 ms),
 * a deadline per request, the container made when it is missing.
 */
import { randomUUID } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import type { BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import { ConfigurationError, type FleetError } from "../../errors.ts";
import { blobAnswer, blobFault, isContainerMissing } from "./blob-faults.ts";

export type BlobAccount =
  | { readonly kind: "identity"; readonly url: string; readonly credential: TokenCredential }
  | { readonly kind: "connection-string"; readonly connectionString: string };

/**
 * The SDK's own timeout is only a wish to the server; a dead connection would hang for minutes. Two attempts of this
 * length stay far below a lease of 60 s. Writes and leases carry ids, so a second attempt cannot be taken for another's.
 */
const ATTEMPT_MS = 8_000;
const ATTEMPTS = 2;
const RETRIES = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 2_000 };

export class BlobContainer {
  readonly #account: BlobAccount;
  readonly #name: string;
  #client: Promise<ContainerClient> | undefined;
  #accountName = "(not connected)";

  constructor(account: BlobAccount, name: string) {
    this.#account = account;
    this.#name = name;
  }

  /** One request, tried again when the connection was dead. Errors are the SDK's; see `fault`. */
  async request<T>(work: (client: ContainerClient, abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    for (let attempt = 1; ; attempt += 1) {
      const abortSignal = AbortSignal.timeout(ATTEMPT_MS);
      try {
        return await work(client, abortSignal);
      } catch (caught) {
        if (!abortSignal.aborted || attempt >= ATTEMPTS) throw caught;
      }
    }
  }

  /** As `request`, for writes: a missing container is made once, then the request is sent again. */
  async write<T>(work: (client: ContainerClient, abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.request(work);
    } catch (caught) {
      if (!isContainerMissing(blobAnswer(caught))) throw caught;
    }
    try {
      await this.request((client, abortSignal) => client.createIfNotExists({ abortSignal }));
    } catch (caught) {
      throw this.fault("create the container (it does not exist)", caught);
    }
    return await this.request(work);
  }

  /** What the SDK threw, in words for a person. */
  fault(doing: string, caught: unknown): FleetError {
    return blobFault(doing, { account: this.#accountName, container: this.#name }, caught);
  }

  async #connect(): Promise<ContainerClient> {
    this.#client ??= connect(this.#account, this.#name);
    const client = await this.#client;
    this.#accountName = client.accountName;
    return client;
  }
}

/** Marks one write or lease, so that its repetition is recognised. */
export function newRequestId(): string {
  return randomUUID();
}

/** @throws ConfigurationError: the same settings give it again, so it may be remembered. */
async function connect(account: BlobAccount, container: string): Promise<ContainerClient> {
  const sdk = await import("@azure/storage-blob");
  try {
    const service: BlobServiceClient =
      account.kind === "identity"
        ? new sdk.BlobServiceClient(account.url, account.credential, { retryOptions: RETRIES })
        : sdk.BlobServiceClient.fromConnectionString(account.connectionString, { retryOptions: RETRIES });
    return service.getContainerClient(container);
  } catch (caught) {
    // A connection string holds a key: nothing of it, nor of a parser's complaint about it, is repeated.
    const path = account.kind === "identity" ? "store.accountUrl" : "store.connectionStringSetting";
    const message =
      account.kind === "identity" ? `not the URL of an account: ${account.url}` : "not a connection string";
    throw new ConfigurationError("the state store", [{ path, message }], caught);
  }
}
