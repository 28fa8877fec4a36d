/** A Deployment that may be the predecessor's. Its images and ready replicas are all that is kept. */
import * as z from "zod";
import type { OperatorDeployment } from "../../model/cluster-objects.ts";
import { objectParser } from "../parsed.ts";

const Containers = z.array(z.object({ image: z.string().optional() }));

export const OperatorDeploymentSchema = z.object({
  spec: z.object({ template: z.object({ spec: z.object({ containers: Containers }) }) }),
  status: z.object({ readyReplicas: z.number().nullish() }).nullish(),
});

export const parseOperatorDeployment = objectParser({
  schema: OperatorDeploymentSchema,
  namespaced: true,
  project: ({ wire, meta }): OperatorDeployment => ({
    meta,
    images: wire.spec.template.spec.containers
      .map((container) => container.image ?? "")
      .filter((image) => image !== ""),
    readyReplicas: wire.status?.readyReplicas ?? 0,
  }),
});
