/**
 * What leaves only together with what comes: a name changes its object within a place, or a gateway host loses its address,
 * only when the change that takes it over, or leads its CNAMEs elsewhere, goes as well. Where that one waits, is held or is
 * out of scope, the old one stays: half of an exchange would leave the name without any.
 */
import type { Change } from "../../model/change.ts";
import type { PublishedName } from "../../model/desired.ts";
import { placeId } from "../naming/item-id.ts";
import { cnameTarget, isAddress } from "../naming/record-content.ts";

/** Keys of what must stay as long as the change does not go. */
export function keptWithout(change: Change): readonly string[] {
  const keys = change.joins.map((name) => ownKey(change, name));
  for (const { zone, content } of change.leaves) {
    const target = cnameTarget(content);
    if (target !== undefined) keys.push(`address ${zone}/${target}`);
  }
  return keys;
}

/** Keys of gateway hosts, as `ownKey` spells them, that get an address by one of the changes. */
export function addressedBy(changes: Iterable<Change>): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const change of changes) {
    for (const name of change.joins) if (isAddress(name.content)) hosts.add(ownKey(change, name));
  }
  return hosts;
}

/**
 * Addresses that leave with the change and that none of the plan's changes replaces: a host that only changes its address
 * goes on resolving, whoever points to it.
 * @param addressed from `addressedBy`.
 */
export function lostAddresses(change: Change, addressed: ReadonlySet<string>): readonly PublishedName[] {
  return change.leaves.filter((name) => isAddress(name.content) && !addressed.has(ownKey(change, name)));
}

/** Keys of what the change takes away, as `keptWithout` spells them. @param addressed from `addressedBy`. */
export function takenAway(change: Change, addressed: ReadonlySet<string>): readonly string[] {
  return [
    ...change.leaves.map((name) => ownKey(change, name)),
    ...lostAddresses(change, addressed).map(({ zone, name }) => `address ${zone}/${name}`),
  ];
}

function ownKey({ place }: Change, { zone, name }: PublishedName): string {
  return `${placeId(place)} ${zone}/${name}`;
}
