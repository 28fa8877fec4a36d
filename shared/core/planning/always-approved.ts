/**
 * Changes that always need a person, however few they are: taking the last address of a gateway host that a wanted CNAME
 * still points to, and deleting more than half of a cluster's Istio Gateways.
 */
import type { Change, HeldChanges } from "../../model/change.ts";
import type { DesiredItem } from "../../model/desired.ts";
import type { Approval } from "../../model/state.ts";
import { placeId } from "../naming/item-id.ts";
import { cnameTarget, isAddress } from "../naming/record-content.ts";
import { heldChanges } from "./budgets.ts";

const gatewaysFrom = 3;

type GuardInput = {
  readonly changes: readonly Change[];
  /** Every item of the fleet; asked for only when an address leaves. */
  readonly items: () => Iterable<DesiredItem>;
  readonly approvals: readonly Approval[];
  /** Number of our Istio Gateways in a cluster now. */
  readonly istioGateways: (cluster: string) => number;
};

export function holdForPerson(input: GuardInput): {
  readonly due: readonly Change[];
  readonly held: readonly HeldChanges[];
} {
  const groups = [...lastAddresses(input), ...manyGateways(input)].filter(
    (group) => !input.approvals.some((approval) => approval.digest === group.digest),
  );
  const heldIds = new Set(groups.flatMap((group) => group.changes.map((change) => change.id)));
  return { due: input.changes.filter((change) => !heldIds.has(change.id)), held: groups };
}

function lastAddresses({ changes, items }: GuardInput): readonly HeldChanges[] {
  const losing = changes.filter((change) => change.leaves.some((name) => isAddress(name.content)));
  if (losing.length === 0) return [];
  // By place: an address in another cluster, under the same identity by mistake, serves nothing of this one.
  const addressed = new Set<string>();
  const pointedTo = new Set<string>();
  for (const item of items()) {
    if (item.want === "absent") continue;
    for (const { zone, name, content } of item.names) {
      if (isAddress(content)) addressed.add(`${placeId(item.place)} ${zone}/${name}`);
      const target = cnameTarget(content);
      if (target !== undefined) pointedTo.add(`${zone}/${target}`);
    }
  }
  const byCluster = new Map<string, Change[]>();
  for (const change of losing) {
    const takesLast = change.leaves.some(
      ({ zone, name, content }) =>
        isAddress(content) &&
        !addressed.has(`${placeId(change.place)} ${zone}/${name}`) &&
        pointedTo.has(`${zone}/${name}`),
    );
    if (takesLast) byCluster.set(change.place.name, [...(byCluster.get(change.place.name) ?? []), change]);
  }
  return [...byCluster].map(([cluster, held]) =>
    heldChanges({
      scope: `cluster/${cluster}`,
      code: "LastAddress",
      reason: "gateway hosts would lose their last address while routes still point to them",
      changes: held,
    }),
  );
}

function manyGateways({ changes, istioGateways }: GuardInput): readonly HeldChanges[] {
  const byCluster = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.kind !== "IstioGateway" || change.operation !== "delete") continue;
    byCluster.set(change.place.name, [...(byCluster.get(change.place.name) ?? []), change]);
  }
  return [...byCluster].flatMap(([cluster, deletes]) => {
    const present = istioGateways(cluster);
    if (present < gatewaysFrom || deletes.length * 2 <= present) return [];
    const reason = `${deletes.length} of the ${present} Istio Gateways of cluster ${cluster} would be deleted`;
    return [heldChanges({ scope: `cluster/${cluster}`, code: "ManyGateways", reason, changes: deletes })];
  });
}
