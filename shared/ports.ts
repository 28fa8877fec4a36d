/**
 * Every interface to the outside, on one page. `app` calls these; `adapters/` implement them; `compose.ts` joins the two.
 * All methods throw only `FleetError` (errors.ts) or an AbortError of the given signal.
 */
import type { AccessRight, DeniedRight, ZoneAction } from "./model/access.ts";
import type { Precondition } from "./model/change.ts";
import type { JsonObject } from "./model/json.ts";
import type { Kind, KindObjects } from "./model/kinds.ts";
import type { ClusterConfiguration, DiscoveryConfiguration, ZoneConfiguration } from "./model/fleet-configuration.ts";
import type { Condition } from "./model/object-meta.ts";
import type { RejectedObject } from "./model/resources.ts";
import type { DocumentName, DocumentTypes, Found } from "./model/state.ts";
import type { RecordSet, RecordSetDelete, RecordSetId, RecordSetWrite } from "./model/zone-records.ts";

/** Wall clock for records, monotonic clock for leases and deadlines. */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type ReadList<T> = { readonly objects: readonly T[]; readonly rejected: readonly RejectedObject[] };

/**
 * One object to write by server-side apply with field manager `service-router`.
 * `force` only to adopt an object of the predecessor. With a precondition the object must still have that uid.
 */
export type ObjectWrite = {
  readonly kind: Kind;
  readonly key: string;
  /** apiVersion, kind, metadata (name, namespace, labels, annotations, ownerReferences) and spec. */
  readonly body: JsonObject;
  readonly force: boolean;
  readonly precondition?: Precondition;
};

export type ObjectDelete = {
  readonly kind: Kind;
  readonly key: string;
  readonly precondition: Precondition;
};

/** A whole status of one of our five kinds, as it should be afterwards. */
export type StatusUpdate = {
  readonly kind: Kind;
  readonly key: string;
  readonly uid: string;
  readonly fields: JsonObject;
  readonly conditions: readonly Condition[];
};

/** A Kubernetes Event on a resource. The same (uid, reason, message) again raises its count instead of a new Event. */
export type ResourceEvent = {
  readonly kind: Kind;
  readonly key: string;
  readonly uid: string;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
};

/** One cluster: read whole kinds, write single objects. Retries and paging are inside; decisions are not. */
export interface ClusterPort {
  readonly name: string;
  /**
   * Every object of a kind, to the last page.
   * @throws ClusterUnreachableError, ClusterCertificateError, ClusterUnauthorizedError, ForbiddenError, KindNotServedError,
   *   IncompleteListError
   */
  list<K extends Kind>(kind: K, signal: AbortSignal): Promise<ReadList<KindObjects[K]>>;
  /** The version under which Istio Gateways are served (`v1` preferred); undefined when they are not served. */
  istioVersion(signal: AbortSignal): Promise<"v1" | "v1beta1" | undefined>;
  /** @throws FieldConflictError, ObjectRefusedError, StaleObjectError, ForbiddenError, ThrottledError, ClusterUnreachableError */
  apply(write: ObjectWrite, signal: AbortSignal): Promise<void>;
  /** An object that is already gone counts as deleted. @throws StaleObjectError when it is another one by now. */
  remove(target: ObjectDelete, signal: AbortSignal): Promise<void>;
  writeStatus(update: StatusUpdate, signal: AbortSignal): Promise<void>;
  recordEvent(event: ResourceEvent, signal: AbortSignal): Promise<void>;
  /** Those of the rights that the credential lacks, in their order; none where nobody has to be asked. Writes nothing. */
  deniedRights(rights: readonly AccessRight[], signal: AbortSignal): Promise<readonly DeniedRight[]>;
  /** The cluster's own clock in epoch ms, in whole seconds, cut off; undefined where there is none. */
  serverTimeMs(signal: AbortSignal): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Opens clusters by their configured source. Connections live as long as the source does. */
export interface ClusterSource {
  /** @throws FleetError when the source cannot even be tried (no such context, no such directory). */
  open(cluster: ClusterConfiguration): Promise<ClusterPort>;
  /** Clusters that carry the configured tag now, as configurations. */
  discover(discovery: DiscoveryConfiguration, signal: AbortSignal): Promise<readonly ClusterConfiguration[]>;
  close(): Promise<void>;
}

/** One DNS zone: read whole, write single record sets. Pages, retries and pacing are inside; decisions are not. */
export interface ZonePort {
  /** DNS name, lower case. */
  readonly zone: string;
  /**
   * Every record set of the types in model/zone-records, to the last page, sorted by name and type.
   * @throws ZoneUnreachableError, ZoneNotFoundError, ForbiddenError, ThrottledError; of a file ZONE_FILE_INVALID
   */
  list(signal: AbortSignal): Promise<readonly RecordSet[]>;
  /** One record set as it is now; undefined when there is none. */
  get(id: RecordSetId, signal: AbortSignal): Promise<RecordSet | undefined>;
  /**
   * @returns the record set as written.
   * @throws StaleObjectError when it is not as `expected`, ObjectRefusedError, ForbiddenError, ThrottledError, ZoneUnreachableError
   */
  put(write: RecordSetWrite, signal: AbortSignal): Promise<RecordSet>;
  /** A record set that is already gone counts as deleted. @throws StaleObjectError when it was written since. */
  remove(target: RecordSetDelete, signal: AbortSignal): Promise<void>;
  /**
   * Those of the actions that the identity lacks on this zone, in their order; none where nobody has to be asked. Writes
   * nothing. @throws ForbiddenError when it may not even ask: then nothing is known. ZoneNotFoundError, ThrottledError,
   * ZoneUnreachableError
   */
  deniedActions(actions: readonly ZoneAction[], signal: AbortSignal): Promise<readonly ZoneAction[]>;
}

/** Opens zones by their configuration. Connections live as long as the source does. */
export interface ZoneSource {
  /** @throws FleetError when the zone cannot even be tried (no such directory). */
  open(zone: ZoneConfiguration): Promise<ZonePort>;
  close(): Promise<void>;
}

/** The right to write, for a while. */
export interface Lease {
  readonly name: string;
  /** Rises with every new holder. */
  readonly fencingToken: number;
  /** On the monotonic clock. */
  readonly expiresAtMonotonicMs: number;
  /** @throws LeaseLostError */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Small documents with conditional writes, and leases. */
export interface StateStore {
  read<D extends DocumentName>(name: D, id?: string): Promise<Found<DocumentTypes[D]>>;
  /**
   * Conditional write: `expected` is the version that was read, or "absent".
   * @returns the new version. @throws StoreConflictError when somebody else wrote meanwhile.
   */
  write<D extends DocumentName>(name: D, value: DocumentTypes[D], expected: string, id?: string): Promise<string>;
  /** Ids under a name that has several documents (last-good). */
  ids(name: DocumentName): Promise<readonly string[]>;
  /** @throws LeaseHeldError with the holder's name. */
  acquireLease(name: "reconcile" | "placement", holder: string, ttlMs: number): Promise<Lease>;
}

/** Constant sentences with fields; never a secret. The console or Application Insights stand behind it. */
export interface Telemetry {
  info(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  error(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  /** A number about one pass. `attributes` are of low cardinality. */
  metric(name: string, value: number, attributes?: Readonly<Record<string, string>>): void;
}

/** Progress of long work, for a person who waits. `total` absent: not known yet. */
export interface Progress {
  stage(name: string): void;
  step(done: number, total?: number): void;
  /** Another pass has the lease; told again and again until it is free. Absent: nobody waits in front of it. */
  waiting?(holder: string): void;
}
