/** approvals.json: held changes that a person said yes to, by digest. */
import * as z from "zod";
import type { Approvals } from "../../model/state.ts";
import { documentParser } from "./state-document.ts";

const ApprovalsSchema = z.strictObject({
  approvals: z.array(
    z.strictObject({
      digest: z.string(),
      scope: z.string(),
      by: z.string(),
      verified: z.boolean(),
      reason: z.string(),
      atMs: z.number(),
    }),
  ),
});

export const parseApprovals = documentParser<Approvals>(ApprovalsSchema);
