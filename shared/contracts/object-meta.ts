/**
 * Metadata and status of any Kubernetes object: what is checked, and what is kept of it.
 * Reading never throws and always answers, because a rejected object still needs its name, labels and status.
 *
 * Written by hand where every other schema is zod: every object of every list passes here, and a zod schema that only
 * checks builds a copy that is thrown away (measured over 20,000 routes: twice the time, most of it garbage collection).
 * Objects are shared with the input where nothing has to be dropped; what is kept never refers to the whole.
 * A page of 500 objects carries more bytes of managedFields than of anything else: only the managers' names survive.
 */
import type { Condition, ObjectMeta, OwnerReference } from "../model/object-meta.ts";
import { fieldManager } from "../model/ownership.ts";
import type { ObservedStatus } from "../model/resources.ts";

/** Annotations of other tools are dropped; `kubectl.kubernetes.io/last-applied-configuration` alone doubles an object. */
const KEPT_ANNOTATIONS = ["external-dns.alpha.kubernetes.io/", "router.io/"] as const;

const NONE: Readonly<Record<string, string>> = Object.freeze({});

/** Called with `path: message` for every fault. */
export type ReportFault = (issue: string) => void;

type Fields = { readonly [field: string]: unknown };

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object, or an empty one. */
function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NONE;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Epoch milliseconds of an RFC 3339 time, 0 where there is none or it cannot be read. */
export function epochMs(value: unknown): number {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

function isStringMap(value: Fields): value is Readonly<Record<string, string>> {
  for (const key in value) {
    if (typeof value[key] !== "string") return false;
  }
  return true;
}

/** `labels:` without a value (null) is what people leave behind in YAML; it means none. */
function readStrings(value: unknown, path: string, report: ReportFault): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return NONE;
  if (!isFields(value)) {
    report(`${path}: must be an object`);
    return NONE;
  }
  if (isStringMap(value)) return value;
  const entries = Object.entries(value);
  for (const [key, entry] of entries) {
    if (typeof entry !== "string") report(`${path}[${JSON.stringify(key)}]: must be a string; quote it`);
  }
  return Object.fromEntries(entries.map(([key, entry]) => [key, text(entry)] as const));
}

function readAnnotations(value: unknown, report: ReportFault): Readonly<Record<string, string>> {
  const all = readStrings(value, "metadata.annotations", report);
  let kept: [string, string][] | undefined;
  for (const key in all) {
    if (KEPT_ANNOTATIONS.some((prefix) => key.startsWith(prefix))) (kept ??= []).push([key, all[key] ?? ""]);
  }
  return kept === undefined ? NONE : Object.fromEntries(kept);
}

function readOwner(owner: unknown, index: number, report: ReportFault): OwnerReference {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = fieldsOf(owner);
  if ([apiVersion, kind, name, uid].some((field) => typeof field !== "string")) {
    report(`metadata.ownerReferences[${index}]: needs apiVersion, kind, name and uid`);
  }
  return {
    apiVersion: text(apiVersion),
    kind: text(kind),
    name: text(name),
    uid: text(uid),
    ...(typeof controller === "boolean" ? { controller } : {}),
    ...(typeof blockOwnerDeletion === "boolean" ? { blockOwnerDeletion } : {}),
  };
}

function readOwners(value: unknown, report: ReportFault): readonly OwnerReference[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    report("metadata.ownerReferences: must be a list");
    return [];
  }
  return value.map((owner, index) => readOwner(owner, index, report));
}

/**
 * Entries with a subresource own status or scale, which says nothing about who wrote the object. Our own name is left out
 * while an adoption is not finished: until the claims of the one before are taken off the fields that we applied, the object
 * is still the other's as well, and our first change of such a field would be refused.
 */
function readManagers(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const names = new Set<string>();
  for (const entry of value) if (isMain(entry) && text(entry.manager) !== "") names.add(text(entry.manager));
  if (names.size > 1 && names.has(fieldManager) && isShared(value.filter(isMain))) names.delete(fieldManager);
  return [...names].sort();
}

