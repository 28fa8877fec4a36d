/**
 * The one file that knows all families: snapshot and placement in, desired state out. A new family adds its folder and two
 * lines here; there is no registry.
 */
import type { Desired } from "../model/desired.ts";
import type { FleetConfiguration } from "../model/fleet-configuration.ts";
import type { Fleet } from "../model/fleet.ts";
import type { KindUse } from "../model/kinds.ts";
import type { ResolvedPlacement } from "../model/placement.ts";
import { desiredServiceRouting, type ServiceRouting } from "./service-routing/desired-service-routing.ts";
import { reads as serviceRoutingReads } from "./service-routing/reads.ts";

/** Kinds that the enabled families list; the snapshot lists the union once. */
export function readsOf(families: FleetConfiguration["families"]): readonly KindUse[] {
  return families.serviceRouting ? serviceRoutingReads : [];
}

/** With the names of every zone, for reports: those of routes by their publisher, and the gateway hosts beside them. */
export type FleetDesired = Desired & Pick<ServiceRouting, "zones" | "gatewayHosts" | "leaving">;

const nothing: FleetDesired = {
  places: [],
  claimedElsewhere: [],
  managed: [],
  zones: new Map(),
  gatewayHosts: () => [],
  leaving: () => [],
};

export function computeDesired(
  fleet: Fleet,
  placement: ResolvedPlacement,
  settings: Pick<FleetConfiguration, "families" | "regions">,
): FleetDesired {
  if (!settings.families.serviceRouting) return nothing;
  return desiredServiceRouting(fleet, placement, settings);
}
