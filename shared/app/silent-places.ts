/**
 * Places that stop answering while they are written to. Each write to one costs its whole timeout, and the phases of all
 * other places wait for it: after a few in a row without an answer the rest is left for the next pass. One object that
 * times out again and again does not silence its place, as long as others beside it get through.
 */
import type { Place } from "../model/place.ts";
import { placeId } from "../core/naming/item-id.ts";
import { FleetError } from "../errors.ts";

/** Writes in a row without an answer. Each has used up its own retries and timeout. */
const unansweredLimit = 3;

export type SilentPlaces = {
  /** Why nothing more is sent there in this pass; undefined while it answers. */
  readonly reasonFor: (place: Place) => string | undefined;
  /** Every write tells how it ended: without an error, or with the one that was thrown. */
  readonly ended: (place: Place, error?: unknown) => void;
};

export function watchPlaces(): SilentPlaces {
  const unanswered = new Map<string, number>();
  return {
    reasonFor: (place) =>
      (unanswered.get(placeId(place)) ?? 0) < unansweredLimit
        ? undefined
        : `not tried: ${place.kind} ${place.name} gave no answer to ${unansweredLimit} writes in a row`,
    ended: (place, error) => {
      const id = placeId(place);
      const silent = error instanceof FleetError && error.code === "CLUSTER_UNREACHABLE";
      // Once silent it stays so for this pass, even when a late answer comes.
      if (silent) unanswered.set(id, (unanswered.get(id) ?? 0) + 1);
      else if ((unanswered.get(id) ?? 0) < unansweredLimit) unanswered.delete(id);
    },
  };
}
