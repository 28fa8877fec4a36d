/** Asks every configured zone what its listing does not say: which of the needed actions the identity lacks. Writes nothing. */
import pLimit from "p-limit";
import { neededActions, type ZoneRights } from "../core/diagnosis/needed-actions.ts";
import { asError } from "../errors.ts";
import type { RegionConfiguration } from "../model/fleet-configuration.ts";
import type { FleetPorts } from "./fleet-ports.ts";
import { limits } from "./pass-limits.ts";

/** @throws the signal's reason; a zone that does not answer is in the result, as unknown. */
export async function inspectZones(
  ports: Pick<FleetPorts, "zones">,
  regions: readonly RegionConfiguration[],
  options: { readonly zoneMs: number; readonly signal?: AbortSignal },
): Promise<readonly ZoneRights[]> {
  const limit = pLimit(limits.clustersAtOnce);
  const asked = regions.flatMap(({ name, zones, zoneWrites }) =>
    zones.map((source) =>
      limit(async (): Promise<ZoneRights> => {
        const zone = { region: name, zone: source.zone.toLowerCase(), writes: zoneWrites };
        const deadline = AbortSignal.timeout(options.zoneMs);
        const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
        try {
          const port = await ports.zones.open(source);
          return { ...zone, denied: await port.deniedActions(neededActions(zoneWrites), signal) };
        } catch (caught) {
          options.signal?.throwIfAborted();
          return { ...zone, denied: "unknown", reason: asError(caught).message };
        }
      }),
    ),
  );
  return await Promise.all(asked);
}
