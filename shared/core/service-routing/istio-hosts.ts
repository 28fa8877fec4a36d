/**
 * Which Istio Gateway each host stands on: at most one per Istio controller. Istio skips the whole later server, with all
 * its hosts and silently, when one host stands twice (measured: docs/decisions/0003-istio-hosts-stand-once.md).
 */
import type { IstioGateway } from "../../model/cluster-objects.ts";
import type { FleetCluster } from "../../model/fleet.ts";
import { byAge, objectKey } from "../naming/item-id.ts";
import { isOurs } from "../naming/own-objects.ts";
import { istioController, istioHosts } from "../naming/published-names.ts";
import type { RouteFinding } from "./findings.ts";

/** host → the route that has it, and by that the Gateway it stands on; per Istio controller. */
export type HostHolders = ReadonlyMap<string, ReadonlyMap<string, RouteFinding>>;

export type HostResolution = { readonly routes: readonly RouteFinding[]; readonly holders: HostHolders };

/**
 * The oldest route has its host; a younger one that yields the same host gets HostConflict, also on the same Gateway:
 * merging them silently would let any namespace answer for another one's name.
 */
export function resolveHosts(cluster: FleetCluster, routes: readonly RouteFinding[]): HostResolution {
  const foreign = foreignHosts(cluster);
  const holders = new Map<string, Map<string, RouteFinding>>();
  let isContested = foreign.size > 0;
  for (const finding of routes) {
    const { host, gateway } = finding;
    if (host === undefined || gateway === undefined || finding.route.meta.deleting) continue;
    const { controller } = gateway.gateway.spec;
    if (foreign.size > 0 && foreign.holderOf(controller, host) !== undefined) continue;
    let hosts = holders.get(controller);
    if (hosts === undefined) holders.set(controller, (hosts = new Map<string, RouteFinding>()));
    const holder = hosts.get(host);
    if (holder !== undefined) isContested = true;
    if (holder === undefined || byAge(finding.route.meta, holder.route.meta) < 0) hosts.set(host, finding);
  }
  const judged = isContested ? routes.map((finding) => hostVerdict(finding, holders, foreign)) : routes;
  return { routes: judged, holders };
}

/**
 * Hosts of claims that vanished one read ago stay where they stand in this read: a list that lost a few objects must not move
 * their hosts to the Gateway of whoever comes next.
 * @param observed our Istio Gateways as they are now.
 */
export function withoutVanished(
  holders: HostHolders,
  vanished: ReadonlySet<string>,
  observed: Iterable<IstioGateway>,
): HostHolders {
  if (vanished.size === 0) return holders;
  const standsOn = new Map<string, Set<string>>();
  for (const gateway of observed) {
    for (const host of istioHosts(gateway)) {
      if (!vanished.has(host)) continue;
      const id = `${istioController(gateway)} ${host}`;
      standsOn.set(id, (standsOn.get(id) ?? new Set()).add(objectKey(gateway.meta)));
    }
  }
  const staysElsewhere = (controller: string, host: string, holder: RouteFinding): boolean => {
    const keys = standsOn.get(`${controller} ${host}`);
    return keys !== undefined && !keys.has(holder.gateway?.key ?? "");
  };
  return new Map(
    [...holders].map(([controller, hosts]) => [
      controller,
      new Map([...hosts].filter(([host, holder]) => !staysElsewhere(controller, host, holder))),
    ]),
  );
}

/**
 * Splits off hosts whose Istio Gateway stays as it is (the Gateway is being deleted, or the cluster retires) and does not
 * have them: a host must not leave where it stands for an Istio Gateway that does not take it.
 * @param staying keys of the Gateways whose Istio Gateway stays.
 */
