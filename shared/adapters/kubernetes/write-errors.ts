/**
 * What a refused write means. The API server says it by status, reason and causes; only where it gives no reason at all
 * (a 403 may be RBAC or admission, a 500 may be a schema) its fixed wording decides, measured on kube-apiserver 1.36.
 */
import {
  FieldConflictError,
  ForbiddenError,
  KindNotServedError,
  ObjectRefusedError,
  StaleObjectError,
} from "../../errors.ts";
import type { Kind } from "../../model/kinds.ts";
import { asFleetError, placeOf } from "./fleet-errors.ts";
import { StatusFailure } from "./request-failure.ts";
import { resourceName } from "./resource-path.ts";

export type WriteMeaning = {
  readonly cluster: string;
  readonly kind: Kind;
  readonly key: string;
  readonly verb: "create" | "patch" | "delete";
  /** `patch clusteridentities/status` needs a rule of its own. */
  readonly subresource?: "status";
  readonly signal: AbortSignal;
};

const MADE_AGAIN = "it was deleted and made again";

/** @returns the error to throw. */
export function writeError(caught: unknown, meaning: WriteMeaning): unknown {
  const { cluster, kind, key, verb, signal } = meaning;
  const what = `${verb} ${resourceOf(meaning)}`;
  if (!(caught instanceof StatusFailure)) return asFleetError(caught, { cluster, what, signal });
  const place = placeOf(cluster);
  const object = `${kind} ${key}`;
  switch (caught.status) {
    case 409:
      return conflictError(caught, meaning);
    case 404:
      return missingError(caught, meaning);
    case 422:
      if (caught.causes.some((cause) => cause.field === "metadata.uid")) {
        return new StaleObjectError(place, object, MADE_AGAIN, caught);
      }
      // A JSON patch whose test failed says no more than 422; ours test the uid (status.ts) or the version (write.ts).
      if (caught.causes.length === 0) return new StaleObjectError(place, object, MADE_AGAIN, caught);
      return new ObjectRefusedError(place, object, caught.detail, caught);
    case 400:
    case 413:
      return new ObjectRefusedError(place, object, caught.detail, caught);
    case 403:
      if (isMissingRight(caught)) return new ForbiddenError(place, missingRight(caught, meaning), caught);
      return new ObjectRefusedError(place, object, caught.detail, caught);
    case 500:
      if (isSchemaFault(caught) || caught.reason === "InternalError") {
        return new ObjectRefusedError(place, object, caught.detail, caught);
      }
      return asFleetError(caught, { cluster, what, signal });
    default:
      return asFleetError(caught, { cluster, what, signal });
  }
}

function conflictError(failure: StatusFailure, meaning: WriteMeaning): FieldConflictError | StaleObjectError {
  const place = placeOf(meaning.cluster);
  const object = `${meaning.kind} ${meaning.key}`;
  const conflicts = failure.causes.filter((cause) => cause.reason === "FieldManagerConflict");
  if (conflicts.length > 0) {
    const managers = sortedUnique(conflicts.map((cause) => managerOf(cause.message)));
    return new FieldConflictError(
      place,
      object,
      { managers, fields: sortedUnique(conflicts.map((c) => c.field)) },
      failure,
    );
  }
  const detail = meaning.verb === "create" ? "somebody else made it meanwhile" : "it was changed or deleted meanwhile";
  return new StaleObjectError(place, object, detail, failure);
}

function resourceOf(meaning: WriteMeaning): string {
  return `${resourceName(meaning.kind)}${meaning.subresource === undefined ? "" : `/${meaning.subresource}`}`;
}

/** The verb that RBAC missed: a create by apply needs `patch` and `create`, and the refusal says which of them. */
function missingRight(failure: StatusFailure, meaning: WriteMeaning): string {
  const verb = /cannot (\w+) resource/.exec(failure.detail)?.[1] ?? meaning.verb;
  return `${verb} ${resourceOf(meaning)}`;
}

function missingError(failure: StatusFailure, meaning: WriteMeaning): KindNotServedError | StaleObjectError {
  // The answer for an unknown path is plain text; every answer about an object is a Status.
  if (failure.reason === "") return new KindNotServedError(meaning.cluster, meaning.kind, failure);
  const detail = failure.detailKind === "namespaces" ? "its namespace does not exist" : "it does not exist any more";
  return new StaleObjectError(placeOf(meaning.cluster), `${meaning.kind} ${meaning.key}`, detail, failure);
}

/** RBAC words its refusals so; admission (webhooks, policies, quotas, terminating namespaces) has words of its own. */
function isMissingRight(failure: StatusFailure): boolean {
  return (
    failure.reason === "Forbidden" && failure.causes.length === 0 && failure.detail.includes('is forbidden: User "')
  );
}

/** Server-side apply answers an object that does not fit its schema with 500 and no reason. */
function isSchemaFault(failure: StatusFailure): boolean {
  return failure.reason === "" && failure.detail.startsWith("failed to create typed patch object");
}

/** `conflict with "kubectl-edit" using v1` → `kubectl-edit`. */
function managerOf(message: string): string {
  return /conflict with "([^"]*)"/.exec(message)?.[1] ?? "an unknown field manager";
}

function sortedUnique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
