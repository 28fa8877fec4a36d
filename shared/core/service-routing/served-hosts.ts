/** The hosts of each cluster for coverage: what leads to it, what stands on its Istio Gateways, and through which Gateways. */
import type { Zones } from "../../model/claim.ts";
import type { ClusterHosts, GatewayEntrance } from "../../model/coverage.ts";
import { byText } from "../naming/item-id.ts";
import { cnameTarget } from "../naming/record-content.ts";
import type { ClusterFindings } from "./findings.ts";
import type { HostHolders } from "./istio-hosts.ts";

type Found = { readonly findings: ClusterFindings; readonly holders: HostHolders };

/** In the order of `found`; everything in it sorted by host. */
export function servedHosts(found: readonly Found[], zones: Zones): readonly ClusterHosts[] {
  const targets = publishedTargets(zones);
  return found.map(({ findings, holders }) => {
    const { name, region } = findings.cluster;
    const gateways = entrancesOf(findings);
    const postfixes = new Map(
      [...findings.gateways.values()].flatMap(({ host, gateway }) =>
        host === undefined ? [] : [[host, gateway.spec.targetPostfix] as const],
      ),
    );
    return {
      cluster: name,
      ...(region === undefined ? {} : { region }),
      published: [...(targets.get(name) ?? [])].sort(byHost).map(([host, target]) => {
        const postfix = target === undefined ? undefined : postfixes.get(target);
        return postfix === undefined ? { host } : { host, postfix };
      }),
      gateways,
      standing: [...holders.values()]
        .flatMap((hosts) => [...hosts].map(([host, { gateway }]) => ({ host, gateway: gateway?.key ?? "" })))
        .sort((left, right) => byText(left.host, right.host)),
    };
  });
}

/** By cluster, for every name that it publishes in any zone: where the name leads. */
function publishedTargets(zones: Zones): ReadonlyMap<string, ReadonlyMap<string, string | undefined>> {
  const targets = new Map<string, Map<string, string | undefined>>();
  for (const names of zones.values()) {
    for (const [name, { winner }] of names) {
      let own = targets.get(winner.cluster);
      if (own === undefined) targets.set(winner.cluster, (own = new Map<string, string | undefined>()));
      if (own.get(name) === undefined) own.set(name, cnameTarget(winner.content));
    }
  }
  return targets;
}

function byHost([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return byText(left, right);
}

/** Usable ones only: no route attaches to any other. */
function entrancesOf({ gateways }: ClusterFindings): readonly GatewayEntrance[] {
  return [...gateways.values()]
    .filter(({ state }) => state === "usable")
    .map(({ key, gateway, addresses, service }) => ({
      key,
      postfix: gateway.spec.targetPostfix,
      addresses,
      ...(service?.meta.namespace === undefined ? {} : { ingressNamespace: service.meta.namespace }),
    }));
}
