/** placement.json: who serves each cluster's gateway hosts. */
import * as z from "zod";
import type { Placement } from "../../model/placement.ts";
import { documentParser } from "./state-document.ts";

const PlacementSchema = z.strictObject({
  revision: z.number(),
  entries: z.array(
    z.strictObject({
      cluster: z.string(),
      servedBy: z.string(),
      mode: z.enum(["alias", "records"]),
      phase: z.enum(["home", "moving", "away", "returning"]),
      revision: z.number(),
      sinceMs: z.number(),
      decision: z.string(),
      by: z.string(),
    }),
  ),
});

export const parsePlacement = documentParser<Placement>(PlacementSchema);
