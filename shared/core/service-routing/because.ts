/** Why an item is wanted: its source object and a reason, in the one form that plans, Events and messages show. */
import type { Because } from "../../model/desired.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";

export function becauseOf(kind: Because["kind"], { namespace, name, uid }: ObjectMeta, reason: string): Because {
  return namespace === undefined ? { kind, name, uid, reason } : { kind, namespace, name, uid, reason };
}
