/**
 * Kubernetes Events (core/v1) on resources, for `kubectl describe`. The name is derived from what happened, so that the same
 * thing happening again raises the count of one Event, however many processes report it. The API server forgets Events after an hour.
 */
import { createHash } from "node:crypto";
import { kindTable } from "../../contracts/kinds.ts";
import type { JsonObject } from "../../model/json.ts";
import type { ResourceEvent } from "../../ports.ts";
import type { KubernetesConnection } from "./connection.ts";
import { asFleetError, placeOf } from "./fleet-errors.ts";
import { StatusFailure } from "./request-failure.ts";
import { apiVersionOf, parseKey } from "./resource-path.ts";
import { withRetries } from "./retry.ts";
import { FIELD_MANAGER } from "./write.ts";

const COMPONENT = "service-router";
/** Events of cluster-scoped objects live here: the API server demands it. */
const CLUSTER_EVENTS_NAMESPACE = "default";
const MAX_NAME_LENGTH = 253;
const HASH_LENGTH = 16;
/** What `kubectl describe` still shows in one piece; the newer Events API allows no more. */
const MAX_MESSAGE_LENGTH = 1_024;

/** @throws FleetError; an Event is never worth more than a note in the report. */
export async function recordResourceEvent(
  connection: KubernetesConnection,
  event: ResourceEvent,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = CLUSTER_EVENTS_NAMESPACE } = parseKey(event.kind, event.key);
  const collection = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const query = { fieldManager: FIELD_MANAGER };
  const retry = { place: placeOf(connection.cluster), signal, access: "write" } as const;
  const body = newEvent(event, namespace);
  try {
    await withRetries(() => connection.send({ method: "POST", path: collection, query, body }, signal), retry);
  } catch (caught) {
    const meaning = { cluster: connection.cluster, signal };
    if (!isAlreadyThere(caught)) throw asFleetError(caught, { ...meaning, what: "create events" });
    try {
      await raiseCount({ connection, path: `${collection}/${eventName(event)}`, atMs: event.atMs, signal });
    } catch (failure) {
      throw asFleetError(failure, { ...meaning, what: "get and patch events" });
    }
  }
}

/** `<resource name>.<hash>`: a name that is cut keeps its beginning, which is what people search for. */
export function eventName(event: ResourceEvent): string {
  const { name } = parseKey(event.kind, event.key);
  const identity = JSON.stringify([event.uid, event.type, event.reason, event.message]);
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, HASH_LENGTH);
  // A cut must not end in a dot or a dash: no DNS name may.
  const head = name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1).replace(/[^a-z0-9]+$/, "");
  return `${head}.${hash}`;
}

function newEvent(event: ResourceEvent, namespace: string): JsonObject {
  const { versions, apiKind } = kindTable[event.kind];
  const involved = parseKey(event.kind, event.key);
  const at = timestamp(event.atMs);
  const reference = {
    apiVersion: apiVersionOf(event.kind, versions[0]),
    kind: apiKind,
    ...(involved.namespace === undefined ? {} : { namespace: involved.namespace }),
    name: involved.name,
    uid: event.uid,
  };
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: eventName(event), namespace },
    involvedObject: reference,
    type: event.type,
    reason: event.reason,
    message: event.message.slice(0, MAX_MESSAGE_LENGTH),
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: COMPONENT,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}

type CountRaise = {
  readonly connection: KubernetesConnection;
  readonly path: string;
  readonly atMs: number;
  readonly signal: AbortSignal;
};

/** Two processes that report at once may count one of the two; that is not worth a conflict. */
async function raiseCount(raise: CountRaise): Promise<void> {
  const { connection, path, signal } = raise;
  const retry = { place: placeOf(connection.cluster), signal, access: "write" } as const;
  const current = await withRetries(() => connection.send({ method: "GET", path }, signal), retry);
  const body = { count: countOf(JSON.parse(current)) + 1, lastTimestamp: timestamp(raise.atMs) };
  const request = {
    method: "PATCH",
    path,
    query: { fieldManager: FIELD_MANAGER },
    contentType: "application/merge-patch+json",
    body,
  } as const;
  await withRetries(() => connection.send(request, signal), retry);
}

function isAlreadyThere(caught: unknown): boolean {
  return caught instanceof StatusFailure && caught.status === 409 && caught.reason === "AlreadyExists";
}

function countOf(event: unknown): number {
  const count = typeof event === "object" && event !== null && "count" in event ? event.count : undefined;
  return typeof count === "number" ? count : 1;
}

/** RFC 3339 in seconds, which is what metav1.Time holds. */
function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