function isMain(entry: unknown): entry is Fields {
  return isFields(entry) && text(entry.subresource) === "";
}

/** Whether somebody else claims a field that we applied. Who applies as well (a GitOps tool) goes on doing so: that is no leftover. */
function isShared(entries: readonly Fields[]): boolean {
  const ours = entries.find(({ manager, operation }) => manager === fieldManager && operation === "Apply");
  if (ours === undefined) return false;
  return entries.some(
    ({ operation, fieldsV1 }) => operation === "Update" && haveCommonLeaf(fieldsOf(fieldsV1), fieldsOf(ours.fieldsV1)),
  );
}

/** Sets of fields are trees whose leaves are empty objects; `.` is the map or list item itself, which an apply never claims. */
function haveCommonLeaf(theirs: Fields, ours: Fields): boolean {
  for (const field in theirs) {
    if (field === "." || ours[field] === undefined) continue;
    const below = fieldsOf(theirs[field]);
    if (Object.keys(below).length === 0 || haveCommonLeaf(below, fieldsOf(ours[field]))) return true;
  }
  return false;
}

function readName(value: unknown, path: string, report: ReportFault): string {
  if (typeof value !== "string" || value === "") report(`${path}: must be a string that is not empty`);
  return text(value);
}

/**
 * The metadata of any value. Only types are judged: what names and labels may hold is the API server's to say.
 * @param namespaced false drops a namespace, which has no meaning on a cluster-scoped object; true needs one.
 * @returns what is there; a missing name is the empty string, a missing generation or time 0.
 */
export function readMeta(raw: unknown, namespaced: boolean, report: ReportFault): ObjectMeta {
  const meta = fieldsOf(fieldsOf(raw).metadata);
  const name = readName(meta.name, "metadata.name", report);
  const namespace = namespaced ? readName(meta.namespace, "metadata.namespace", report) : "";
  return {
    ...(namespace === "" ? {} : { namespace }),
    name,
    uid: text(meta.uid),
    resourceVersion: text(meta.resourceVersion),
    generation: typeof meta.generation === "number" ? meta.generation : 0,
    createdAtMs: epochMs(meta.creationTimestamp),
    deleting: text(meta.deletionTimestamp) !== "",
    labels: readStrings(meta.labels, "metadata.labels", report),
    annotations: readAnnotations(meta.annotations, report),
    owners: readOwners(meta.ownerReferences, report),
    managers: readManagers(meta.managedFields),
  };
}

function isStatus(value: unknown): value is Condition["status"] {
  return value === "True" || value === "False" || value === "Unknown";
}

function isCondition(value: unknown): value is Condition {
  const { type, status, reason, message, observedGeneration, lastTransitionTime } = fieldsOf(value);
  return (
    typeof type === "string" &&
    isStatus(status) &&
    typeof reason === "string" &&
    typeof message === "string" &&
    typeof lastTransitionTime === "string" &&
    (observedGeneration === undefined || typeof observedGeneration === "number")
  );
}

/** A condition without type or status says nothing; of all others what is missing is empty. */
function mendCondition(value: unknown): Condition | undefined {
  if (isCondition(value)) return value;
  const { type, status, reason, message, observedGeneration, lastTransitionTime } = fieldsOf(value);
  if (typeof type !== "string" || !isStatus(status)) return undefined;
  return {
    type,
    status,
    reason: text(reason),
    message: text(message),
    ...(typeof observedGeneration === "number" ? { observedGeneration } : {}),
    lastTransitionTime: text(lastTransitionTime),
  };
}

/**
 * The status as somebody last wrote it. A broken status never rejects the object: it is ours to write anew, so
 * whatever cannot be read as a condition is left out and shows as a difference.
 */
export function readStatus(raw: unknown): ObservedStatus {
  const status = fieldsOf(fieldsOf(raw).status);
  const stored = status.conditions;
  const conditions = Array.isArray(stored)
    ? stored.map(mendCondition).filter((found) => found !== undefined)
    : undefined;
  if (conditions !== undefined) return { ...status, conditions };
  const { conditions: _unreadable, ...fields } = status;
  return fields;
}
