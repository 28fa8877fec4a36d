/** What time the API server has: the `Date` of its answer to the smallest question that everybody may ask. */
import type { KubernetesConnection } from "./connection.ts";
import { asFleetError, placeOf } from "./fleet-errors.ts";
import { withRetries } from "./retry.ts";

/** @returns epoch ms in whole seconds, cut off; undefined when the answer has no time. @throws FleetError */
export async function readServerTime(
  connection: KubernetesConnection,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { cluster } = connection;
  const path = "/version";
  try {
    const ask = (): Promise<number | undefined> => connection.dateMs({ method: "GET", path }, signal);
    return await withRetries(ask, { place: placeOf(cluster), signal, access: "read" });
  } catch (caught) {
    throw asFleetError(caught, { cluster, what: `get ${path}`, signal });
  }
}
