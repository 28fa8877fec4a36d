/**
 * Errors that cross a boundary. Adapters throw a `FleetError`; `app` catches once per stage and turns it into a value.
 * Match `code`, never `message`. Messages hold no secret, token, header or body; the cause is always kept.
 */

/** Something outside us did not do what was asked. `retryable`: the same call may work later with nothing changed. */
export abstract class FleetError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;
}

/** No usable answer from one API server before the deadline. Says nothing about the workloads behind it. */
export class ClusterUnreachableError extends FleetError {
  override readonly name = "ClusterUnreachableError";
  readonly code = "CLUSTER_UNREACHABLE";
  readonly retryable = true;
  readonly cluster: string;
  /** @param what is wrong in a word or two, where there was an answer, but none that can be used. */
  constructor(cluster: string, detail: string, cause?: unknown, what = "cannot be reached") {
    super(`cluster ${cluster} ${what}: ${detail}`, { cause });
    this.cluster = cluster;
  }
}

/** A directory of manifests could not be written: a full disk, a missing permission. Others of the fleet are not concerned. */
export class DirectoryNotWrittenError extends FleetError {
  override readonly name = "DirectoryNotWrittenError";
  readonly code = "DIRECTORY_NOT_WRITTEN";
  readonly retryable = true;
  readonly cluster: string;
  constructor(cluster: string, directory: string, cause: Error) {
    super(`cluster ${cluster}: cannot write to ${directory}: ${cause.message}`, { cause });
    this.cluster = cluster;
  }
}

/** The server's certificate is not signed by the configured CA, or is for another name. Needs a change of configuration. */
export class ClusterCertificateError extends FleetError {
  override readonly name = "ClusterCertificateError";
  readonly code = "CLUSTER_CERTIFICATE";
  readonly retryable = false;
  readonly cluster: string;
  constructor(cluster: string, detail: string, cause?: unknown) {
    const what = /ALTNAME|HOSTNAME/.test(detail)
      ? `is for another name (${detail}); check the server address in its source, or set tls-server-name`
      : `is not trusted (${detail}); check the CA in its source`;
    super(`cluster ${cluster}: the API server's certificate ${what}`, { cause });
    this.cluster = cluster;
  }
}

/** 401: the credential is missing, expired or refused. */
export class ClusterUnauthorizedError extends FleetError {
  override readonly name = "ClusterUnauthorizedError";
  readonly code = "CLUSTER_UNAUTHORIZED";
  readonly retryable = false;
  readonly cluster: string;
  constructor(cluster: string, detail: string, cause?: unknown) {
    super(`cluster ${cluster} refused the credential: ${detail}`, { cause });
    this.cluster = cluster;
  }
}

/** 403: the identity may not do this. `what` names verb and kind, so that the missing rule can be granted. */
export class ForbiddenError extends FleetError {
  override readonly name = "ForbiddenError";
  readonly code = "FORBIDDEN";
  readonly retryable = false;
  readonly place: string;
  readonly what: string;
  /** @param grant what to assign, or where the rules are; default: the cluster roles of this product. */
  constructor(place: string, what: string, cause?: unknown, grant = "crds/rbac/") {
    super(`${place}: not allowed to ${what}; grant it (${grant})`, { cause });
    this.place = place;
    this.what = what;
  }
}

/** The kind is not served by this API server: its CRD is not installed, or not in a version we know. */
export class KindNotServedError extends FleetError {
  override readonly name = "KindNotServedError";
  readonly code = "KIND_NOT_SERVED";
  readonly retryable = false;
  readonly cluster: string;
  readonly kind: string;
  constructor(cluster: string, kind: string, cause?: unknown) {
    super(`cluster ${cluster} does not serve ${kind}; install its CRD`, { cause });
    this.cluster = cluster;
    this.kind = kind;
  }
}

/** A list that could not be read to its end (a page failed, 410 Gone twice, a deadline). Partial knowledge is no knowledge. */
export class IncompleteListError extends FleetError {
  override readonly name = "IncompleteListError";
  readonly code = "LIST_INCOMPLETE";
  readonly retryable = true;
  readonly cluster: string;
  readonly kind: string;
  constructor(cluster: string, kind: string, detail: string, cause?: unknown) {
    super(`cluster ${cluster}: the list of ${kind} was not read to its end: ${detail}`, { cause });
    this.cluster = cluster;
    this.kind = kind;
  }
}

/** 409 on server-side apply: another field manager owns a field we want. Never forced, except to adopt the predecessor's objects. */
export class FieldConflictError extends FleetError {
  override readonly name = "FieldConflictError";
  readonly code = "FIELD_CONFLICT";
  readonly retryable = false;
  readonly place: string;
  readonly object: string;
  readonly owned: { readonly managers: readonly string[]; readonly fields: readonly string[] };
  constructor(place: string, object: string, owned: FieldConflictError["owned"], cause?: unknown) {
    super(
      `${place}: ${object} has fields owned by ${owned.managers.join(", ")} (${owned.fields.join(", ")}); ` +
        `remove them there, or delete the object so that it is made again`,
      { cause },
    );
    this.place = place;
    this.object = object;
    this.owned = owned;
  }
}

/** The object changed or vanished between read and write (409, 412 or 404 on a precondition). The next pass reads it again. */
export class StaleObjectError extends FleetError {
  override readonly name = "StaleObjectError";
  readonly code = "STALE_OBJECT";
  readonly retryable = true;
  readonly place: string;
  readonly object: string;
  constructor(place: string, object: string, detail: string, cause?: unknown) {
    super(`${place}: ${object} is not as it was read: ${detail}`, { cause });
    this.place = place;
    this.object = object;
  }
}

