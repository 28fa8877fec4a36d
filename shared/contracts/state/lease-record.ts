/** leases/{name}.json of stores that keep leases as documents (file). Blob storage has leases of its own. */
import * as z from "zod";
import { documentParser } from "./state-document.ts";

const LeaseRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** The present or, after a release, the last holder. */
  holder: z.string(),
  /** Tells one acquisition from the next of the same holder. */
  acquisition: z.string(),
  fencingToken: z.int().min(1),
  ttlMs: z.number().positive(),
  /** Wall clock, because another process must be able to judge it. 0 after a release. */
  expiresAtMs: z.number(),
});

export type LeaseRecord = Readonly<z.infer<typeof LeaseRecordSchema>>;

export const parseLeaseRecord = documentParser<LeaseRecord>(LeaseRecordSchema);
