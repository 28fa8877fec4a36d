/**
 * A Deployment that may be the predecessor's. Images, replicas and the one flag of the predecessor that a fleet must agree with
 * are all that is kept: arguments of other programs may hold anything.
 */
import * as z from "zod";
import type { OperatorDeployment } from "../../model/cluster-objects.ts";
import { objectParser } from "../parsed.ts";

const Variable = z.object({ name: z.string(), value: z.string().nullish() });

const Container = z.object({
  image: z.string().optional(),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
  env: z.array(Variable).nullish(),
});

export const OperatorDeploymentSchema = z.object({
  spec: z.object({
    replicas: z.number().nullish(),
    template: z.object({ spec: z.object({ containers: z.array(Container) }) }),
  }),
  status: z.object({ readyReplicas: z.number().nullish() }).nullish(),
});

const GATEWAY_NAMESPACE = /^--?default-router-gateway-namespace(?:=(.*))?$/;

/** The last one given counts, as for Go's flags; `--flag value` and `--flag=value` are the same. */
function gatewayNamespaceOf({ command, args, env }: z.output<typeof Container>): string | undefined {
  const words = [...(command ?? []), ...(args ?? [])];
  const given = words.flatMap((word, index) => {
    const match = GATEWAY_NAMESPACE.exec(word);
    return match === null ? [] : [match[1] ?? words[index + 1] ?? ""];
  });
  const value = given.at(-1);
  const name = /^\$\(([^)]+)\)$/.exec(value ?? "")?.[1];
  return (env ?? []).find((variable) => variable.name === name)?.value ?? value;
}

export const parseOperatorDeployment = objectParser({
  schema: OperatorDeploymentSchema,
  namespaced: true,
  project: ({ wire, meta }): OperatorDeployment => {
    const { containers } = wire.spec.template.spec;
    const namespaces = containers.flatMap((container) => gatewayNamespaceOf(container) ?? []);
    return {
      meta,
      images: containers.map((container) => container.image ?? "").filter((image) => image !== ""),
      replicas: wire.spec.replicas ?? 1,
      readyReplicas: wire.status?.readyReplicas ?? 0,
      ...(namespaces[0] === undefined ? {} : { defaultGatewayNamespace: namespaces[0] }),
    };
  },
});
