/**
 * A place is where items live: a cluster, a DNS zone, or (later) a remote API.
 * Planning knows places, kinds, markers and phases, and nothing of what a route is. Only clusters are planned and written
 * yet: a place of another kind stops planning. Compare places by `placeId`: a cluster and a zone may have one name.
 */
export type Place = { readonly kind: "cluster" | "zone"; readonly name: string };

/** `cluster/w1`, `zone/weu`: for keys, sorting and messages. */
export type PlaceId = `${Place["kind"]}/${string}`;
