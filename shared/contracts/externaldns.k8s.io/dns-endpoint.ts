/**
 * DNSEndpoint, the contract with ExternalDNS. Its CRD checks types only, so nearly every field may be missing.
 * Ours may have been edited by somebody; fields we never write are kept, so that they show as drift and are undone.
 */
import * as z from "zod";
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import { objectParser } from "../parsed.ts";

const Endpoint = z.looseObject({
  dnsName: z.string().default(""),
  recordType: z.string().default(""),
  targets: z.array(z.string()).default([]),
  recordTTL: z.number().exactOptional(),
});

export const DnsEndpointSchema = z.object({
  spec: z.object({ endpoints: z.array(Endpoint).nullish() }).nullish(),
  // Not ours, and nothing depends on it: whatever stands there, the object is understood.
  status: z
    .object({ observedGeneration: z.number().nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});

export const parseDnsEndpoint = objectParser({
  schema: DnsEndpointSchema,
  namespaced: true,
  project: ({ wire, meta }): DnsEndpoint => {
    const spec = { endpoints: wire.spec?.endpoints ?? [] };
    const observedGeneration = wire.status?.observedGeneration ?? undefined;
    return observedGeneration === undefined ? { meta, spec } : { meta, spec, observedGeneration };
  },
});
