/**
 * An object that is being deleted, and that somebody's finalizer holds, goes on publishing or serving. Nothing can be changed
 * about that until it is gone: what should become of it waits, and with it whatever needs the place that it has.
 */
import type { Change } from "../../model/change.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Listings } from "../../model/kinds.ts";
import { itemId, objectKey } from "../naming/item-id.ts";
import { writtenKinds, type WrittenKind } from "./observed-items.ts";

/** @returns why a change of an object that is being deleted must wait; undefined for every other one. */
export function beingDeleted(fleet: Fleet): (change: Change) => string | undefined {
  const items = new Set<string>();
  for (const { name, believed } of fleet.clusters) {
    for (const kind of writtenKinds) {
      for (const key of deletedKeys(believed, kind)) items.add(itemId({ kind: "cluster", name }, kind, key));
    }
  }
  return ({ item, kind, key }) =>
    items.has(item)
      ? `${kind} ${key} is being deleted, and a finalizer holds it; it stays in force until that one ends`
      : undefined;
}

function deletedKeys(listings: Listings | undefined, kind: WrittenKind): readonly string[] {
  const listing = listings?.[kind];
  if (listing?.read !== "complete") return [];
  return listing.objects.flatMap(({ meta }) => (meta.deleting ? [objectKey(meta)] : []));
}
