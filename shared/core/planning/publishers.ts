/** Who publishes which name now, as their DNSEndpoints say, and who claims it. */
import type { Claim } from "../../model/claim.ts";
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Listings } from "../../model/kinds.ts";
import { objectKey } from "../naming/item-id.ts";
import { endpointNames } from "../naming/published-names.ts";

export type Publisher = {
  readonly cluster: string;
  /** Key of its DNSEndpoint; a claim has none. */
  readonly key?: string;
  readonly content: string;
  readonly writable: boolean;
  /** It only claims the name: whoever writes there may publish it at any moment. */
  readonly claims?: true;
};

/** Publishers of the names, each `zone/name`; a cluster without listings has none. */
export function publishersOf(
  fleet: Fleet,
  names: ReadonlySet<string>,
  listingsOf: (cluster: FleetCluster) => Listings | undefined,
): Map<string, Publisher[]> {
  const found = new Map<string, Publisher[]>();
  if (names.size === 0) return found;
  for (const cluster of fleet.clusters) {
    const listing = listingsOf(cluster)?.DNSEndpoint;
    if (listing?.read === "complete") addPublishers(found, names, cluster, listing.objects);
  }
  return found;
}

function addPublishers(
  found: Map<string, Publisher[]>,
  names: ReadonlySet<string>,
  cluster: FleetCluster,
  endpoints: readonly DnsEndpoint[],
): void {
  const writable = cluster.writes.kind === "allowed";
  for (const endpoint of endpoints) {
    for (const { zone, name, content } of endpointNames(endpoint)) {
      if (!names.has(`${zone}/${name}`)) continue;
      const key = objectKey(endpoint.meta);
      addPublisher(found, `${zone}/${name}`, { cluster: cluster.name, key, content, writable });
    }
  }
}

/** Whoever claims a name may publish it at any moment. */
export function addClaims(found: Map<string, Publisher[]>, claims: readonly Claim[], names: ReadonlySet<string>): void {
  for (const { zone, name, content, cluster } of claims) {
    if (names.has(`${zone}/${name}`))
      addPublisher(found, `${zone}/${name}`, { cluster, content, writable: false, claims: true });
  }
}

function addPublisher(found: Map<string, Publisher[]>, key: string, publisher: Publisher): void {
  const known = found.get(key);
  if (known === undefined) found.set(key, [publisher]);
  else known.push(publisher);
}
