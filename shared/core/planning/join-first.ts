/**
 * A name that only changes its object (a controller renamed, a route that takes over what another one published) joins the new
 * object before it leaves the old one: equal content never conflicts, and if the new object is refused the old one stays.
 */
import type { Change } from "../../model/change.ts";
import type { PublishedName } from "../../model/desired.ts";
import { isDnsZone } from "../naming/published-names.ts";

/** @param changes of one place. */
export function joinFirst(changes: readonly Change[]): readonly Change[] {
  const leaving = new Set(changes.filter(isDeletion).flatMap(({ leaves }) => leaves.map((name) => recordId(name))));
  if (leaving.size === 0) return changes;
  const joining = new Map<string, string>();
  for (const { id, joins } of changes) {
    for (const name of joins) if (leaving.has(recordId(name))) joining.set(recordId(name), id);
  }
  if (joining.size === 0) return changes;
  return changes.map((change) => {
    if (!isDeletion(change)) return change;
    const successors = change.leaves.map((name) => joining.get(recordId(name)));
    // Where any of its names would stand beside other content, the object leaves first (leave-first.ts).
    if (successors.length === 0 || successors.includes(undefined)) return change;
    const before = successors.flatMap((id) => id ?? []);
    return { ...change, phase: "close", dependsOn: [...new Set([...change.dependsOn, ...before])].sort() };
  });
}

function isDeletion({ operation, kind }: Change): boolean {
  return operation === "delete" && kind === "DNSEndpoint";
}

function recordId({ zone, name, content }: PublishedName): string {
  return isDnsZone(zone) ? `${zone} ${name} ${content}` : "";
}
