/**
 * What stands where in `<directory>.out/`, and what the files hold. Made to be looked at:
 *   <namespace>/<kind>-<name>.yaml           an object that we created or changed (DNSEndpoint, Istio Gateway)
 *   status/<namespace>/<kind>-<name>.yaml    the status of one of the five kinds
 *   deleted/<namespace>/<kind>-<name>.yaml   an object of the sources that we deleted; the sources stay as they are
 *   events.yaml                              Kubernetes Events, one line each
 * Objects without a namespace stand under `_cluster`. Pure: nothing is read or written here.
 */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { kindTable } from "../../contracts/kinds.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import { fieldsOf, metadataOf, textOf, withoutFields } from "./json-fields.ts";

export type WrittenClass = "object" | "status" | "deleted";

export const EVENTS_PATH = "events.yaml";
const CLUSTER_SCOPED = "_cluster";

/**
 * Digest of the source object that an out file was made over; absent when there was none. Both count only together:
 * when a person edits or removes the source afterwards, the file here no longer says how the cluster is.
 */
export const SOURCE_DIGEST_ANNOTATION = "manifests.router.io/source-digest";

/** File systems end a name at 255 bytes; object names go up to 253, and a prefix and a suffix join them. */
const MAX_FILE_NAME = 200;

/** Path below `<directory>.out/`. Names that no file can have are told apart by a hash. */
export function writtenPath(written: WrittenClass, kind: Kind, key: string): string {
  const slash = key.indexOf("/");
  const namespace = slash < 0 ? CLUSTER_SCOPED : safeName(key.slice(0, slash));
  const file = `${safeName(`${kindName(kind)}-${key.slice(slash + 1)}`)}.yaml`;
  return written === "object" ? `${namespace}/${file}` : `${written}/${namespace}/${file}`;
}

/** What a path below `<directory>.out/` holds; undefined for files that are none of ours, and for the Events. */
export function writtenClassOf(path: string): WrittenClass | undefined {
  const [first, , third, ...rest] = path.split("/");
  if (third === undefined) {
    return path.includes("/") ? "object" : undefined;
  }
  return rest.length === 0 && (first === "status" || first === "deleted") ? first : undefined;
}

/** `gateway` is our Gateway; Istio's is `gateway.networking.istio.io`, as kubectl tells them apart. */
function kindName(kind: Kind): string {
  const { apiKind, group } = kindTable[kind];
  return kind === apiKind ? apiKind.toLowerCase() : `${apiKind.toLowerCase()}.${group}`;
}

function safeName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/g, "_").replace(/^\./, "_");
  return safe === name && name.length <= MAX_FILE_NAME
    ? name
    : `${safe.slice(0, MAX_FILE_NAME - 9)}~${digestOf(name).slice(0, 8)}`;
}

/** 64 hexadecimal characters. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Digest of what a person would call the object: not its status, nor what an API server notes about itself. */
export function sourceDigest(body: JsonObject): string {
  const noise = ["resourceVersion", "generation", "managedFields", "selfLink"];
  const metadata = withoutFields(metadataOf(body), noise);
  return digestOf(JSON.stringify({ ...withoutFields(body, ["status"]), metadata })).slice(0, 16);
}

/** The digest noted in an out file, and the object without the note. */
export function splitSourceDigest(body: JsonObject): { readonly body: JsonObject; readonly digest: string } {
  const metadata = metadataOf(body);
  const annotations = fieldsOf(metadata.annotations);
  const digest = textOf(annotations?.[SOURCE_DIGEST_ANNOTATION]);
  if (annotations === undefined || digest === "") {
    return { body, digest: "" };
  }
  const rest = withoutFields(annotations, [SOURCE_DIGEST_ANNOTATION]);
  const bare = withoutFields(metadata, ["annotations"]);
  return {
    body: { ...body, metadata: Object.keys(rest).length === 0 ? bare : { ...bare, annotations: rest } },
    digest,
  };
}

function withSourceDigest(body: JsonObject, digest: string): JsonObject {
  if (digest === "") {
    return body;
  }
  const metadata = metadataOf(body);
  const annotations = { ...fieldsOf(metadata.annotations), [SOURCE_DIGEST_ANNOTATION]: digest };
  return { ...body, metadata: { ...metadata, annotations } };
}

/** @param digest of the source object underneath, empty when there is none. */
export function objectText(body: JsonObject, digest: string): string {
  return fileText(
    "What service-router wrote; the next pass writes it again where it differs.",
    withSourceDigest(body, digest),
  );
}

/** A status file names its object and its uid: the status of another object under the same name is not taken over. */
export function statusText(object: JsonObject, uid: string, status: JsonObject): string {
  return fileText("The status that service-router computed.", { ...reference(object, uid), status });
}

export function tombstoneText(object: JsonObject, uid: string, digest: string): string {
  const note =
    "service-router deleted this object. Its manifest is unchanged and counts again once it is edited, or this file removed.";
  return fileText(note, withSourceDigest(reference(object, uid), digest));
}

function reference(object: JsonObject, uid: string): JsonObject {
  const { name, namespace } = metadataOf(object);
  return {
    apiVersion: textOf(object.apiVersion),
    kind: textOf(object.kind),
    metadata: { name: textOf(name), ...(namespace === undefined ? {} : { namespace: textOf(namespace) }), uid },
  };
}

function fileText(note: string, body: JsonObject): string {
  return `# Generated. ${note}\n${stringify(body, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
