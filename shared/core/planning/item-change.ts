/** What every change of one object has in common: its ids, the version it was decided from, and how an object goes. */
import type { Change, Precondition } from "../../model/change.ts";
import type { Because, DesiredItem, Phase } from "../../model/desired.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { Place } from "../../model/place.ts";
import { itemId } from "../naming/item-id.ts";
import { comparableObject, shown } from "./normalise.ts";
import { namesOf, type ObservedItem, type WrittenKind } from "./observed-items.ts";

export function deletion(cluster: FleetCluster, found: ObservedItem, because: Because): Change {
  const place: Place = { kind: "cluster", name: cluster.name };
  const phase: Phase = found.kind === "DNSEndpoint" ? "withdraw" : "close";
  return {
    ...identify(place, found, 0),
    operation: "delete",
    phase,
    before: shown(comparableObject(found.object.meta, found.object.spec)),
    precondition: preconditionOf(found),
    leaves: namesOf(found, cluster.name),
    joins: [],
    dependsOn: [],
    because,
  };
}

export function identify(
  place: Place,
  item: { readonly kind: WrittenKind | DesiredItem["kind"]; readonly key: string },
  step: number,
): Pick<Change, "id" | "item" | "place" | "kind" | "key"> {
  const id = itemId(place, item.kind, item.key);
  return { id: step === 0 ? id : `${id}#${step}`, item: id, place, kind: item.kind, key: item.key };
}

export function preconditionOf(found: ObservedItem): Precondition {
  return { uid: found.object.meta.uid, resourceVersion: found.object.meta.resourceVersion };
}
