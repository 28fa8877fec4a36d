/** The sample fleet holds what its README says, reads without a fault, and is broken only where that is meant. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds, storedKinds } from "../../../shared/contracts/kinds.ts";
import { hostFault, serviceHosts } from "../../../shared/core/naming/hosts.ts";
import type { Kind, KindObjects } from "../../../shared/model/kinds.ts";
import type { ClusterIdentity, ServiceRoute } from "../../../shared/model/resources.ts";
import type { ClusterPort, ReadList } from "../../../shared/ports.ts";
import { copySampleFleet } from "./sample-fleet.ts";
import type { SampleFleet } from "./sample-fleet.ts";

const NAMES = ["w1", "w2", "n1", "n2", "w3"] as const;
const never = new AbortController().signal;

let sample: SampleFleet;
const ports = new Map<string, ClusterPort>();

beforeAll(async () => {
  sample = await copySampleFleet();
  for (const cluster of sample.configuration.clusters) {
    ports.set(cluster.name, sample.open(cluster));
  }
});

afterAll(() => sample.remove());

async function list<K extends Kind>(cluster: string, kind: K): Promise<ReadList<KindObjects[K]>> {
  const port = ports.get(cluster);
  if (port === undefined) {
    throw new Error(`fleet.yaml has no cluster ${cluster}`);
  }
  return port.list(kind, never);
}

async function identityOf(cluster: string): Promise<ClusterIdentity> {
  const [identity, ...others] = (await list(cluster, "ClusterIdentity")).objects;
  if (identity === undefined || others.length > 0) {
    throw new Error(`${cluster} needs exactly one ClusterIdentity`);
  }
  return identity;
}

type PlacedRoute = {
  readonly cluster: string;
  readonly region: string;
  readonly route: string;
  readonly host: string;
  readonly spec: ServiceRoute["spec"];
};

async function routesOfFleet(): Promise<readonly PlacedRoute[]> {
  const perCluster = await Promise.all(
    NAMES.map(async (cluster) => {
      const identity = (await identityOf(cluster)).spec;
      const { objects } = await list(cluster, "ServiceRoute");
      return objects.map(({ meta, spec }) => {
        const route = `${meta.namespace}/${meta.name}`;
        return { cluster, region: identity.region, route, host: serviceHosts(identity)(spec), spec };
      });
    }),
  );
  return perCluster.flat();
}

/** Routes that share `key` with another one, as `cluster route`. */
function sharing(routes: readonly PlacedRoute[], key: (route: PlacedRoute) => string): readonly string[] {
  const keys = routes.map((route) => key(route));
  return routes
    .filter((route) => keys.filter((other) => other === key(route)).length > 1)
    .map(({ cluster, route }) => `${cluster} ${route}`);
}

describe("fleet.yaml of the sample", () => {
  it("configures five clusters to be written, three of them pinned, with the default store", () => {
    expect(sample.configuration.clusters.map(({ name }) => name)).toEqual(NAMES);
    expect(sample.configuration.clusters.every(({ writes }) => writes === "apply")).toBe(true);
    expect(sample.configuration.clusters.filter(({ identity }) => identity !== undefined).length).toBe(3);
    expect(sample.configuration.store).toEqual({ kind: "file", directory: ".service-router" });
  });

  it("agrees with the identities in the clusters", async () => {
    for (const { name, identity } of sample.configuration.clusters) {
      const { region, cluster } = (await identityOf(name)).spec;
      expect(identity ?? { region, cluster }).toEqual({ region, cluster });
    }
  });

  it("has one region without clusters, and n1 adopts it", async () => {
    const identities = await Promise.all(NAMES.map((name) => identityOf(name)));
    const served = new Set(identities.map(({ spec }) => spec.region));
    expect(sample.configuration.regions.map(({ name }) => name).filter((name) => !served.has(name))).toEqual(["frc"]);
    expect(identities.map(({ spec }) => spec.adoptsRegions)).toEqual([[], [], ["frc"], [], []]);
  });
});

