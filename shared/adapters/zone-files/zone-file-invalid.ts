/** A zone file that was read and is not what it should be: it stays so until somebody corrects it. */
import { FleetError } from "../../errors.ts";

export class ZoneFileInvalidError extends FleetError {
  override readonly name = "ZoneFileInvalidError";
  readonly code = "ZONE_FILE_INVALID";
  readonly retryable = false;
  readonly zone: string;
  /** @param zone name, and the file. @param detail each fault with file, line and field. */
  constructor(zone: string, detail: string) {
    super(`zone ${zone} cannot be read: ${detail}`);
    this.zone = zone;
  }
}
