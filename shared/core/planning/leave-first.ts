/**
 * A name that goes from one object of a cluster to another leaves the first before it joins the second: two records of one
 * name with different content make ExternalDNS choose, in every pass anew. The join depends on the leaving, and waits, is
 * held, is left out or fails with it. Two routes that exchange their names cannot both go first: one of the two
 * DNSEndpoints is deleted and made again.
 */
import type { Change } from "../../model/change.ts";
import type { PublishedName } from "../../model/desired.ts";
import { isDnsZone } from "../naming/published-names.ts";
import { comparePhases } from "./phases.ts";

/** @param changes of one place. */
export function leaveFirst(changes: readonly Change[]): readonly Change[] {
  const leaving = new Map<string, readonly Leaving[]>();
  for (const change of changes) {
    for (const name of change.leaves) {
      if (!isDnsZone(name.zone)) continue;
      const id = nameId(name);
      leaving.set(id, [...(leaving.get(id) ?? []), { change, content: name.content }]);
    }
  }
  if (leaving.size === 0) return changes;
  const ordered = changes.map((change) => {
    const before = change.joins.flatMap((name) =>
      (leaving.get(nameId(name)) ?? []).filter((left) => goesFirst(left, change, name)),
    );
    return before.length === 0
      ? change
      : dependingOn(
          change,
          before.map((left) => left.change.id),
        );
  });
  return withoutCircles(ordered);
}

type Leaving = { readonly change: Change; readonly content: string };

function goesFirst({ change: left, content }: Leaving, joining: Change, name: PublishedName): boolean {
  return left.item !== joining.item && content !== name.content && comparePhases(left.phase, joining.phase) <= 0;
}

function dependingOn(change: Change, ids: readonly string[]): Change {
  return { ...change, dependsOn: [...new Set([...change.dependsOn, ...ids])].sort() };
}

function nameId({ zone, name }: PublishedName): string {
  return `${zone} ${name}`;
}

/**
 * Takes one update of every circle apart: its object goes in an earlier phase, with its old names, and is made again with
 * the new ones.
 */
function withoutCircles(changes: readonly Change[]): readonly Change[] {
  let current = changes;
  // Every round ends at least one circle, or is the last.
  for (let round = 0; round <= changes.length; round += 1) {
    const inCircle = firstInCircle(current);
    if (inCircle === undefined) return current;
    current = current.flatMap((change) => (change === inCircle ? takenApart(change) : [change]));
  }
  return current;
}

/** A change that comes after itself by what it depends on; always the same one for the same changes. */
function firstInCircle(changes: readonly Change[]): Change | undefined {
  let open = new Map(
    changes.filter(({ kind, dependsOn }) => kind === "DNSEndpoint" && dependsOn.length > 0).map((one) => [one.id, one]),
  );
  // What depends on nothing that is left can go; every round finds one of those, or only circles and what follows them are left.
  for (let round = 0; round <= changes.length && open.size > 0; round += 1) {
    const left = new Map([...open].filter(([, { dependsOn }]) => dependsOn.some((id) => open.has(id))));
    if (left.size === open.size) break;
    open = left;
  }
  const seen = new Set<string>();
  let [id] = [...open.keys()].sort();
  while (id !== undefined && !seen.has(id)) {
    seen.add(id);
    id = open.get(id)?.dependsOn.find((before) => open.has(before));
  }
  return id === undefined ? undefined : open.get(id);
}

function takenApart(change: Change): readonly Change[] {
  const { after, before: _before, precondition: _precondition, ...rest } = change;
  if (after === undefined) return [change];
  const { after: _after, ...removal } = change;
  return [
    { ...removal, operation: "delete", phase: "withdraw", joins: [], dependsOn: [] },
    { ...rest, id: `${change.item}#1`, operation: "create", after, leaves: [] },
  ];
}
