/** ClusterIdentity: who this cluster is. One per cluster is honoured. */
import * as z from "zod";
import type { ClusterIdentity } from "../../model/resources.ts";
import { admissionRule, listSet, NAME_MAX, REGIONS_MAX } from "../admission.ts";
import { ConditionsSchema, PhaseSchema } from "../conditions.ts";
import { objectParser } from "../parsed.ts";

const Region = z.string().max(NAME_MAX);

/**
 * Patterns of domain and environmentLetter are the predecessor's. Its own region among adoptsRegions is refused by
 * admission only: where it stands already, the core refuses the item and goes on with the identity.
 */
export const ClusterIdentitySpec = admissionRule(
  z.strictObject({
    region: Region.min(1).describe("Region code of this cluster, as in DNSConfiguration: weu, neu, frc."),
    cluster: z
      .string()
      .min(1)
      .max(NAME_MAX)
      .describe("Name of this cluster inside its region: aks01. Part of its gateway hosts; unique in the region."),
    domain: z
      .string()
      .max(NAME_MAX)
      .regex(/^([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}$/, "must be a lower-case DNS name of two labels or more")
      .describe("Name of the private DNS zone that all hosts stand in: example.com."),
    environmentLetter: z
      .string()
      .regex(/^[a-z]$/, "must be one lower-case letter")
      .describe("One letter that stands in every service host: d, t, a or p."),
    adoptsRegions: listSet(z.array(Region).max(REGIONS_MAX))
      .optional()
      .describe(
        "Regions that this cluster serves besides its own. An item requests that, it does not force it: the condition " +
          "AdoptedRegionsValid says what came of each. Different field managers can own different items.",
      ),
  }),
  {
    rule: "!has(self.adoptsRegions) || !(self.region in self.adoptsRegions)",
    message: "must not hold the cluster's own region: a cluster serves that anyway",
    fieldPath: ".adoptsRegions",
  },
).describe("Who this cluster is.");

export const ClusterIdentityStatus = z
  .strictObject({ phase: PhaseSchema, conditions: ConditionsSchema })
  .describe("Written by service-router.");

const Wire = z.object({ spec: ClusterIdentitySpec });

export const parseClusterIdentity = objectParser({
  schema: Wire,
  namespaced: false,
  project: ({ wire, meta, status }): ClusterIdentity => ({
    meta,
    // A region named twice was accepted once; it means no more than once.
    spec: { ...wire.spec, adoptsRegions: [...new Set(wire.spec.adoptsRegions)] },
    status: status(),
  }),
});
