/** ServiceRoute: one host for one service. */
import * as z from "zod";
import type { ServiceRoute } from "../../model/resources.ts";
import { NAME_MAX } from "../admission.ts";
import { ConditionsSchema, PhaseSchema } from "../conditions.ts";
import { objectParser } from "../parsed.ts";

/** Longest TTL that makes sense for a name that may have to move: a day. */
const TTL_MAX_SECONDS = 86_400;

/**
 * environment and application may be empty for admission, as they always could: such a route exists and gets
 * ValidationFailed from the core, which also judges characters and lengths of the whole host.
 */
export const ServiceRouteSpec = z
  .strictObject({
    serviceName: z
      .string()
      .min(1)
      .max(NAME_MAX)
      .describe("Start of the host {serviceName}-ns-{environmentLetter}-{environment}-{application}.{domain}."),
    gatewayName: z.string().min(1).max(NAME_MAX).describe("Gateway (gateways.routing.router.io) that serves the host."),
    gatewayNamespace: z
      .string()
      .max(NAME_MAX)
      .optional()
      .describe("Namespace of that Gateway. Without it a setting of the cluster holds, by default istio-system."),
    environment: z.string().max(NAME_MAX).describe("Environment in the host: dev, prod."),
    application: z.string().max(NAME_MAX).describe("Application in the host."),
    ttlSeconds: z
      .int()
      .min(1)
      .max(TTL_MAX_SECONDS)
      .optional()
      .describe("TTL of the host's CNAME in seconds, 1 to 86400. Without it 300."),
  })
  .describe("One host for one service.");

export const ServiceRouteStatus = z
  .strictObject({
    phase: PhaseSchema,
    dnsEndpoint: z
      .string()
      .optional()
      .describe("Name of the first DNSEndpoint of this route, in its namespace; empty without one."),
    dnsNames: z
      .array(z.string())
      .optional()
      .describe("Host of this route in this cluster, published or not: the condition Published says which."),
    conditions: ConditionsSchema,
  })
  .describe("Written by service-router.");

const Wire = z.object({ spec: ServiceRouteSpec });

export const parseServiceRoute = objectParser({
  schema: Wire,
  namespaced: true,
  project: ({ wire: { spec }, meta, status }): ServiceRoute => ({
    meta,
    spec: {
      serviceName: spec.serviceName,
      gatewayName: spec.gatewayName,
      ...(spec.gatewayNamespace === undefined || spec.gatewayNamespace === ""
        ? {}
        : { gatewayNamespace: spec.gatewayNamespace }),
      environment: spec.environment,
      application: spec.application,
      ...(spec.ttlSeconds === undefined ? {} : { ttlSeconds: spec.ttlSeconds }),
    },
    status: status(),
  }),
});
