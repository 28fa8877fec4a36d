/** A Service that a VirtualService may lead to: that it is there, and of which type, is all that counts. */
import * as z from "zod";
import type { DestinationService } from "../../model/backend-objects.ts";
import { objectParser } from "../parsed.ts";

export const DestinationServiceSchema = z.object({
  spec: z.object({ type: z.string().default("ClusterIP") }),
});

export const parseDestinationService = objectParser({
  schema: DestinationServiceSchema,
  namespaced: true,
  project: ({ wire, meta }): DestinationService => ({ meta, type: wire.spec.type }),
});
