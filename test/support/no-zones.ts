/** For fleets without zones: there is none to open. */
import { ZoneNotFoundError } from "../../shared/errors.ts";
import type { ZoneSource } from "../../shared/ports.ts";

export const noZones: ZoneSource = {
  open: async ({ zone }) => {
    throw new ZoneNotFoundError(zone);
  },
  close: async () => {},
};