/** The place refused this one object (schema, CEL, admission webhook). Trying again without a change will not help. */
export class ObjectRefusedError extends FleetError {
  override readonly name = "ObjectRefusedError";
  readonly code = "OBJECT_REFUSED";
  readonly retryable = false;
  readonly place: string;
  readonly object: string;
  constructor(place: string, object: string, detail: string, cause?: unknown) {
    super(`${place} refused ${object}: ${detail}`, { cause });
    this.place = place;
    this.object = object;
  }
}

/** The place asked us to slow down (429) for longer than this run may wait. */
export class ThrottledError extends FleetError {
  override readonly name = "ThrottledError";
  readonly code = "THROTTLED";
  readonly retryable = true;
  readonly place: string;
  readonly retryAfterMs: number;
  constructor(place: string, retryAfterMs: number, cause?: unknown) {
    super(`${place} is throttling; it asks for ${retryAfterMs} ms`, { cause });
    this.place = place;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No usable answer about one zone before the deadline, or not to its last page. Says nothing about its records. */
export class ZoneUnreachableError extends FleetError {
  override readonly name = "ZoneUnreachableError";
  readonly code = "ZONE_UNREACHABLE";
  readonly retryable = true;
  readonly zone: string;
  /** @param zone resource group and name, or the file. @param what is wrong, where there was an answer of no use. */
  constructor(zone: string, detail: string, cause?: unknown, what = "cannot be reached") {
    super(`zone ${zone} ${what}: ${detail}`, { cause });
    this.zone = zone;
  }
}

/** There is no such zone where the fleet configuration says. */
export class ZoneNotFoundError extends FleetError {
  override readonly name = "ZoneNotFoundError";
  readonly code = "ZONE_NOT_FOUND";
  readonly retryable = false;
  readonly zone: string;
  constructor(zone: string, cause?: unknown) {
    super(`zone ${zone} does not exist; correct regions[].zones of the fleet configuration`, { cause });
    this.zone = zone;
  }
}

/** Azure Resource Manager or Entra ID gave no usable answer. Says nothing about the clusters and zones they manage. */
export class AzureUnavailableError extends FleetError {
  override readonly name = "AzureUnavailableError";
  readonly code = "AZURE_UNAVAILABLE";
  readonly retryable = true;
  constructor(detail: string, cause?: unknown) {
    super(`Azure gave no usable answer: ${detail}`, { cause });
  }
}

/** The state store could not be read or written. */
export class StoreUnavailableError extends FleetError {
  override readonly name = "StoreUnavailableError";
  readonly code = "STORE_UNAVAILABLE";
  readonly retryable = true;
  constructor(detail: string, cause?: unknown) {
    super(`the state store cannot be used: ${detail}`, { cause });
  }
}

/** A conditional write lost: somebody else wrote the document since it was read. */
export class StoreConflictError extends FleetError {
  override readonly name = "StoreConflictError";
  readonly code = "STORE_CONFLICT";
  readonly retryable = true;
  readonly document: string;
  constructor(document: string, cause?: unknown) {
    super(`${document} was changed by somebody else since it was read`, { cause });
    this.document = document;
  }
}

/**
 * The stored document was written by a later version of this product. It is kept: overwriting it would lose what that
 * version knows. Needs a person: run that version again, or move the document away.
 */
export class StoreNewerSchemaError extends FleetError {
  override readonly name = "StoreNewerSchemaError";
  readonly code = "STORE_NEWER_SCHEMA";
  readonly retryable = false;
  readonly document: string;
  readonly schema: number;
  constructor(document: string, schema: number, cause?: unknown) {
    super(
      `${document} has schema ${schema}, written by a later version of service-router, and is not overwritten; ` +
        `update this installation, or move the document away`,
      { cause },
    );
    this.document = document;
    this.schema = schema;
  }
}

/** Another holder has the lease. */
export class LeaseHeldError extends FleetError {
  override readonly name = "LeaseHeldError";
  readonly code = "LEASE_HELD";
  readonly retryable = true;
  readonly lease: string;
  readonly holder: string;
  constructor(lease: string, holder: string, cause?: unknown) {
    super(`the lease ${lease} is held by ${holder}`, { cause });
    this.lease = lease;
    this.holder = holder;
  }
}

/** Our lease ran out or was taken: nothing more may be written under it. */
export class LeaseLostError extends FleetError {
  override readonly name = "LeaseLostError";
  readonly code = "LEASE_LOST";
  readonly retryable = true;
  readonly lease: string;
  constructor(lease: string, cause?: unknown) {
    super(`the lease ${lease} was lost; nothing more was written under it`, { cause });
    this.lease = lease;
  }
}

/** Configuration, request or flag that cannot be used. Every fault is named by its path; nothing was done. */
export class ConfigurationError extends FleetError {
  override readonly name = "ConfigurationError";
  readonly code = "CONFIGURATION";
  readonly retryable = false;
  readonly source: string;
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  constructor(source: string, faults: readonly { path: string; message: string }[], cause?: unknown) {
    const lines = faults.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    // One fault is one line: many messages end up in a place where there is no other.
    const listed =
      lines.length === 1 ? `1 fault: ${lines.join("")}` : `${lines.length} faults:\n  ${lines.join("\n  ")}`;
    super(`${source} has ${listed}`, { cause });
    this.source = source;
    this.faults = faults;
  }
}

/** Our own bug: an assumption of the core does not hold. Stops the run. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
  readonly code = "INVARIANT";
}

/** The one place where a caught `unknown` becomes an Error. */
export function asError(caught: unknown): Error {
  return caught instanceof Error ? caught : new Error(String(caught));
}
