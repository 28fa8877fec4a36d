/**
 * Names that several clusters publish into one region with different destinations. With a prefix per cluster only one of them
 * owns the record, and the others are ignored, silently; with one prefix all own it, and it flips for ever (measured with
 * ExternalDNS 0.20 and 0.22: 1.4 to 1.7 writes in every pass).
 */
import type { DnsEndpoint } from "../../model/cluster-objects.ts";
import { byText } from "../naming/item-id.ts";
import { endpointNames } from "../naming/published-names.ts";
import { destinationOf } from "../naming/record-content.ts";
import type { ContestedName } from "./facts.ts";

type Publishing = { readonly cluster: string; readonly endpoints: readonly DnsEndpoint[] };

/** By region; names sorted. Whoever's the DNSEndpoints are: all of them write into the same zone. */
export function contestedNames(clusters: readonly Publishing[]): ReadonlyMap<string, readonly ContestedName[]> {
  const publishers = new Map<string, Map<string, Map<string, Set<string>>>>();
  for (const { cluster, endpoints } of clusters) {
    for (const { zone, name, content } of endpoints.flatMap(endpointNames)) {
      // An A beside an AAAA is no contest: types are told apart, and a CNAME stands against either.
      const id = `${content.startsWith("AAAA ") ? "AAAA" : ""} ${name.toLowerCase()}`;
      const destinations = entry(
        entry(publishers, zone, () => new Map()),
        id,
        () => new Map<string, Set<string>>(),
      );
      entry(destinations, destinationOf(content).toLowerCase(), () => new Set<string>()).add(cluster);
    }
  }
  return new Map([...publishers].map(([zone, names]) => [zone, contestedOf(names)]));
}

function contestedOf(names: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>): readonly ContestedName[] {
  const found = [...names].flatMap(([id, destinations]) => {
    const clusters = [...new Set([...destinations.values()].flatMap((each) => [...each]))].sort();
    return destinations.size > 1 && clusters.length > 1 ? [{ name: id.slice(id.indexOf(" ") + 1), clusters }] : [];
  });
  return found.sort((left, right) => byText(left.name, right.name));
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
