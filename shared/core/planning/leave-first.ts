/**
 * A name that goes from one object of a cluster to another leaves the first before it joins the second: two records of one
 * name with different content make ExternalDNS choose, in every pass anew. Phases order a deletion before a creation; between
 * two changes of one phase the join depends on the leaving, and waits, is held or fails with it.
 */
import type { Change } from "../../model/change.ts";
import type { PublishedName } from "../../model/desired.ts";
import { isDnsZone } from "../naming/published-names.ts";

/** @param changes of one place. */
export function leaveFirst(changes: readonly Change[]): readonly Change[] {
  const leaving = new Map<string, readonly Leaving[]>();
  for (const change of changes) {
    for (const name of change.leaves) {
      if (!isDnsZone(name.zone)) continue;
      const id = nameId(change, name);
      leaving.set(id, [...(leaving.get(id) ?? []), { change: change.id, item: change.item, content: name.content }]);
    }
  }
  if (leaving.size === 0) return changes;
  return changes.map((change) => {
    const before = change.joins.flatMap((name) =>
      (leaving.get(nameId(change, name)) ?? []).filter(
        (left) => left.item !== change.item && left.content !== name.content,
      ),
    );
    if (before.length === 0) return change;
    const dependsOn = [...new Set([...change.dependsOn, ...before.map((left) => left.change)])].sort();
    return { ...change, dependsOn };
  });
}

type Leaving = { readonly change: string; readonly item: string; readonly content: string };

function nameId({ phase }: Change, { zone, name }: PublishedName): string {
  return `${phase} ${zone} ${name}`;
}
