/**
 * Gives a failed request its meaning for the fleet. Callers judge first what only they can know (a 409 of an apply, a 410 of
 * a list page); the rest is judged here, one way for all.
 */
import {
  ClusterCertificateError,
  ClusterUnauthorizedError,
  ClusterUnreachableError,
  FleetError,
  ForbiddenError,
  ThrottledError,
} from "../../errors.ts";
import { NoAnswerFailure, StatusFailure } from "./request-failure.ts";
import { isDeadline } from "./retry.ts";

export type RequestMeaning = {
  readonly cluster: string;
  /** Verb and resource as a Role names them: `list serviceroutes.routing.router.io`. */
  readonly what: string;
  readonly signal: AbortSignal;
};

/** The place of a cluster in messages and errors. */
export function placeOf(cluster: string): string {
  return `cluster/${cluster}`;
}

/**
 * @returns the FleetError to throw; the reason of the caller's signal where the caller stopped us for a reason of its own;
 *   anything unknown (a bug of ours) as it is.
 */
export function asFleetError(caught: unknown, meaning: RequestMeaning): unknown {
  const { cluster, what, signal } = meaning;
  if (caught instanceof FleetError) return caught;
  if (signal.aborted && !isDeadline(signal)) return signal.reason;
  if (caught instanceof NoAnswerFailure) {
    if (caught.certificate) return new ClusterCertificateError(cluster, caught.code, caught);
    return new ClusterUnreachableError(cluster, `${caught.message} (${what})`, caught);
  }
  if (caught instanceof StatusFailure) return statusError(caught, meaning);
  if (signal.aborted) return new ClusterUnreachableError(cluster, `no answer within the deadline (${what})`, caught);
  return caught;
}

function statusError(failure: StatusFailure, meaning: RequestMeaning): FleetError {
  const { cluster, what } = meaning;
  switch (failure.status) {
    case 401:
      return new ClusterUnauthorizedError(cluster, "401 Unauthorized; renew the token or certificate", failure);
    case 403:
      return new ForbiddenError(placeOf(cluster), what, failure);
    case 429:
      return new ThrottledError(placeOf(cluster), failure.retryAfterMs ?? 0, failure);
    default:
      return new ClusterUnreachableError(
        cluster,
        `the API server ${failure.message} (${what})`,
        failure,
        "gives no usable answer",
      );
  }
}
