/**
 * Writes and deletes single objects by server-side apply under the field manager `service-router`.
 *
 * Three things that server-side apply does not give by itself, all checked on kube-apiserver 1.36:
 * - It creates what is absent and merges into what is there. An update sends the uid that was read, so that an object that was
 *   deleted (409) or made again (422 on metadata.uid) is not touched. A create sends resourceVersion "1", which no object can
 *   have (etcd counts the first write as 2): the object is created where there is none, and 409 is the answer where there is
 *   one, whoever made it and whatever it holds, even when forced. One request, and the manager's operation is Apply; a POST
 *   would leave operation Update under the same name, with which every later apply conflicts.
 * - Forcing takes only fields whose value differs. Fields that the predecessor set to the same value stay shared, and the
 *   first real change would conflict with it. So adopting ends with a patch that takes its claim off those fields.
 * - Fields that others added to the spec stay, and the answer is 200. The object is then not what was asked for: a conflict.
 */
import { kindTable } from "../../contracts/kinds.ts";
import { FieldConflictError, InvariantError } from "../../errors.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import type { ObjectDelete, ObjectWrite } from "../../ports.ts";
import type { ApiRequest, KubernetesConnection } from "./connection.ts";
import { placeOf } from "./fleet-errors.ts";
import { addedSpecFields, ownershipTakenOver } from "./managed-fields.ts";
import { StatusFailure } from "./request-failure.ts";
import { objectPath } from "./resource-path.ts";
import { withRetries } from "./retry.ts";
import { writeError, type WriteMeaning } from "./write-errors.ts";

export const FIELD_MANAGER = "service-router";

const APPLY_PATCH = "application/apply-patch+yaml";
export const JSON_PATCH = "application/json-patch+json";
const NEVER_A_VERSION = "1";

/** @throws as ClusterPort.apply, and KindNotServedError. */
export async function applyObject(
  connection: KubernetesConnection,
  write: ObjectWrite,
  signal: AbortSignal,
): Promise<void> {
  const { kind, key, force, precondition } = write;
  const path = objectPath(kind, versionOf(kind, write.body), key);
  const expected = precondition === undefined ? { resourceVersion: NEVER_A_VERSION } : { uid: precondition.uid };
  const verb = precondition === undefined ? "create" : "patch";
  const meaning: WriteMeaning = { cluster: connection.cluster, kind, key, verb, signal };
  const answer = await sendWrite(connection, meaning, {
    method: "PATCH",
    path,
    query: { fieldManager: FIELD_MANAGER, fieldValidation: "Strict", ...(force ? { force: "true" } : {}) },
    body: { ...write.body, metadata: { ...metadataOf(write.body), ...expected } },
    contentType: APPLY_PATCH,
  });
  const applied: unknown = JSON.parse(answer);
  if (!force) {
    const added = addedSpecFields(applied, FIELD_MANAGER);
    if (added.fields.length > 0) throw new FieldConflictError(placeOf(connection.cluster), `${kind} ${key}`, added);
    return;
  }
  const patch = ownershipTakenOver(applied, FIELD_MANAGER);
  if (patch === undefined) return;
  await sendWrite(connection, meaning, { method: "PATCH", path, body: patch, contentType: JSON_PATCH });
}

/** An object that is gone counts as deleted. What it owns goes in the background. @throws as ClusterPort.remove */
export async function removeObject(options: {
  readonly connection: KubernetesConnection;
  readonly target: ObjectDelete;
  readonly version: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { connection, target, version, signal } = options;
  const { kind, key, precondition } = target;
  const meaning: WriteMeaning = { cluster: connection.cluster, kind, key, verb: "delete", signal };
  const body = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: { uid: precondition.uid, resourceVersion: precondition.resourceVersion },
    propagationPolicy: "Background",
  };
  const ignoreMissing = async (): Promise<string> => {
    try {
      return await connection.send({ method: "DELETE", path: objectPath(kind, version, key), body }, signal);
    } catch (failure) {
      // Also the answer to a repeated request whose first answer was lost.
      if (failure instanceof StatusFailure && failure.status === 404) return "";
      throw failure;
    }
  };
  await judged(meaning, ignoreMissing);
}

/** Sends one write with retries. @returns the answer's body. @throws what writeError makes of a failure. */
export async function sendWrite(
  connection: KubernetesConnection,
  meaning: WriteMeaning,
  request: ApiRequest,
): Promise<string> {
  return await judged(meaning, () => connection.send(request, meaning.signal));
}

async function judged(meaning: WriteMeaning, send: () => Promise<string>): Promise<string> {
  const { cluster, signal } = meaning;
  try {
    return await withRetries(send, { place: placeOf(cluster), signal, access: "write" });
  } catch (caught) {
    throw writeError(caught, meaning);
  }
}

/** The version is the body's own: an Istio Gateway is written as the version that the plan was made for. */
function versionOf(kind: Kind, body: JsonObject): string {
  const version = typeof body.apiVersion === "string" ? body.apiVersion.split("/").at(-1) : undefined;
  const known = kindTable[kind].versions.find((candidate) => candidate === version);
  if (known === undefined)
    throw new InvariantError(`${kind} cannot be written with apiVersion ${JSON.stringify(body.apiVersion)}`);
  return known;
}

function metadataOf(body: JsonObject): JsonObject {
  const { metadata } = body;
  return isJsonObject(metadata) ? metadata : {};
}

function isJsonObject(value: JsonObject[string]): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