export function withoutUntaken(
  holders: HostHolders,
  staying: ReadonlySet<string>,
  observed: ReadonlyMap<string, IstioGateway>,
): { readonly holders: HostHolders; readonly untaken: ReadonlySet<string> } {
  const untaken = new Set<string>();
  if (staying.size === 0) return { holders, untaken };
  /** Hosts of each Istio Gateway that takes no other, by `controller key`; looked up once. */
  const closed = new Map<string, ReadonlySet<string>>();
  const isUntaken = (controller: string, host: string, key: string): boolean => {
    if (!staying.has(key)) return false;
    const id = `${controller} ${key}`;
    const hosts = closed.get(id) ?? hostsUnder(controller, observed.get(key));
    closed.set(id, hosts);
    return !hosts.has(host);
  };
  for (const [controller, hosts] of holders) {
    for (const [host, { gateway }] of hosts) {
      if (gateway !== undefined && isUntaken(controller, host, gateway.key)) untaken.add(host);
    }
  }
  if (untaken.size === 0) return { holders, untaken };
  const taken = [...holders].map(([controller, hosts]): readonly [string, ReadonlyMap<string, RouteFinding>] => [
    controller,
    new Map(
      [...hosts].filter(([host, { gateway }]) => gateway === undefined || !isUntaken(controller, host, gateway.key)),
    ),
  ]);
  return { holders: new Map(taken), untaken };
}

/** Hosts of an Istio Gateway as far as it selects the controller. */
function hostsUnder(controller: string, gateway: IstioGateway | undefined): ReadonlySet<string> {
  return new Set(gateway === undefined || istioController(gateway) !== controller ? [] : istioHosts(gateway));
}

function hostVerdict(
  finding: RouteFinding,
  holders: ReadonlyMap<string, ReadonlyMap<string, RouteFinding>>,
  foreign: ForeignHosts,
): RouteFinding {
  const { host, gateway } = finding;
  if (host === undefined || gateway === undefined) return finding;
  const { controller } = gateway.gateway.spec;
  const stranger = foreign.holderOf(controller, host);
  if (stranger !== undefined) {
    const reason = `host ${host} stands on the Istio Gateway ${stranger}, which this product does not manage; remove it there`;
    return refusedHost(finding, reason);
  }
  const holder = holders.get(controller)?.get(host);
  if (holder === undefined || holder === finding || finding.route.meta.deleting) return finding;
  const reason = `host ${host} is that of the older ServiceRoute ${holder.key} on Gateway ${holder.gateway?.key ?? ""}; change one of them`;
  return refusedHost(finding, reason);
}

function refusedHost(finding: RouteFinding, reason: string): RouteFinding {
  const { gateway: _detached, ...rest } = finding;
  return { ...rest, verdict: { kind: "withdrawn", code: "HostConflict", reason } };
}

type ForeignHosts = {
  /** Number of controllers that a foreign Istio Gateway selects. */
  readonly size: number;
  readonly holderOf: (controller: string, host: string) => string | undefined;
};

/** Hosts of Istio Gateways that are not ours, by the controller they select; without a selector they select every one. */
function foreignHosts(cluster: FleetCluster): ForeignHosts {
  const listing = cluster.believed?.IstioGateway;
  const byController = new Map<string, Map<string, string>>();
  for (const gateway of listing?.read === "complete" ? listing.objects : []) {
    if (isOurs(gateway.meta)) continue;
    const controller = gateway.spec.selector?.["istio"] ?? everyController;
    const hosts = byController.get(controller) ?? new Map<string, string>();
    for (const host of istioHosts(gateway)) hosts.set(host, objectKey(gateway.meta));
    byController.set(controller, hosts);
  }
  return {
    size: byController.size,
    holderOf: (controller, host) =>
      byController.get(controller)?.get(host) ?? byController.get(everyController)?.get(host),
  };
}

const everyController = "*";

/** True where no host comes or goes. Compared in the order in which we write them: any other takes the long way to the same end. */
export function isSettled(present: readonly string[], wanted: readonly string[]): boolean {
  return (
    present.length > 0 && present.length === wanted.length && present.every((host, index) => host === wanted[index])
  );
}
