/** since.json: since when things are as they are, and the counters that rules carry from pass to pass. */
import * as z from "zod";
import type { Since } from "../../model/state.ts";
import { documentParser } from "./state-document.ts";

/** `baseAtMs` stands in documents of earlier versions; nothing reads it, and it is not written again. */
const BudgetUseSchema = z
  .strictObject({
    baseNames: z.number(),
    baseAtMs: z.number().exactOptional(),
    spent: z.array(
      z.strictObject({ atMs: z.number(), names: z.number(), reserved: z.array(z.string()).exactOptional() }),
    ),
  })
  .transform(({ baseNames, spent }) => ({ baseNames, spent }));

const SinceSchema = z.strictObject({
  shrunkReads: z.record(
    z.string(),
    z.strictObject({ digest: z.string(), firstSeenAtMs: z.number(), passes: z.number(), reason: z.string() }),
  ),
  handovers: z.record(
    z.string(),
    z.strictObject({
      zone: z.string(),
      name: z.string(),
      content: z.string(),
      from: z.string(),
      goneAtMs: z.number(),
    }),
  ),
  budgets: z.record(z.string(), BudgetUseSchema),
  // Absent in schema 1: whatever stands in the zones then is seen for the first time.
  records: z
    .record(
      z.string(),
      z.strictObject({
        wanted: z.string(),
        result: z.enum(["verified", "missing", "wrong-target", "foreign-owner", "orphan", "flapping"]),
        sinceMs: z.number(),
        firstReadAtMs: z.number(),
        isNew: z.boolean(),
        seen: z.array(z.strictObject({ found: z.string(), atMs: z.number() })),
      }),
    )
    .default({}),
  garbage: z.record(z.string(), z.strictObject({ firstSeenAtMs: z.number(), lastSeenAtMs: z.number() })).default({}),
});

export const parseSince = documentParser<Since>(SinceSchema);
