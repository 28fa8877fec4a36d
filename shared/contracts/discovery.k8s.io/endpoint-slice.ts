/** EndpointSlice: whether anything of a Service is ready. Addresses are not kept. */
import * as z from "zod";
import type { EndpointSlice } from "../../model/backend-objects.ts";
import { objectParser } from "../parsed.ts";

/** On every slice of a Service; slices without it belong to none. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

const Endpoint = z.object({
  addresses: z.array(z.string()).nullish(),
  conditions: z.object({ ready: z.boolean().nullish() }).nullish(),
});

export const EndpointSliceSchema = z.object({ endpoints: z.array(Endpoint).nullish() });

/** Where `ready` is not said, Kubernetes takes it for true. */
export const parseEndpointSlice = objectParser({
  schema: EndpointSliceSchema,
  namespaced: true,
  project: ({ wire, meta }): EndpointSlice => ({
    meta,
    service: meta.labels[SERVICE_NAME_LABEL] ?? "",
    ready: (wire.endpoints ?? []).some(
      ({ addresses, conditions }) => (addresses ?? []).length > 0 && conditions?.ready !== false,
    ),
  }),
});
