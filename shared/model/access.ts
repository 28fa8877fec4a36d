/** Rights of the credential that we use in a cluster, as a ClusterRole grants them: in every namespace. */
import type { Kind } from "./kinds.ts";

/** `Event` is written and never listed, so it is none of the kinds. */
export type AccessRight = {
  readonly verb: "list" | "get" | "create" | "patch" | "delete";
  readonly kind: Kind | "Event";
  /** The status subresource is meant. */
  readonly status?: true;
};

/** `what` names verb and resource as a ClusterRole does: `list dnspolicies.routing.router.io`. */
export type DeniedRight = { readonly right: AccessRight; readonly what: string };
