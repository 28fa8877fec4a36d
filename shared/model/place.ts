/**
 * A place is where items live: a cluster, a DNS zone, or (later) a remote API.
 * Planning knows places, kinds, markers and phases, and nothing of what a route is.
 */
export type Place = { readonly kind: "cluster" | "zone"; readonly name: string };

/** `cluster/w1`, `zone/weu`: for keys, sorting and messages. */
export type PlaceId = `${Place["kind"]}/${string}`;
