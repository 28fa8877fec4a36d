/** A command line that cannot be carried out as it was written. Nothing was done. */
import { FleetError } from "../shared/errors.ts";

export class UsageError extends FleetError {
  override readonly name = "UsageError";
  readonly code = "USAGE";
  readonly retryable = false;
  /** What to type instead. */
  readonly next: string;
  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

/** `--cluster w9: there is no such cluster; there are w1, w2`: names that exist, as many as a line holds. */
export function unknownName(flag: string, given: string, known: readonly string[]): UsageError {
  const word = flag.replace(/^--/, "");
  const [first, last] = [known.slice(0, NAMES_SHOWN), known.length - NAMES_SHOWN];
  const names = `${first.join(", ")}${last > 0 ? ` and ${last} more` : ""}`;
  return new UsageError(
    `${flag} ${given}: the fleet has no such ${word}`,
    known.length === 0 ? `there is no ${word} at all; see service-router status` : `use one of ${names}`,
  );
}

const NAMES_SHOWN = 20;
