/** Objects that carry a marker of ours and that no item is about. */
import type { Change } from "../../model/change.ts";
import type { Because, Desired } from "../../model/desired.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import type { OwnerReference } from "../../model/object-meta.ts";
import { carries } from "../naming/own-objects.ts";
import { deletion } from "./item-change.ts";
import { livingUids, type ObservedItem } from "./observed-items.ts";

/** Objects that carry a marker of ours and that nothing wants: their source is gone, or does not want them any more. */
export function leftovers(
  cluster: FleetCluster,
  observed: Iterable<ObservedItem>,
  managed: Desired["managed"],
): readonly Change[] {
  const changes: Change[] = [];
  let living: ReadonlySet<string> | undefined;
  for (const found of observed) {
    const { meta } = found.object;
    if (found.wanted || !isManaged(found, managed)) continue;
    living ??= livingUids(cluster);
    const owner = meta.owners.find((candidate) => candidate.controller === true) ?? meta.owners[0];
    const sourceLives = owner !== undefined && living.has(owner.uid);
    const because = leftoverReason(found, owner, sourceLives);
    const change = deletion(cluster, found, because);
    changes.push(
      sourceLives ? change : { ...change, leaves: change.leaves.map((name) => ({ ...name, vanished: true as const })) },
    );
  }
  return changes;
}

/** Names the source where it is a resource that we know, else the object itself. */
function leftoverReason(
  { kind, object }: ObservedItem,
  owner: OwnerReference | undefined,
  sourceLives: boolean,
): Because {
  const { meta } = object;
  const namespace = meta.namespace === undefined ? {} : { namespace: meta.namespace };
  const reason = sourceLives ? "it is not wanted any more" : "its source is gone";
  if (owner === undefined || !isSourceKind(owner.kind))
    return { kind, ...namespace, name: meta.name, uid: meta.uid, reason };
  return { kind: owner.kind, ...namespace, name: owner.name, uid: owner.uid, reason };
}

/** Kinds of owners that we set. */
function isSourceKind(kind: string): kind is "ServiceRoute" | "Service" | "Gateway" {
  return kind === "ServiceRoute" || kind === "Service" || kind === "Gateway";
}

function isManaged(found: ObservedItem, managed: Desired["managed"]): boolean {
  return managed.some(({ kind, marker }) => kind === found.kind && carries(found.object.meta, marker));
}
