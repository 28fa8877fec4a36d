/** The part of a status that all five kinds share, as the CRDs describe it. Read leniently: object-meta.ts. */
import * as z from "zod";
import { listMap } from "./admission.ts";

export const ConditionSchema = z
  .strictObject({
    type: z.string().min(1).max(316).describe("What is judged: Ready, Published, DNSVerified …"),
    status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
    reason: z.string().min(1).max(1024).describe("One CamelCase word that says why."),
    message: z.string().max(32768).describe("A sentence for people, with the next step where there is one."),
    observedGeneration: z.int().min(0).optional().describe("Generation of the spec that this was judged from."),
    lastTransitionTime: z.iso.datetime().describe("When `status` last changed."),
  })
  .describe("One judgement about this object.");

export const ConditionsSchema = listMap(z.array(ConditionSchema), "type")
  .optional()
  .describe("What is true of this object now, one entry per type.");

/** Phases of every kind but DNSPolicy, which adds Inactive. */
export const PhaseSchema = z
  .enum(["Pending", "Active", "Failed"])
  .optional()
  .describe(
    "Pending: something it needs is missing. Active: done. Failed: the spec needs a change. Conditions say why.",
  );
