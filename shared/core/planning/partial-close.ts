/**
 * Closing hosts one by one although they stand on one object: where the record of one host could not be withdrawn, that host
 * keeps its place on the Istio Gateway and the others leave all the same. One bad resource never stops another.
 */
import type { Change } from "../../model/change.ts";
import type { JsonObject } from "../../model/json.ts";

/**
 * @param stays bare names that must keep their place.
 * @returns the change without them; undefined when nothing is left to do, or the change cannot be divided.
 */
export function closeWithout(change: Change, stays: (name: string) => boolean): Change | undefined {
  const { after, operation, phase, leaves } = change;
  if (change.kind !== "IstioGateway" || phase !== "close" || operation === "delete" || after === undefined)
    return undefined;
  const kept = leaves.filter(({ name }) => stays(name)).map(({ name }) => name);
  if (kept.length === 0 || kept.length === leaves.length) return undefined;
  return { ...change, after: withHosts(after, kept), leaves: leaves.filter(({ name }) => !stays(name)) };
}

function withHosts(body: JsonObject, hosts: readonly string[]): JsonObject {
  const spec = (body["spec"] ?? {}) as JsonObject;
  const servers = ((spec["servers"] ?? []) as readonly JsonObject[]).map((server) => ({
    ...server,
    hosts: [...new Set([...((server["hosts"] ?? []) as readonly string[]), ...hosts])].sort(),
  }));
  return { ...body, spec: { ...spec, servers } };
}
