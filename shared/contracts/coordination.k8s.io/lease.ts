/** The predecessor's leader-election Lease: while it is renewed, its cluster is not written to. */
import * as z from "zod";
import type { OperatorLease } from "../../model/cluster-objects.ts";
import { epochMs } from "../object-meta.ts";
import { objectParser } from "../parsed.ts";

/** Name of the Lease, fixed in the predecessor's code; its namespace is wherever it was installed. */
export const OPERATOR_LEASE_NAME = "3afd9a04.router.io";

export const OperatorLeaseSchema = z.object({
  spec: z.object({ renewTime: z.string().nullish() }).nullish(),
});

/** A Lease that was released has no renewTime and counts as renewed at 0. */
export const parseOperatorLease = objectParser({
  schema: OperatorLeaseSchema,
  namespaced: true,
  project: ({ wire, meta }): OperatorLease => ({ meta, renewedAtMs: epochMs(wire.spec?.renewTime) }),
});
