/** What a world publishes, told from its objects alone: nothing here asks the core, so that rules can be held against it. */
import type { DnsEndpoint, IstioGateway } from "../../../shared/model/cluster-objects.ts";
import { objectsOf, type World, type WorldCluster } from "./fleet.ts";

const marker = "app.kubernetes.io/managed-by";

/** One record of one DNSEndpoint. `content` is type, targets and TTL; `destination` the same without the TTL. */
export type Publication = {
  readonly cluster: string;
  readonly zone: string;
  readonly name: string;
  readonly content: string;
  readonly destination: string;
  readonly type: string;
  readonly owner: string | undefined;
  readonly ours: boolean;
};

export function publications(world: World): readonly Publication[] {
  return world.clusters.flatMap(({ name }) =>
    objectsOf(world, name, "DNSEndpoint").flatMap((endpoint) => of(name, endpoint)),
  );
}

function of(cluster: string, { meta, spec }: DnsEndpoint): readonly Publication[] {
  const zone = meta.labels["router.io/region"];
  if (zone === undefined) return [];
  return spec.endpoints.map(({ dnsName, recordType, targets, recordTTL }) => {
    const destination = `${recordType} ${[...targets].sort().join(",")}`;
    return {
      cluster,
      zone,
      name: dnsName,
      content: `${destination} ${recordTTL ?? "-"}`,
      destination,
      type: recordType,
      owner: meta.owners[0]?.uid,
      ours: meta.labels[marker] !== undefined,
    };
  });
}

/** `zone name type`, with more than one content published for it by clusters that are written to. */
export function doubledNames(world: World): ReadonlySet<string> {
  const written = new Set(
    world.clusters.filter(({ configured }) => configured.writes !== "observe").map(({ name }) => name),
  );
  const contents = new Map<string, Set<string>>();
  for (const { cluster, zone, name, type, content, ours } of publications(world)) {
    if (!ours || !written.has(cluster)) continue;
    const id = `${zone} ${name} ${type}`;
    contents.set(id, (contents.get(id) ?? new Set()).add(content));
  }
  return new Set([...contents].filter(([, found]) => found.size > 1).map(([id]) => id));
}

/** `cluster controller host` of hosts that stand on more than one Istio Gateway of ours. */
export function doubledHosts(world: World): ReadonlySet<string> {
  const places = new Map<string, Set<string>>();
  for (const { name } of world.clusters) {
    for (const gateway of objectsOf(world, name, "IstioGateway")) {
      if (gateway.meta.labels[marker] === undefined) continue;
      for (const host of hostsOf(gateway)) {
        const id = `${name} ${gateway.spec.selector?.["istio"] ?? ""} ${host}`;
        places.set(id, (places.get(id) ?? new Set()).add(`${gateway.meta.namespace}/${gateway.meta.name}`));
      }
    }
  }
  return new Set([...places].filter(([, found]) => found.size > 1).map(([id]) => id));
}

function hostsOf({ spec }: IstioGateway): readonly string[] {
  return (spec.servers ?? []).flatMap((server) => server.hosts ?? []).map((host) => host.toLowerCase());
}

/** Everything we generate, by cluster, kind and key: what two worlds are compared by. */
export function generated(world: World): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name } of world.clusters) {
    for (const kind of ["DNSEndpoint", "IstioGateway"] as const) {
      for (const { meta, spec } of objectsOf(world, name, kind))
        found[`${name} ${kind} ${meta.namespace}/${meta.name}`] = { labels: meta.labels, spec };
    }
  }
  return found;
}

/** Uids of everything in a cluster, parsable or not. */
export function uidsOf(one: WorldCluster): ReadonlySet<string> {
  return new Set([
    ...[...one.objects.values()].map(({ object }) => object.meta.uid),
    ...[...one.rejected.values()].map(({ rejected }) => rejected.meta.uid),
  ]);
}
