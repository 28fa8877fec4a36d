/**
 * Which of the kinds that we read a manifest is, and under which key: told by apiVersion and kind, as an API server would.
 * Pure. An object of any other kind is none of our business; one of ours that cannot be named is a fault of its kind.
 */
import { kindTable, storedKinds } from "../../contracts/kinds.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import { fieldsOf, metadataOf, textOf } from "./json-fields.ts";
import type { ManifestObject } from "./manifest-text.ts";

export type Identified =
  | { readonly is: "ours"; readonly kind: Kind; readonly key: string }
  | { readonly is: "other" }
  | { readonly is: "fault"; readonly kind: Kind; readonly reason: string };

/** Versions that API servers convert to the one we know and that have the same schema. */
const SAME_SCHEMA_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  "networking.istio.io": ["v1alpha3"],
};

/** `routing.router.io/Gateway` → our kind. Built once; the table does not change. */
const KIND_BY_NAME: ReadonlyMap<string, Kind> = new Map(
  storedKinds.map((kind) => [`${kindTable[kind].group}/${kindTable[kind].apiKind}`, kind]),
);

/** Says what an object is. A namespaced object without a namespace is a fault: a directory has no default namespace. */
export function identifyObject(object: ManifestObject): Identified {
  const { group, version } = splitApiVersion(object.apiVersion);
  const kind = KIND_BY_NAME.get(`${group}/${object.kind}`);
  if (kind === undefined) {
    return { is: "other" };
  }
  const entry = kindTable[kind];
  const readable = [...entry.versions, ...(SAME_SCHEMA_VERSIONS[group] ?? [])];
  if (!readable.includes(version)) {
    return { is: "fault", kind, reason: `has apiVersion ${object.apiVersion}; ${readable.join(", ")} can be read` };
  }
  const metadata = metadataOf(object.body);
  const name = textOf(metadata.name);
  const namespace = textOf(metadata.namespace);
  if (name === "") {
    return { is: "fault", kind, reason: `is a ${object.kind} without metadata.name` };
  }
  if (entry.namespaced && namespace === "") {
    return {
      is: "fault",
      kind,
      reason: `is a ${object.kind} (${name}) without metadata.namespace; name it in the manifest`,
    };
  }
  return { is: "ours", kind, key: entry.namespaced ? `${namespace}/${name}` : name };
}

/**
 * Whether a list of the kind would hold the object: the selectors of the kind table, as an API server understands them.
 * Label selectors are `key` or `key=value`, joined by commas; the only field that is selected by is `metadata.name`.
 */
export function isSelected(kind: Kind, body: JsonObject): boolean {
  const { labelSelector, fieldSelector } = kindTable[kind];
  const metadata = metadataOf(body);
  return (
    matches(labelSelector, (label) => fieldsOf(metadata.labels)?.[label]) &&
    matches(fieldSelector, (field) => (field === "metadata.name" ? metadata.name : undefined))
  );
}

function matches(selector: string | undefined, value: (field: string) => unknown): boolean {
  if (selector === undefined) {
    return true;
  }
  return selector.split(",").every((term) => {
    const [field = "", wanted] = term.split("=");
    const found = value(field);
    return wanted === undefined ? found !== undefined : found === wanted;
  });
}

/** `v1` is version v1 of the core group, which has no name. */
function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
