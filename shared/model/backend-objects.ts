/** Objects of others that tell whether anything answers behind a host. Small on purpose: a cluster has thousands of each. */
import type { ObjectMeta } from "./object-meta.ts";

/** What an Istio VirtualService says of a host on a Gateway. Where traffic goes to within a host is not kept. */
export type VirtualService = {
  readonly meta: ObjectMeta;
  /** As written; empty for a delegate. */
  readonly hosts: readonly string[];
  /** `name`, `namespace/name` or `mesh`, as written; empty means the mesh alone. */
  readonly gateways: readonly string[];
  /** Namespaces that see it, as written (`.`, `*`, a name); empty means all of them. */
  readonly exportTo: readonly string[];
  /** Hosts of all its destinations, each once, as written. */
  readonly destinations: readonly string[];
  /** VirtualServices that it hands paths on to. */
  readonly delegates: readonly { readonly namespace?: string; readonly name: string }[];
  /** A redirect or a fixed answer: nothing stands behind it, and it answers all the same. */
  readonly answersItself: boolean;
};

/** A Service that a VirtualService may lead to. */
export type DestinationService = {
  readonly meta: ObjectMeta;
  readonly type: string;
};

export type EndpointSlice = {
  readonly meta: ObjectMeta;
  /** Name of the Service that it belongs to, in its own namespace. */
  readonly service: string;
  /** At least one of its endpoints is ready. */
  readonly ready: boolean;
};
