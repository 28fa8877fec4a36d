/** Istio Gateway (v1 and v1beta1 have one schema). The spec is kept whole: it is compared with what we want. */
import * as z from "zod";
import type { IstioGateway } from "../../model/cluster-objects.ts";
import { objectParser } from "../parsed.ts";

const Server = z.object({ hosts: z.array(z.string()).exactOptional() }).catchall(z.json());

export const IstioGatewaySchema = z.object({
  spec: z
    .object({
      selector: z.record(z.string(), z.string()).exactOptional(),
      servers: z.array(Server).exactOptional(),
    })
    .catchall(z.json()),
});

export const parseIstioGateway = objectParser({
  schema: IstioGatewaySchema,
  namespaced: true,
  project: ({ wire, meta }): IstioGateway => ({ meta, spec: wire.spec }),
});
