/** Namespace: only its labels count, for Gateways that allow routes by label. */
import * as z from "zod";
import type { Namespace } from "../../model/cluster-objects.ts";
import { objectParser } from "../parsed.ts";

export const NamespaceSchema = z.object({});

export const parseNamespace = objectParser({
  schema: NamespaceSchema,
  namespaced: false,
  project: ({ meta }): Namespace => ({ meta }),
});
