/**
 * No name loses its last publisher while anyone alive claims it: where a cluster that cannot be written to now claims a name,
 * and does not publish it, whoever publishes it stays until that cluster can take it over. A rebuilt cluster, which is believed
 * to claim what it had, would otherwise take names from those that serve them.
 */
import type { Claim } from "../../model/claim.ts";
import type { Change } from "../../model/change.ts";
import type { Fleet, FleetCluster } from "../../model/fleet.ts";
import type { Listings } from "../../model/kinds.ts";
import { isDnsZone } from "../naming/published-names.ts";
import { publishersOf } from "./publishers.ts";

type Input = {
  readonly changes: readonly Change[];
  readonly fleet: Fleet;
  readonly claimedElsewhere: readonly Claim[];
};

/** @returns why a change must not take a name away yet; undefined when it may. */
export function lastPublishers({ changes, fleet, claimedElsewhere }: Input): (change: Change) => string | undefined {
  const frozen = new Set(fleet.clusters.filter(({ standing }) => standing.kind === "frozen").map(({ name }) => name));
  const claimed = new Map<string, Claim>();
  for (const claim of claimedElsewhere) if (frozen.has(claim.cluster)) claimed.set(nameId(claim), claim);
  if (claimed.size === 0) return () => undefined;
  const joined = new Set(changes.flatMap(({ joins }) => joins.map((name) => nameId(name))));
  const leaving = changes.flatMap((change) =>
    change.leaves.flatMap((name) => {
      const id = nameId(name);
      return isDnsZone(name.zone) && claimed.has(id) && !joined.has(id) ? [{ id, change }] : [];
    }),
  );
  const going = new Set(leaving.map(({ id, change }) => `${id} ${change.place.name} ${change.key}`));
  const publishers = publishersOf(fleet, new Set(leaving.map(({ id }) => id)), asSeen);
  const stays = (id: string): boolean =>
    publishers.get(id)?.some(({ cluster, key = "" }) => !going.has(`${id} ${cluster} ${key}`)) === true;
  const last = new Map(leaving.flatMap(({ id, change }) => (stays(id) ? [] : [[change.id, claimed.get(id)] as const])));
  return ({ id }) => {
    const claim = last.get(id);
    return claim === undefined
      ? undefined
      : `${claim.name} in zone ${claim.zone} is claimed by cluster ${claim.cluster}, which is not written to now and does not publish it; it stays until that cluster can take it over`;
  };
}

/** What a cluster is seen to hold; what it is believed to hold where its DNSEndpoints were not read. */
function asSeen({ current, believed }: FleetCluster): Listings | undefined {
  return current.DNSEndpoint?.read === "complete" ? current : believed;
}

function nameId({ zone, name }: { readonly zone: string; readonly name: string }): string {
  return `${zone}/${name}`;
}
