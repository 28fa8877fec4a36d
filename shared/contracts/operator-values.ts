/**
 * Helm values of the in-cluster operator's chart (0.1, 0.2). Files are joined as Helm joins them: maps key by key, the later
 * file wins, everything else is replaced. Only the keys that a migration needs are looked at.
 */
import * as z from "zod";
import { ConfigurationError } from "../errors.ts";
import type { OperatorValues } from "../model/operator-values.ts";
import { faultsOf } from "./issues.ts";

const Values = z.looseObject({
  controller: z.looseObject({ defaultRouterGatewayNamespace: z.string().min(1).nullish() }).nullish(),
  production: z.looseObject({ enabled: z.boolean().nullish() }).nullish(),
});

/** Defaults of the chart. */
const gatewayNamespace = "istio-system";

export type ValuesFile = { readonly path: string; readonly document: unknown };

/** An empty file sets nothing. @throws ConfigurationError with every fault. */
export function parseOperatorValues(files: readonly ValuesFile[]): OperatorValues {
  const read = Values.safeParse(files.map(({ document }) => document ?? {}).reduce(merged, {}));
  const paths = files.map(({ path }) => path);
  if (!read.success) throw new ConfigurationError(`Helm values ${paths.join(", ")}`, faultsOf(read.error));
  const { controller, production } = read.data;
  return {
    files: paths,
    gatewayNamespace: controller?.defaultRouterGatewayNamespace ?? gatewayNamespace,
    replicasKey: production?.enabled === true ? "production.replicaCount" : "replicaCount",
  };
}

/** Depth is that of a values file. */
function merged(before: unknown, after: unknown): unknown {
  if (!isMap(before) || !isMap(after)) return after;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    keys.map((key) => [key, Object.hasOwn(after, key) ? merged(before[key], after[key]) : before[key]]),
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