describe("clusters of the sample", () => {
  it.each([
    [
      "w1",
      { ServiceRoute: 13, DNSPolicy: 4, Gateway: 2, Service: 2, Namespace: 7, VirtualService: 6, EndpointSlice: 6 },
    ],
    [
      "w2",
      { ServiceRoute: 10, DNSPolicy: 3, Gateway: 2, Service: 2, Namespace: 5, VirtualService: 3, EndpointSlice: 3 },
    ],
    [
      "w3",
      { ServiceRoute: 4, DNSPolicy: 1, Gateway: 1, Service: 1, Namespace: 3, VirtualService: 1, EndpointSlice: 1 },
    ],
    [
      "n1",
      { ServiceRoute: 6, DNSPolicy: 2, Gateway: 2, Service: 2, Namespace: 4, VirtualService: 3, EndpointSlice: 3 },
    ],
    [
      "n2",
      { ServiceRoute: 7, DNSPolicy: 3, Gateway: 2, Service: 2, Namespace: 5, VirtualService: 3, EndpointSlice: 3 },
    ],
  ] as const)("%s reads to the last file, with the objects that are meant", async (cluster, counts) => {
    const found = await Promise.all(
      storedKinds.map(async (kind) => [kind, (await list(cluster, kind)).objects.length] as const),
    );
    expect(Object.fromEntries(found.filter(([, count]) => count > 0))).toEqual({
      ...counts,
      ClusterIdentity: 1,
      DNSConfiguration: 1,
      OperatorDeployment: 3,
    });
  });

  it("hold one object that does not parse", async () => {
    const rejected: string[] = [];
    for (const cluster of NAMES) {
      for (const kind of kinds) {
        const objects = (await list(cluster, kind)).rejected;
        rejected.push(
          ...objects.map(({ meta, issues }) => `${cluster} ${meta.namespace}/${meta.name} ${issues.join()}`),
        );
      }
    }
    expect(rejected).toEqual([expect.stringMatching(/^n2 partners\/feeds spec\.ttlSeconds: /)]);
  });

  it("hold three routes whose host no zone can have", async () => {
    const faulty = (await routesOfFleet()).filter(({ host }) => hostFault(host) !== undefined);
    expect(faulty.map(({ cluster, route }) => `${cluster} ${route}`)).toEqual([
      "w1 marketing/newsletter",
      "n2 partners/batch",
      "w3 analytics/preferences",
    ]);
  });

  it("hold two routes of one cluster with one host, of which the older is known", async () => {
    const routes = await routesOfFleet();
    expect(sharing(routes, ({ cluster, host }) => `${cluster} ${host}`)).toEqual([
      "w1 marketing/web",
      "w1 storefront/web",
    ]);
    const { objects } = await list("w1", "ServiceRoute");
    const ages = objects
      .filter(({ meta }) => meta.name === "web")
      .map(({ meta }) => [meta.namespace, meta.createdAtMs > 0]);
    expect(ages).toEqual([
      ["marketing", true],
      ["storefront", true],
    ]);
  });

  it("hold two hosts that two clusters of one region want", async () => {
    const routes = (await routesOfFleet()).filter(({ cluster, route }) => cluster !== "w1" || !route.endsWith("/web"));
    // The reporting routes of w1 and n2 are in different regions.
    expect(sharing(routes, ({ region, host }) => `${region} ${host}`)).toEqual([
      "w1 storefront/cart",
      "w1 storefront/search",
      "w2 storefront/cart",
      "w2 storefront/search",
    ]);
  });

  it("hold one route to a Gateway that is not there", async () => {
    const missing: string[] = [];
    for (const { cluster, route, spec } of await routesOfFleet()) {
      const gateways = (await list(cluster, "Gateway")).objects.map(({ meta }) => meta.name);
      missing.push(...(gateways.includes(spec.gatewayName) ? [] : [`${cluster} ${route}`]));
    }
    expect(missing).toEqual(["w2 logistics/returns"]);
  });

  it("hold one route in a namespace that its Gateway refuses", async () => {
    const refused: string[] = [];
    for (const { cluster, route, spec } of await routesOfFleet()) {
      const gateway = (await list(cluster, "Gateway")).objects.find(({ meta }) => meta.name === spec.gatewayName);
      const namespace = (await list(cluster, "Namespace")).objects.find(({ meta }) =>
        route.startsWith(`${meta.name}/`),
      );
      const allowed = gateway?.spec.allowedNamespaces;
      const labels = allowed?.from === "Selector" ? Object.entries(allowed.matchLabels) : [];
      refused.push(
        ...(labels.every(([label, value]) => namespace?.meta.labels[label] === value) ? [] : [`${cluster} ${route}`]),
      );
    }
    expect(refused).toEqual(["w2 logistics/tracking-public"]);
  });

  it("hold one namespace without a policy, and policies of both modes", async () => {
    const without = new Set<string>();
    const modes = new Set<string>();
    for (const { cluster, route } of await routesOfFleet()) {
      const policies = (await list(cluster, "DNSPolicy")).objects;
      policies.forEach(({ spec }) => modes.add(spec.mode));
      if (!policies.some(({ meta }) => route.startsWith(`${meta.namespace}/`))) {
        without.add(`${cluster} ${route}`);
      }
    }
    expect([...without]).toEqual(["w1 sandbox/playground"]);
    expect([...modes].sort()).toEqual(["Active", "RegionBound"]);
  });

  it("hold one load balancer without an address and one with two families, each behind a Gateway", async () => {
    const addresses: string[] = [];
    for (const cluster of NAMES) {
      const services = (await list(cluster, "Service")).objects;
      const controllers = (await list(cluster, "Gateway")).objects.map(({ spec }) => spec.controller);
      expect(services.map(({ meta }) => meta.labels.istio ?? "").sort()).toEqual([...controllers].sort());
      addresses.push(...services.map((service) => `${cluster} ${service.meta.name} ${service.addresses.length}`));
    }
    expect(addresses.filter((line) => !line.endsWith(" 1"))).toEqual([
      "n1 aks-istio-ingressgateway-external 2",
      "n2 aks-istio-ingressgateway-partners 0",
    ]);
  });

  it("configure an ExternalDNS for every region, their own first", async () => {
    for (const cluster of NAMES) {
      const [dns] = (await list(cluster, "DNSConfiguration")).objects;
      const regions = dns?.spec.externalDNSControllers.map(({ region }) => region) ?? [];
      expect(regions[0]).toBe((await identityOf(cluster)).spec.region);
      expect([...regions].sort()).toEqual(["frc", "neu", "weu"]);
    }
  });
});
