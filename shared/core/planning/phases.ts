/**
 * Phases of a plan: 1 open · 2 withdraw and fence · 3 publish · 4 close · 5 release, with a barrier between phases across
 * places. A change that is held, waits or failed takes the later phases of the same name along (followers.ts).
 */
import type { Change } from "../../model/change.ts";
import type { Phase } from "../../model/desired.ts";
import { byText, placeId } from "../naming/item-id.ts";
import { isDnsZone } from "../naming/published-names.ts";

export const phases: readonly Phase[] = ["open", "withdraw", "publish", "close", "release"];

const position: Readonly<Record<Phase, number>> = { open: 0, withdraw: 1, publish: 2, close: 3, release: 4 };

export function comparePhases(left: Phase, right: Phase): number {
  return position[left] - position[right];
}

/** Order of a plan: phase, place, kind, key, step. Equal input gives equal bytes. */
export function compareChanges(left: Change, right: Change): number {
  return (
    comparePhases(left.phase, right.phase) ||
    byText(placeId(left.place), placeId(right.place)) ||
    byText(left.kind, right.kind) ||
    byText(left.key, right.key) ||
    byText(left.id, right.id)
  );
}

/**
 * Changes of one phase in the order in which they may be made: each wave only after the one before it, the changes of a wave
 * side by side. A change comes after what it depends on and after earlier steps of its own object.
 */
export function wavesOf(due: readonly Change[]): readonly (readonly Change[])[] {
  const waves: (readonly Change[])[] = [];
  let open = due;
  // Every round makes a wave of at least one change; a circle, which planning never makes, would be the last.
  for (let round = 0; round < due.length && open.length > 0; round += 1) {
    const ids = new Set(open.map(({ id }) => id));
    const comesAfter = ({ id, item, dependsOn }: Change): boolean =>
      (id !== item && ids.has(item)) || dependsOn.some((before) => ids.has(before));
    const later = open.filter((change) => comesAfter(change));
    if (later.length === open.length) break;
    waves.push(open.filter((change) => !comesAfter(change)));
    open = later;
  }
  return open.length === 0 ? waves : [...waves, open];
}

/**
 * Names that a change holds up in later phases as long as it does not go: its records in their zone, and the host of that
 * name on the Istio Gateways of the place; a host of an Istio Gateway every record of the name.
 */
export function namesHeldUp(change: Change): readonly string[] {
  return namesOf(change).flatMap(({ name, dns, id }) => [
    id(name),
    dns === undefined ? id(name, onIstio) : id(name, dns),
  ]);
}

/** Names of which no earlier phase may be held up for the change to go, as `namesHeldUp` spells them. */
export function namesNeeded(change: Change): readonly string[] {
  return namesOf(change).flatMap(({ name, dns, id }) =>
    dns === undefined ? [id(name)] : [id(name, dns), id(name, onIstio)],
  );
}

/** A bare name of a place, as both spell it. */
export function bareName(change: Change, name: string): string {
  return `${placeId(change.place)}/${name}`;
}

const onIstio = "an Istio Gateway";

function namesOf(change: Change) {
  const id = (name: string, where?: string): string =>
    where === undefined ? bareName(change, name) : `${bareName(change, name)} in ${where}`;
  return [...change.leaves, ...change.joins].map(({ zone, name }) => ({
    name,
    dns: isDnsZone(zone) ? zone : undefined,
    id,
  }));
}
