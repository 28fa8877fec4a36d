/**
 * A DNSEndpoint that is being deleted, and that somebody's finalizer holds, goes on publishing. No change can lead its CNAME
 * elsewhere: the gateway host that it points to keeps its last address until it is gone.
 */
import type { Change } from "../../model/change.ts";
import type { Fleet } from "../../model/fleet.ts";
import { objectKey } from "../naming/item-id.ts";
import { endpointNames } from "../naming/published-names.ts";
import { cnameTarget } from "../naming/record-content.ts";
import { addressedBy, lostAddresses } from "./replaced.ts";

/** @returns why a change must not take its address yet; undefined when it may. */
export function keptByDeletions(changes: readonly Change[], fleet: Fleet): (change: Change) => string | undefined {
  const addressed = addressedBy(changes);
  const losing = changes.some((change) => lostAddresses(change, addressed).length > 0);
  const pointing = losing ? pointingByTarget(fleet) : new Map<string, string>();
  if (pointing.size === 0) return () => undefined;
  return (change) => {
    for (const { zone, name } of lostAddresses(change, addressed)) {
      const endpoint = pointing.get(`${zone}/${name}`);
      if (endpoint === undefined) continue;
      return `${endpoint} is being deleted and still leads to ${name} in zone ${zone}; the address goes after it`;
    }
    return undefined;
  };
}

/** DNSEndpoints that are being deleted, by the names that their CNAMEs lead to. */
function pointingByTarget(fleet: Fleet): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name: cluster, believed } of fleet.clusters) {
    const listing = believed?.DNSEndpoint;
    const endpoints = listing?.read === "complete" ? listing.objects : [];
    for (const endpoint of endpoints.filter(({ meta }) => meta.deleting)) {
      const object = `DNSEndpoint ${objectKey(endpoint.meta)} of cluster ${cluster}`;
      for (const { zone, content } of endpointNames(endpoint)) {
        found.set(`${zone}/${cnameTarget(content) ?? ""}`, object);
      }
    }
  }
  return found;
}
