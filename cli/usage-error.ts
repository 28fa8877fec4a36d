/** A command line that cannot be carried out as it was written. Nothing was done. */
import { namesInstead } from "../shared/contracts/unknown-name.ts";
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

/** Before anything is read. @throws UsageError when no list or held group could have this digest. */
export function checkDigest(flag: string, given: string): void {
  if (/^[0-9a-f]{12}$/.test(given)) return;
  throw new UsageError(
    `${flag} ${given} is no digest (12 hex characters, 0-9 and a-f)`,
    "copy the digest that the list or plan shows",
  );
}

/** `--cluster w9: the fleet has no such cluster`, and next `use one of w1, w2`. */
export function unknownName(flag: string, given: string, known: readonly string[]): UsageError {
  const word = flag.replace(/^--/, "");
  return new UsageError(
    `${flag} ${given}: the fleet has no such ${word}`,
    known.length === 0
      ? `there is no ${word} at all; see service-router status`
      : `use one of ${namesInstead(given, known)}`,
  );
}
