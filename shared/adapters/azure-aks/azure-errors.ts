/** What the Azure SDK threw, as errors of the fleet: which resource, which right is missing, and how long to wait. */
import { describe, retryAfterMs, statusOf, withoutRequest } from "../../contracts/azure/request-failure.ts";
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

/** @returns the FleetError to throw. */
export function asAzureError(caught: unknown, meaning: AzureRequestMeaning): FleetError {
  if (caught instanceof FleetError) return caught;
  const { place, what, role } = meaning;
  const status = statusOf(caught);
  const cause = withoutRequest(caught);
  if (status === 403) return new ForbiddenError(place, what, cause, `the role "${role}" in Azure`);
  if (status === 429) return new ThrottledError("Azure Resource Manager", askedWaitMs(caught), cause);
  return new AzureUnavailableError(`${what} (${place}): ${describe(caught)}`, cause);
}

/** The Azure SDK waits as long as it is told, minutes if need be; a pass cannot. @throws ThrottledError */
export function refuseLongWaits(status: number, retryAfter: string | undefined): void {
  if (status !== 429 || retryAfter === undefined) return;
  const ms = retryAfterMs(retryAfter, Date.now());
  if (ms > LONGEST_WAIT_MS) throw new ThrottledError("Azure Resource Manager", ms);
}

function askedWaitMs(caught: unknown): number {
  if (!(caught instanceof Error) || !("response" in caught)) return 0;
  const { response } = caught;
  if (typeof response !== "object" || response === null || !("headers" in response)) return 0;
  const { headers } = response;
  if (typeof headers !== "object" || headers === null || !("get" in headers) || typeof headers.get !== "function")
    return 0;
  const value: unknown = headers.get("retry-after");
  return typeof value === "string" ? retryAfterMs(value, Date.now()) : 0;
}
