/**
 * A gateway host loses its addresses after the CNAMEs that lead to it were led elsewhere, and only if they were: one that
 * cannot be written goes on pointing there. Where another object of the place takes the host over, the usual order holds.
 */
import type { Change } from "../../model/change.ts";
import { cnameTarget, isAddress } from "../naming/record-content.ts";

/** @param changes of one place. */
export function addressesLast(changes: readonly Change[]): readonly Change[] {
  const joined = new Set(changes.flatMap(({ joins }) => joins.map(({ zone, name }) => `${zone}/${name}`)));
  const isLast = (change: Change): boolean =>
    change.operation === "delete" &&
    change.leaves.some(({ content }) => isAddress(content)) &&
    change.leaves.every(({ zone, name, content }) => isAddress(content) && !joined.has(`${zone}/${name}`));
  const last = changes.filter((change) => isLast(change));
  if (last.length === 0) return changes;
  const hosts = new Set(last.flatMap(({ leaves }) => leaves.map(({ zone, name }) => `${zone}/${name}`)));
  const pointing = pointingChanges(changes, hosts);
  return changes.map((change) => {
    const before = isLast(change)
      ? change.leaves.flatMap(({ zone, name }) => pointing.get(`${zone}/${name}`) ?? [])
      : [];
    if (before.length === 0) return change;
    return { ...change, phase: "close", dependsOn: [...new Set([...change.dependsOn, ...before])].sort() };
  });
}

/** Ids of the changes that lead CNAMEs away from each of the hosts. */
function pointingChanges(
  changes: readonly Change[],
  hosts: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, leaves } of changes) {
    for (const { zone, content } of leaves) {
      const host = `${zone}/${cnameTarget(content) ?? ""}`;
      if (!hosts.has(host)) continue;
      const known = found.get(host);
      if (known === undefined) found.set(host, [id]);
      else known.push(id);
    }
  }
  return found;
}
