/** A fleet to begin with, from a seed: two to four clusters in two or three regions, with the usual mess in it. */
import type { BudgetConfiguration, FleetConfiguration } from "../../../shared/model/fleet-configuration.ts";
import type { Random } from "../random.ts";
import { ApiServer } from "./api-server.ts";
import * as bodies from "./bodies.ts";
import { ExternalDns } from "./external-dns.ts";
import { World, type WorldCluster } from "./world.ts";
import { Zone } from "./zone.ts";

export const allRegions = ["weu", "neu", "frc"] as const;
export const gatewayNamespace = "istio-system";
export const teams = ["team-a", "team-b", "team-c"] as const;
export const controllers = ["ingress", "internal"] as const;
export const postfixes = ["public", "private", "internal"] as const;
export const gatewayNames = ["public", "private", "spare"] as const;
const services = ["api", "web", "cart", "auth", "pay", "mail", "feed", "jobs", "docs", "push"] as const;

const homes = [
  { name: "w1", region: "weu", cluster: "aks01" },
  { name: "w2", region: "weu", cluster: "aks02" },
  { name: "n1", region: "neu", cluster: "aks01" },
  { name: "f1", region: "frc", cluster: "aks01" },
] as const;

export function makeWorld(random: Random, nowMs: () => number): World {
  const wanted = random.int(2, 4);
  const chosen =
    wanted === 4 ? homes : homes.filter((_, index) => index < wanted || (wanted === 2 && index === 2)).slice(-wanted);
  const configuration = makeConfiguration(
    random,
    chosen.map(({ name }) => name),
    random.fork("zones"),
  );
  const clusters = chosen.map(({ name, region, cluster }): WorldCluster => {
    const server = new ApiServer(name, nowMs);
    const made: WorldCluster = {
      name,
      home: { region, cluster },
      server,
      reachable: true,
      controlPlane: true,
      unreadable: new Set(),
      operator: false,
      flakiness: random.chance(0.5) ? 0 : random.next() * 0.03,
    };
    furnish(made, random.fork(`furnish ${name}`));
    populate(made, random.fork(`populate ${name}`));
    return made;
  });
  const regions = configuration.regions;
  return new World({
    nowMs,
    configuration,
    clusters,
    zones: [
      ...regions.map(({ name, externalDns }) => new Zone(name, externalDns)),
      // Of several zones of a region every one must be read; the product knows nothing of the region before.
      ...regions.flatMap(({ name, zones, externalDns }) =>
        zones.slice(1).map(({ zone: dnsName }) => new Zone(name, externalDns, { dnsName })),
      ),
    ],
    externalDns: clusters.flatMap(({ name }) =>
      regions.map(({ name: region, externalDns }) => new ExternalDns(name, region, externalDns.ownerId)),
    ),
  });
}

export const defaultBudgets: BudgetConfiguration = { share: 0.3, fromNames: 10, names: 200 };

/** @param zoned draws what is configured of zones: nothing in some fleets, not every region in some. */
function makeConfiguration(random: Random, names: readonly string[], zoned: Random): FleetConfiguration {
  const withZones = zoned.chance(0.9);
  const order = random.chance(0.5) ? names : [...names].toReversed();
  return {
    clusters: order.map((name) => {
      const home = homes.find((candidate) => candidate.name === name);
      const pinned = random.chance(0.3) && home !== undefined;
      return {
        name,
        ...(pinned ? { identity: { region: home.region, cluster: home.cluster } } : {}),
        source: { kind: "kubeconfig", context: name },
        writes: random.chance(0.08) ? "observe" : "apply",
        gatewayNamespace,
        operatorStopped: random.chance(0.5),
      };
    }),
    discovery: [],
    regions: allRegions.map((name) => ({
      name,
      zones: (withZones && zoned.chance(0.85) ? [bodies.domain, ...zoned.some(["internal.example"], 0.1)] : []).map(
        (zone) => ({ kind: "azure", subscription: "s", resourceGroup: `rg-${name}`, zone }),
      ),
      zoneWrites: "observe",
      externalDns: {
        ownerId: `external-dns-${name}`,
        txtPrefix: zoned.oneOf("_xdns-%{record_type}.", "_xdns-%{record_type}.", "xdns-", ""),
        intervalSeconds: random.oneOf(30, 60),
      },
    })),
    readSeconds: 25,
    families: { serviceRouting: true },
    takeover: { operatorDeployment: "service-router-operator", operatorNamespace: "router-system" },
    budgets: random.chance(0.3) ? { ...defaultBudgets, names: random.int(2, 6) } : defaultBudgets,
    vantage: "sim",
    store: { kind: "file", directory: ".service-router" },
  };
}

