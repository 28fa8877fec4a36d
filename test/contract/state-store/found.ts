/** What was found, in the two forms that tests of the state store ask for. */
import type { Found } from "../../../shared/model/state.ts";

export function valueOf<T>(found: Found<T>): T | undefined {
  return found.found === "value" ? found.value : undefined;
}

/** The version to write over what was found; a text that no store knows where there is none. */
export function versionOf(found: Found<unknown>): string {
  return found.found === "value" || found.found === "unreadable" ? found.version : "no version";
}
