/** What is said of a name that a person gave and the fleet does not have, on the command line and over HTTP alike. */
import { nearest } from "./issues.ts";

/** As many as a line holds. */
const NAMES_SHOWN = 20;

/** `n1, w1; did you mean w1?`: the names that there are, sorted, and the one that was probably meant; `none` when there are none. */
export function namesInstead(given: string, known: readonly string[]): string {
  const more = known.length - NAMES_SHOWN;
  const shown = `${[...known].sort().slice(0, NAMES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const meant = known.length > 1 ? nearest(given, known) : undefined;
  return `${shown === "" ? "none" : shown}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
