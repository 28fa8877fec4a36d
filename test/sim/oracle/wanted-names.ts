/**
 * The simulation's own reading of what routes ask for: names that routes of one cluster surely want published, by plain rules
 * written a second time, apart from the core. Whatever could be argued about (a postfix that two Gateways want, a host that
 * two routes want, an adopted region) is left out, so that a checker may rely on what is in.
 */
import type { DnsPolicy, Gateway, ServiceRoute } from "../../../shared/model/resources.ts";
import type { ObjectMeta } from "../../../shared/model/object-meta.ts";
import type { Kind, KindObjects } from "../../../shared/model/kinds.ts";
import { labelsOf, parsedOf, type ApiServer } from "../world/api-server.ts";
import type { World, WorldCluster } from "../world/world.ts";

export type WantedName = {
  readonly zone: string;
  readonly name: string;
  /** `CNAME target ttl` */
  readonly content: string;
  readonly cluster: string;
  /** Uid and key of the route. */
  readonly uid: string;
  readonly route: string;
  /** Our Gateway that the route stands on, and the host there. */
  readonly gateway: string;
};

const marker = "app.kubernetes.io/managed-by";
const markerValue = "service-router-operator";
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

export function isMarked(object: Parameters<typeof labelsOf>[0]): boolean {
  return labelsOf(object)[marker] === markerValue;
}

const cache = new WeakMap<ApiServer, { readonly key: string; readonly names: readonly WantedName[] }>();

export function wantedNames(world: World, cluster: WorldCluster): readonly WantedName[] {
  const configured = world.configuration.clusters.find(({ name }) => name === cluster.name);
  if (configured === undefined || configured.writes === "retiring") return [];
  const pin = configured.identity;
  const key = `${cluster.server.revision} ${JSON.stringify(pin)} ${configured.gatewayNamespace}`;
  const known = cache.get(cluster.server);
  if (known?.key === key) return known.names;
  const names = judge(cluster, pin, configured.gatewayNamespace);
  cache.set(cluster.server, { key, names });
  return names;
}

type Pin = { readonly region: string; readonly cluster: string } | undefined;

function judge(cluster: WorldCluster, pin: Pin, gatewayNamespace: string): readonly WantedName[] {
  const { server } = cluster;
  const identity = byAge(living(server, "ClusterIdentity")).find(
    ({ spec }) => pin === undefined || (spec.region === pin.region && spec.cluster === pin.cluster),
  );
  const [configuration] = byAge(living(server, "DNSConfiguration"));
  if (identity === undefined || configuration === undefined) return [];
  const { region, cluster: own, domain, environmentLetter } = identity.spec;
  const gateways = usableGateways(server, `${own}-${region}`, domain);
  const policies = honouredPolicies(server);
  const zonesOf = (policy: DnsPolicy): readonly string[] => {
    const { mode, sourceRegion = region, sourceCluster = own } = policy.spec;
    if (sourceRegion !== region || sourceCluster !== own) return [];
    if (mode === "RegionBound" && policy.spec.sourceRegion === undefined) return [];
    const all = configuration.spec.externalDNSControllers.map((controller) => controller.region);
    return [...new Set(mode === "RegionBound" ? all : all.filter((one) => one === region))];
  };
  const wanted: WantedName[] = [];
  const claimants = new Map<string, number>();
  for (const route of living(server, "ServiceRoute")) {
    const { spec, meta } = route;
    const claimed = hostOf(spec, environmentLetter, domain) ?? "";
    claimants.set(claimed, (claimants.get(claimed) ?? 0) + 1);
    const gatewayKey = `${spec.gatewayNamespace ?? gatewayNamespace}/${spec.gatewayName}`;
    const gateway = gateways.get(gatewayKey);
    const policy = policies.get(meta.namespace ?? "");
    if (meta.deleting || gateway === undefined || policy === undefined) continue;
    const host = hostOf(spec, environmentLetter, domain);
    if (host === undefined || !isAllowed(server, gateway.gateway, meta)) continue;
    for (const zone of zonesOf(policy)) {
      wanted.push({
        zone,
        name: host,
        content: `CNAME ${gateway.host} ${spec.ttlSeconds ?? 300}`,
        cluster: cluster.name,
        uid: meta.uid,
        route: keyOf(meta),
        gateway: gatewayKey,
      });
    }
  }
  // The oldest route has a host, even one that publishes nothing now.
  return withoutDoubt(
    server,
    wanted.filter(({ name }) => claimants.get(name) === 1),
  );
}

