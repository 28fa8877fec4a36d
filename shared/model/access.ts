/** Rights of the credential that we use: in a cluster as a ClusterRole grants them (every namespace), in a zone as Azure does. */
import type { Kind } from "./kinds.ts";
import type { RecordSetType } from "./zone-records.ts";

/** `Event` is written and never listed, so it is none of the kinds. */
export type AccessRight = {
  readonly verb: "list" | "get" | "create" | "patch" | "delete";
  readonly kind: Kind | "Event";
  /** The status subresource is meant. */
  readonly status?: true;
};

/** `what` names verb and resource as a ClusterRole does: `list dnspolicies.routing.router.io`. */
export type DeniedRight = { readonly right: AccessRight; readonly what: string };

/** An action of Azure on one Private DNS zone, as a role definition names it. `ALL` is the listing of every type. */
export type ZoneAction = `Microsoft.Network/privateDnsZones/${"read" | "ALL/read" | `${RecordSetType}/${ZoneVerb}`}`;

export type ZoneVerb = "read" | "write" | "delete";
