/**
 * Both sides of a change in one form, so that what differs between them is what the change does: labels, annotations,
 * owners by kind, name and uid, and the spec. `before` has that form already; what is sent is a whole object.
 */
import type { Change } from "../model/change.ts";
import type { Json, JsonObject } from "../model/json.ts";

export type Compared = { readonly before?: JsonObject; readonly after?: JsonObject };

/** Keys are sorted at every depth: whoever compares the two as text sees the change and nothing else. */
export function compared({ before, after }: Pick<Change, "before" | "after">): Compared {
  return {
    ...(before === undefined ? {} : { before: sortedObject(before) }),
    ...(after === undefined ? {} : { after: sortedObject(afterwards(after, before ?? {})) }),
  };
}

/** Labels and annotations that the object had or gets: others' are not in what is sent, and stay. */
function afterwards(body: JsonObject, before: JsonObject): JsonObject {
  const metadata = objectAt(body, "metadata");
  const [labels, annotations] = [objectAt(metadata, "labels"), objectAt(metadata, "annotations")];
  const owners = metadata["ownerReferences"];
  return {
    labels: { ...foreign(objectAt(before, "labels"), labels), ...labels },
    annotations: { ...foreign(objectAt(before, "annotations"), annotations), ...annotations },
    ownerReferences: (Array.isArray(owners) ? (owners as readonly JsonObject[]) : []).map(({ kind, name, uid }) => ({
      kind,
      name,
      uid,
    })),
    spec: objectAt(body, "spec"),
  };
}

/** Labels of others stay as they are; one of ours that is not sent any more goes. */
function foreign(before: JsonObject, sent: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(before).filter(([key]) => !(key in sent) && !key.startsWith("router.io/")));
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return isObject(found) ? found : {};
}

/** Depth is that of a Kubernetes object. Lists keep their order: it means something. */
function sortedObject(value: JsonObject): JsonObject {
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

function sorted(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[]).map((member) => sorted(member) ?? null);
  return isObject(value) ? sortedObject(value) : value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
