/**
 * The one file that knows all families: snapshot and placement in, desired state out. A new family adds its folder and a
 * line in each function here; there is no registry.
 */
import type { Desired, DesiredPlace } from "../model/desired.ts";
import type { FleetConfiguration } from "../model/fleet-configuration.ts";
import type { Fleet } from "../model/fleet.ts";
import type { KindUse } from "../model/kinds.ts";
import type { PlaceId } from "../model/place.ts";
import type { ResolvedPlacement } from "../model/placement.ts";
import type { VerifyRecord } from "../model/verification.ts";
import { placeId } from "./naming/item-id.ts";
import { desiredServiceRouting, type ServiceRouting } from "./service-routing/desired-service-routing.ts";
import { inTurn } from "./service-routing/lazy-lists.ts";
import { reads as serviceRoutingReads } from "./service-routing/reads.ts";

/** Kinds that the enabled families list; the snapshot lists the union once. */
export function readsOf(families: FleetConfiguration["families"]): readonly KindUse[] {
  return families.serviceRouting ? serviceRoutingReads : [];
}

/** With the names of every zone, for reports: those of routes by their publisher, and the gateway hosts beside them. */
export type FleetDesired = Desired & Pick<ServiceRouting, "zones" | "gatewayHosts" | "servedHosts" | "leaving">;

/** @param verify what the real zones say; absent where no region has one. */
export function computeDesired(
  fleet: Fleet,
  placement: ResolvedPlacement,
  settings: Pick<FleetConfiguration, "families" | "regions">,
  verify?: VerifyRecord,
): FleetDesired {
  const { serviceRouting } = settings.families;
  const routing = serviceRouting ? desiredServiceRouting(fleet, placement, settings, verify) : undefined;
  const families: readonly Desired[] = routing === undefined ? [] : [routing];
  return {
    ...mergeDesired(families),
    zones: routing?.zones ?? new Map(),
    gatewayHosts: routing?.gatewayHosts ?? (() => []),
    servedHosts: routing?.servedHosts ?? (() => []),
    leaving: routing?.leaving ?? (() => []),
  };
}

/**
 * What all families want, with every place once: planning takes an object of ours that the place's one entry does not want
 * for no longer wanted, whichever family it is of. Items and statuses are still made one by one, when they are reached.
 */
export function mergeDesired(families: readonly Desired[]): Desired {
  const byPlace = new Map<PlaceId, DesiredPlace[]>();
  for (const entry of families.flatMap(({ places }) => places)) {
    const id = placeId(entry.place);
    const known = byPlace.get(id);
    if (known === undefined) byPlace.set(id, [entry]);
    else known.push(entry);
  }
  return {
    places: [...byPlace.values()].flatMap((entries) => mergePlace(entries)),
    claimedElsewhere: families.flatMap(({ claimedElsewhere }) => claimedElsewhere),
    managed: families.flatMap(({ managed }) => managed),
  };
}

/** @param entries of one place. */
function mergePlace(entries: readonly DesiredPlace[]): readonly DesiredPlace[] {
  const [first, second] = entries;
  if (first === undefined || second === undefined) return entries;
  const project = () => {
    const parts = entries.map((entry) => entry.project());
    return {
      items: inTurn(...parts.map(({ items }) => items)),
      statuses: inTurn(...parts.map(({ statuses }) => statuses)),
      refusals: parts.flatMap(({ refusals = [] }) => refusals),
    };
  };
  return [{ place: first.place, project }];
}
