/** Keys of objects and items: one spelling everywhere, so that results, needs and changes find each other. */
import type { Kind } from "../../model/kinds.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import type { Place, PlaceId } from "../../model/place.ts";

/** `namespace/name`, or `name` for cluster-scoped kinds. */
export function objectKey(meta: Pick<ObjectMeta, "name"> & { readonly namespace?: string }): string {
  return meta.namespace === undefined ? meta.name : `${meta.namespace}/${meta.name}`;
}

export function placeId(place: Place): PlaceId {
  return `${place.kind}/${place.name}`;
}

/** `cluster/w1|DNSEndpoint|team/api-external-dns-weu` */
export function itemId(place: Place, kind: Kind, key: string): string {
  return `${place.kind}/${place.name}|${kind}|${key}`;
}

/** Plain string order: the same on every machine, unlike localeCompare. */
export function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Oldest first, then namespace/name: the order that decides between two sources of one cluster. */
export function byAge(left: ObjectMeta, right: ObjectMeta): number {
  return left.createdAtMs - right.createdAtMs || byText(objectKey(left), objectKey(right));
}
