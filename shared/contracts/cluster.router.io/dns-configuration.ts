/** DNSConfiguration: which ExternalDNS instances run beside this cluster, and whose zone each writes. One is honoured. */
import * as z from "zod";
import type { DnsConfiguration, ExternalDnsController } from "../../model/resources.ts";
import { listMap, NAME_MAX, REGIONS_MAX } from "../admission.ts";
import { ConditionsSchema } from "../conditions.ts";
import { objectParser } from "../parsed.ts";

const filled = (value: string): boolean => value !== "";

/** Empty strings pass admission, as they always did, and are refused when the object is parsed (InvalidSpec). */
const Controller = z
  .strictObject({
    name: z
      .string()
      .max(NAME_MAX)
      .refine(filled, "must not be empty")
      .describe("Name of the ExternalDNS instance: external-dns-weu. Part of the names of its DNSEndpoints."),
    region: z
      .string()
      .max(NAME_MAX)
      .refine(filled, "must not be empty")
      .describe("Region whose zone the instance writes. It selects DNSEndpoints by the label router.io/region."),
  })
  .describe("One ExternalDNS instance.");

export const DnsConfigurationSpec = z
  .strictObject({
    externalDNSControllers: listMap(z.array(Controller).min(1).max(REGIONS_MAX), "name")
      .refine(
        (controllers) =>
          !controllers.some((one) => controllers.some((two) => one.name === two.name && one.region !== two.region)),
        "names one controller with two regions",
      )
      .describe("The ExternalDNS instances, in the order in which they are published to. Names are unique."),
  })
  .describe("The ExternalDNS instances of this cluster.");

export const DnsConfigurationStatus = z
  .strictObject({ conditions: ConditionsSchema })
  .describe("Written by service-router.");

/** An entry that stands twice was accepted once; it means no more than once. */
function distinct(controllers: readonly ExternalDnsController[]): readonly ExternalDnsController[] {
  return [...new Map(controllers.map((controller) => [controller.name, controller])).values()];
}

const Wire = z.object({ spec: DnsConfigurationSpec });

export const parseDnsConfiguration = objectParser({
  schema: Wire,
  namespaced: false,
  project: ({ wire, meta, status }): DnsConfiguration => ({
    meta,
    spec: { externalDNSControllers: distinct(wire.spec.externalDNSControllers) },
    status: status(),
  }),
});
