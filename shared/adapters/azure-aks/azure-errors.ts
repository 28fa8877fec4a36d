/**
 * What the Azure SDK threw, as far as it matters here. Its errors carry the request with its token, and whole responses: only
 * status and code are passed on, in the cause as well.
 */
import { AzureUnavailableError, FleetError, ForbiddenError, ThrottledError } from "../../errors.ts";

/** Longer than this is not waited for: the pass goes on without, and the next one asks again. */
const LONGEST_WAIT_MS = 10_000;

export type AzureRequestMeaning = {
  /** `subscription/<id>` or `cluster/<name>`. */
  readonly place: string;
  /** In words, e.g. `list managed clusters`. */
  readonly what: string;
  /** Role to assign when it is forbidden. */
  readonly role: string;
};

/** HTTP status of a failed ARM call; undefined when there was no answer. */
export function statusOf(caught: unknown): number | undefined {
  if (!(caught instanceof Error) || !("statusCode" in caught)) return undefined;
  return typeof caught.statusCode === "number" ? caught.statusCode : undefined;
}

/** @returns the FleetError to throw. */
export function asAzureError(caught: unknown, meaning: AzureRequestMeaning): FleetError {
  if (caught instanceof FleetError) return caught;
  const { place, what, role } = meaning;
  const status = statusOf(caught);
  const cause = withoutRequest(caught);
  if (status === 403) return new ForbiddenError(place, what, cause, `the role "${role}" in Azure`);
  if (status === 429) return new ThrottledError("Azure Resource Manager", retryAfterMs(caught), cause);
  return new AzureUnavailableError(`${what} (${place}): ${describe(caught)}`, cause);
}

/** A cause that may be logged. */
export function withoutRequest(caught: unknown): Error {
  const name = caught instanceof Error ? caught.name : "Error";
  return new Error(`${name}: ${describe(caught)}`);
}

/** `403 AuthorizationFailed`, `ECONNREFUSED`, or the name of the error. */
export function describe(caught: unknown): string {
  if (!(caught instanceof Error)) return "unknown error";
  const status = statusOf(caught);
  const code = "code" in caught && typeof caught.code === "string" ? caught.code : "";
  const parts = [status === undefined ? "" : String(status), code].filter((part) => part !== "");
  return parts.length === 0 ? caught.name : parts.join(" ");
}

/** The Azure SDK waits as long as it is told, minutes if need be; a pass cannot. @throws ThrottledError */
export function refuseLongWaits(status: number, retryAfter: string | undefined): void {
  if (status !== 429 || retryAfter === undefined) return;
  const ms = waitMs(retryAfter);
  if (ms > LONGEST_WAIT_MS) throw new ThrottledError("Azure Resource Manager", ms);
}

function retryAfterMs(caught: unknown): number {
  if (!(caught instanceof Error) || !("response" in caught)) return 0;
  const { response } = caught;
  if (typeof response !== "object" || response === null || !("headers" in response)) return 0;
  const { headers } = response;
  if (typeof headers !== "object" || headers === null || !("get" in headers) || typeof headers.get !== "function")
    return 0;
  const value: unknown = headers.get("retry-after");
  return typeof value === "string" ? waitMs(value) : 0;
}

/** Seconds, or a date. */
function waitMs(retryAfter: string): number {
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