function hostOf(spec: ServiceRoute["spec"], letter: string, domain: string): string | undefined {
  const { serviceName, environment, application } = spec;
  if ([serviceName, environment, application].includes("")) return undefined;
  const host = `${serviceName}-ns-${letter}-${environment}-${application}.${domain}`;
  return host.split(".").every((part) => part.length <= 63 && label.test(part)) ? host : undefined;
}

function usableGateways(server: ApiServer, prefix: string, domain: string) {
  const all = living(server, "Gateway").filter(({ spec }) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(spec.targetPostfix));
  // A Gateway that does not parse keeps the postfix that it had: which one that was, only its records say.
  const unread = server.list("Gateway").rejected.length > 0 ? recordedPostfixes(server) : [];
  const contested = (gateway: Gateway): boolean =>
    all.some((other) => other !== gateway && other.spec.targetPostfix === gateway.spec.targetPostfix) ||
    unread.some(
      ({ controller, postfix }) => postfix === gateway.spec.targetPostfix && controller !== gateway.spec.controller,
    );
  return new Map(
    all
      .filter((gateway) => !contested(gateway) && !gateway.meta.deleting)
      .map((gateway) => [keyOf(gateway.meta), { gateway, host: `${prefix}-${gateway.spec.targetPostfix}.${domain}` }]),
  );
}

function recordedPostfixes(server: ApiServer): readonly { readonly controller: string; readonly postfix: string }[] {
  return server.stored("DNSEndpoint").flatMap((endpoint) => {
    const { "router.io/target-postfix": postfix, "router.io/istio-controller": controller } = labelsOf(endpoint);
    return postfix === undefined || controller === undefined ? [] : [{ controller, postfix }];
  });
}

/** The oldest of each namespace, where that one parses. */
function honouredPolicies(server: ApiServer): ReadonlyMap<string, DnsPolicy> {
  const { objects, rejected } = server.list("DNSPolicy");
  const first = new Map<string, DnsPolicy | undefined>();
  for (const candidate of byAge([...objects, ...rejected])) {
    const namespace = candidate.meta.namespace ?? "";
    if (!first.has(namespace)) first.set(namespace, "issues" in candidate ? undefined : candidate);
  }
  return new Map(
    [...first].flatMap(([namespace, policy]) => (policy === undefined ? [] : [[namespace, policy] as const])),
  );
}

function isAllowed(server: ApiServer, gateway: Gateway, route: ObjectMeta): boolean {
  const allowed = gateway.spec.allowedNamespaces ?? { from: "All" };
  if (allowed.from === "All") return true;
  if (allowed.from === "Same") return route.namespace === gateway.meta.namespace;
  const namespace = server.get("Namespace", route.namespace ?? "");
  const labels = namespace === undefined ? {} : labelsOf(namespace);
  return Object.entries(allowed.matchLabels).every(([name, value]) => labels[name] === value);
}

/** Without hosts that somebody's Istio Gateway has, and without object names that are taken. */
function withoutDoubt(server: ApiServer, wanted: readonly WantedName[]): readonly WantedName[] {
  const foreignHosts = new Set(
    server
      .stored("IstioGateway")
      .filter((gateway) => !isMarked(gateway))
      .map((gateway) => JSON.stringify(gateway["spec"])),
  );
  const taken = server
    .stored("DNSEndpoint")
    .filter((endpoint) => !isMarked(endpoint) || !parsedOf("DNSEndpoint", endpoint).ok)
    .map((endpoint) => keyOf(metaOf(endpoint)));
  return wanted.filter(
    ({ name, route }) =>
      ![...foreignHosts].some((spec) => spec.includes(name)) && !taken.some((key) => key.startsWith(`${route}-`)),
  );
}

function metaOf(object: Parameters<typeof labelsOf>[0]): { readonly namespace: string; readonly name: string } {
  const metadata = object["metadata"] as { readonly namespace: string; readonly name: string };
  return { namespace: metadata.namespace, name: metadata.name };
}

function living<K extends Kind>(server: ApiServer, kind: K): readonly KindObjects[K][] {
  return server.list(kind).objects;
}

function byAge<T extends { readonly meta: ObjectMeta }>(objects: readonly T[]): readonly T[] {
  return [...objects].sort(
    (left, right) => left.meta.createdAtMs - right.meta.createdAtMs || (keyOf(left.meta) < keyOf(right.meta) ? -1 : 1),
  );
}

function keyOf(meta: { readonly namespace?: string; readonly name: string }): string {
  return meta.namespace === undefined ? meta.name : `${meta.namespace}/${meta.name}`;
}
