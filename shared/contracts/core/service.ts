/** The LoadBalancer Service of an Istio ingress controller: only its type and the addresses it was given count. */
import * as z from "zod";
import type { IngressService } from "../../model/cluster-objects.ts";
import { objectParser } from "../parsed.ts";

const Ingress = z.object({ ip: z.string().optional() });

export const IngressServiceSchema = z.object({
  spec: z.object({ type: z.string().default("ClusterIP") }),
  status: z.object({ loadBalancer: z.object({ ingress: z.array(Ingress).nullish() }).nullish() }).nullish(),
});

/** Host names of a load balancer and entries without an IP are left out: an address record needs addresses. */
export const parseIngressService = objectParser({
  schema: IngressServiceSchema,
  namespaced: true,
  project: ({ wire, meta }): IngressService => ({
    meta,
    type: wire.spec.type,
    addresses: (wire.status?.loadBalancer?.ingress ?? [])
      .map((ingress) => ingress.ip ?? "")
      .filter((address) => address !== ""),
  }),
});
