/** DNSPolicy: how the routes of one namespace are published. One per namespace is honoured. */
import * as z from "zod";
import type { DnsPolicy } from "../../model/resources.ts";
import { NAME_MAX } from "../admission.ts";
import { ConditionsSchema } from "../conditions.ts";
import { objectParser } from "../parsed.ts";

/** That RegionBound wants sourceRegion is judged by the core: policies without it exist and are answered by a condition. */
export const DnsPolicySpec = z
  .strictObject({
    mode: z
      .enum(["Active", "RegionBound"])
      .default("Active")
      .describe(
        "Active: every cluster publishes its routes in the zone of its own region (and of regions it serves). " +
          "RegionBound: one cluster publishes them in the zones of all regions; set sourceRegion.",
      ),
    sourceRegion: z
      .string()
      .max(NAME_MAX)
      .optional()
      .describe(
        "Home region: elsewhere the policy is inactive. Empty: the region of whichever cluster holds the policy.",
      ),
    sourceCluster: z
      .string()
      .max(NAME_MAX)
      .optional()
      .describe(
        "Home cluster inside the home region (`cluster` of its ClusterIdentity). Empty: any cluster of the region.",
      ),
  })
  // Every field has a default or may be absent, so a policy without a spec says as much as one with `{}`.
  .prefault({})
  .describe("How the ServiceRoutes of this namespace are published.");

export const DnsPolicyStatus = z
  .strictObject({
    phase: z
      .enum(["Pending", "Active", "Failed", "Inactive"])
      .optional()
      .describe("As for other kinds; Inactive: its home is another cluster, nothing is published from here."),
    active: z.boolean().optional().describe("Whether routes of this namespace are published from this cluster."),
    activeControllers: z
      .array(z.string())
      .optional()
      .describe("ExternalDNS instances that get a DNSEndpoint per route, in order of publication."),
    conditions: ConditionsSchema,
  })
  .describe("Written by service-router.");

const Wire = z.object({ spec: DnsPolicySpec });

/** An empty string says "no restriction", like an absent field. */
export const parseDnsPolicy = objectParser({
  schema: Wire,
  namespaced: true,
  project: ({ wire: { spec }, meta, status }): DnsPolicy => ({
    meta,
    spec: {
      mode: spec.mode,
      ...(spec.sourceRegion === undefined || spec.sourceRegion === "" ? {} : { sourceRegion: spec.sourceRegion }),
      ...(spec.sourceCluster === undefined || spec.sourceCluster === "" ? {} : { sourceCluster: spec.sourceCluster }),
    },
    status: status(),
  }),
});
