/** marks.json: who asked for another look, and when the last pass ran. */
import * as z from "zod";
import type { Marks } from "../../model/state.ts";
import { documentParser } from "./state-document.ts";

const MarksSchema = z.strictObject({
  requests: z.array(z.strictObject({ id: z.string(), atMs: z.number(), by: z.string() })),
  lastPass: z.strictObject({ startedAtMs: z.number(), endedAtMs: z.number(), complete: z.boolean() }).exactOptional(),
});

export const parseMarks = documentParser<Marks>(MarksSchema);