/** Without these nobody can put anything into a cluster. */
export function makeNamespaces({ server }: WorldCluster, random: Random): void {
  for (const name of [gatewayNamespace, "router-system"]) server.put("Namespace", bodies.namespace(name), "platform");
  for (const name of teams) {
    server.put("Namespace", bodies.namespace(name, { exposed: random.chance(0.7) ? "yes" : "no" }), "platform");
  }
}

/** What the platform puts into a cluster: namespaces, identity, configuration, ingress controllers. */
export function furnish(worldCluster: WorldCluster, random: Random): void {
  const { server, home } = worldCluster;
  makeNamespaces(worldCluster, random);
  const { region, cluster } = home;
  const adopts = random.chance(0.25)
    ? { adoptsRegions: [random.oneOf(...allRegions)].filter((one) => one !== region) }
    : {};
  const identity = { region, cluster, domain: bodies.domain, environmentLetter: "p", ...adopts };
  server.put("ClusterIdentity", bodies.clusterIdentity("identity", identity), "platform");
  const others = allRegions.filter((one) => one !== region);
  server.put("DNSConfiguration", bodies.dnsConfiguration("dns", [region, ...others]), "platform");
  for (const [index, controller] of controllers.entries()) {
    if (index > 0 && random.chance(0.4)) continue;
    server.put("Service", bodies.ingressService(gatewayNamespace, controller), "platform");
    if (random.chance(0.85)) giveAddress(server, controller, random);
  }
}

export function giveAddress(server: ApiServer, controller: string, random: Random): void {
  const ipv4 = `10.${server.name.length}.${random.int(0, 3)}.${random.int(1, 250)}`;
  const addresses = random.chance(0.2) ? [ipv4, `fd00::${random.int(1, 99)}`] : [ipv4];
  server.setStatus("Service", `${gatewayNamespace}/${controller}`, bodies.serviceStatus(addresses), "cloud");
}

/** What teams put into a cluster. */
export function populate({ server, home }: WorldCluster, random: Random): void {
  for (const name of gatewayNames.slice(0, random.int(1, 3))) {
    server.put("Gateway", bodies.gateway(gatewayNamespace, name, gatewaySpec(name, random)), "gitops");
  }
  for (const team of teams) {
    if (random.chance(0.92))
      server.put("DNSPolicy", bodies.dnsPolicy(team, "policy", policySpec(home, random)), "kubectl");
  }
  const count = random.chance(0.3) ? random.int(10, 18) : random.int(2, 8);
  for (let number = 0; number < count; number += 1) {
    const team = random.oneOf(...teams);
    const spec = routeSpec(random);
    server.put("ServiceRoute", bodies.serviceRoute(team, `${spec["serviceName"]}-${number}`, spec), "kubectl");
  }
}

export function gatewaySpec(name: string, random: Random) {
  const controller = name === "public" ? controllers[0] : random.oneOf(...controllers);
  const rules = [{ from: "All" }, { from: "Same" }, { from: "Selector", matchLabels: { exposed: "yes" } }] as const;
  return {
    controller,
    targetPostfix: name === "spare" ? random.oneOf(...postfixes) : name,
    ...(random.chance(0.2) ? { httpsRedirect: true } : {}),
    ...(random.chance(0.2) ? { allowedNamespaces: random.oneOf(...rules) } : {}),
  };
}

export function policySpec(home: WorldCluster["home"], random: Random) {
  const kind = random.next();
  if (kind < 0.65) return {};
  if (kind < 0.8)
    return { mode: "RegionBound", sourceRegion: random.chance(0.7) ? home.region : random.oneOf(...allRegions) };
  if (kind < 0.9) return { mode: "Active", sourceRegion: random.oneOf(...allRegions) };
  return { mode: "Active", sourceRegion: home.region, sourceCluster: random.oneOf("aks01", "aks02") };
}

export function routeSpec(random: Random) {
  return {
    serviceName: random.oneOf(...services),
    gatewayName: random.oneOf(...gatewayNames),
    environment: random.chance(0.8) ? "prod" : "test",
    application: "shop",
    ...(random.chance(0.1) ? { ttlSeconds: random.oneOf(60, 120, 600) } : {}),
  };
}
