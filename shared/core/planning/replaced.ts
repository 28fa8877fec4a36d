/**
 * What leaves only together with what comes: a name changes its object within a place, or a gateway host loses an address,
 * only when the change that takes it over, or leads its CNAMEs elsewhere, goes as well. Where that one waits, is held or is
 * out of scope, the old one stays: half of an exchange would leave the name without any.
 */
import type { Change } from "../../model/change.ts";
import { placeId } from "../naming/item-id.ts";
import { cnameTarget, isAddress } from "../naming/record-content.ts";

/** Keys of what must stay as long as the change does not go. */
export function keptWithout(change: Change): readonly string[] {
  const keys = change.joins.map(({ zone, name }) => `${placeId(change.place)} ${zone}/${name}`);
  for (const { zone, content } of change.leaves) {
    const target = cnameTarget(content);
    if (target !== undefined) keys.push(`address ${zone}/${target}`);
  }
  return keys;
}

/** Keys of what the change takes away, as `keptWithout` spells them. */
export function takenAway(change: Change): readonly string[] {
  return change.leaves.flatMap(({ zone, name, content }) => {
    const own = `${placeId(change.place)} ${zone}/${name}`;
    return isAddress(content) ? [own, `address ${zone}/${name}`] : [own];
  });
}
