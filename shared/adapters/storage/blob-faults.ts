/**
 * Errors of Azure Blob Storage: which of them are answers (absent, conflict, lease gone), and the words for all others.
 * Judged by HTTP status and storage error code only. Messages name account and container, never a key, token or header.
 */
import { FleetError, StoreUnavailableError } from "../../errors.ts";

export type BlobAnswer = { readonly status: number | undefined; readonly code: string };

export type BlobScope = { readonly account: string; readonly container: string };

/** Status and code of whatever the SDK threw; `code` is the storage error code, else the name of a network error. */
export function blobAnswer(caught: unknown): BlobAnswer {
  if (typeof caught !== "object" || caught === null) return { status: undefined, code: "" };
  const status = "statusCode" in caught && typeof caught.statusCode === "number" ? caught.statusCode : undefined;
  const detail = "details" in caught ? caught.details : undefined;
  // HEAD requests have no body, so there the code stands only in the parsed headers.
  if (typeof detail === "object" && detail !== null && "errorCode" in detail && typeof detail.errorCode === "string") {
    return { status, code: detail.errorCode };
  }
  if ("code" in caught && typeof caught.code === "string") return { status, code: caught.code };
  return { status, code: "name" in caught && typeof caught.name === "string" ? caught.name : "" };
}

export function isContainerMissing(answer: BlobAnswer): boolean {
  return answer.status === 404 && answer.code === "ContainerNotFound";
}

/** 412, or 409 for a blob that should not have been there yet. A container being deleted is 409 too, but no conflict. */
export function isWriteConflict(answer: BlobAnswer): boolean {
  return answer.status === 412 || (answer.status === 409 && answer.code === "BlobAlreadyExists");
}

/** Errors of this project pass through unchanged. */
export function blobFault(doing: string, scope: BlobScope, caught: unknown): FleetError {
  if (caught instanceof FleetError) return caught;
  const answer = blobAnswer(caught);
  const where = `storage account ${scope.account}, container ${scope.container}: cannot ${doing}`;
  return new StoreUnavailableError(`${where}: ${advice(answer)}`, withoutRequest(caught));
}

function advice({ status, code }: BlobAnswer): string {
  const named = code === "" ? "" : ` (${code})`;
  if (status === 401 || status === 403) return `${forbiddenAdvice(code)}${named}`;
  if (status === 409 && code === "ContainerBeingDeleted")
    return `the container is being deleted; wait a minute${named}`;
  if (status === 400) return `the request was refused${named}; check the names of account and container`;
  if (status === 404) return `not found${named}; check the names of account and container`;
  if (status !== undefined) return `the service answered ${status}${named}`;
  switch (code) {
    case "ENOTFOUND":
      return `the account's name does not resolve (${code}); check store.blob.accountUrl and the private DNS zone`;
    case "AbortError":
    case "TimeoutError":
    case "ABORT_ERR":
      return "no answer in time; check the network path to the account";
    case "CredentialUnavailableError":
    case "AuthenticationRequiredError":
    case "AggregateAuthenticationError":
      return `no token could be had (${code}); check the managed identity, or sign in`;
    default:
      return `no answer${named}; check the network path to the account`;
  }
}

/** In words for a person: why the fleet document could not be read from its blob. Reading needs less than a store does. */
export function documentAdvice(caught: unknown): string {
  const { status, code } = blobAnswer(caught);
  const named = code === "" ? "" : ` (${code})`;
  if ((status === 401 || status === 403) && code !== "AuthorizationFailure") {
    return `refused${named}; give this identity the role Storage Blob Data Reader there`;
  }
  if (status === 404) return `there is no such blob${named}; check the names of container and blob`;
  return code === "ENOTFOUND"
    ? `the account's name does not resolve (${code}); check the address and the private DNS zone`
    : advice({ status, code });
}

function forbiddenAdvice(code: string): string {
  switch (code) {
    case "AuthorizationFailure":
      return "refused; the account's firewall does not allow this network, or it does not allow keys";
    case "KeyBasedAuthenticationNotPermitted":
      return "the account allows no keys; set store.blob.accountUrl and use an identity";
    case "AuthenticationFailed":
    case "InvalidAuthenticationInfo":
    case "NoAuthenticationInformation":
      return "the credential was refused; check it and this machine's clock";
    default:
      return `refused; give this identity the role "Storage Blob Data Contributor" on the container or account`;
  }
}

/** A cause that may be logged: the SDK's own error carries the request, and that carries the token. */
export function withoutRequest(caught: unknown): Error {
  const { status, code } = blobAnswer(caught);
  const name = caught instanceof Error ? caught.name : "Error";
  return new Error([name, status, code].filter((part) => part !== undefined && part !== "").join(" "));
}
