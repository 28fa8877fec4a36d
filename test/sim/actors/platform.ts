/** The platform: identities, DNSConfigurations, ingress Services, namespaces, and what fleet.yaml says about a cluster. */
import type { Json } from "../../../shared/model/json.ts";
import type { WriteMode } from "../../../shared/model/fleet-configuration.ts";
import { copyOf, fieldsOf } from "../world/field-ownership.ts";
import * as bodies from "../world/bodies.ts";
import { allRegions, controllers, gatewayNamespace, giveAddress, teams } from "../world/make-fleet.ts";
import { anyCluster, anyObject, type Act, type Repertoire, type Scene } from "./actor.ts";

const writer = { manager: "platform" } as const;

const moveAddress: Act = (scene) => {
  const picked = anyObject(scene, "Service");
  if (picked === undefined) return undefined;
  const { cluster, key } = picked;
  if (scene.random.chance(0.35)) {
    cluster.server.setStatus("Service", key, bodies.serviceStatus([]), "cloud");
    return `${cluster.name}: Service ${key} lost its address`;
  }
  giveAddress(cluster.server, key.slice(gatewayNamespace.length + 1), scene.random);
  return `${cluster.name}: Service ${key} got an address`;
};

const swapService: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const controller = scene.random.oneOf(...controllers);
  const key = `${gatewayNamespace}/${controller}`;
  if (cluster.server.delete("Service", key, { writer })) return `${cluster.name}: Service ${key} deleted`;
  cluster.server.put("Service", bodies.ingressService(gatewayNamespace, controller), writer.manager);
  giveAddress(cluster.server, controller, scene.random);
  return `${cluster.name}: Service ${key} made`;
};

/** adoptsRegions: of a region without clusters, of one with clusters, of the own one, of none. */
const adopt: Act = (scene) => {
  const adoptsRegions = scene.random.some(allRegions, 0.35);
  return editIdentity(scene, { adoptsRegions });
};

const editIdentity = (scene: Scene, fields: Readonly<Record<string, Json>>): string | undefined => {
  const picked = anyObject(scene, "ClusterIdentity");
  if (picked === undefined) return undefined;
  picked.cluster.server.edit("ClusterIdentity", picked.key, writer.manager, (copy) => {
    copy["spec"] = { ...copyOf(fieldsOf(copy["spec"])), ...fields };
  });
  return `${picked.cluster.name}: identity ${picked.key} changed: ${JSON.stringify(fields)}`;
};

const renameCluster: Act = (scene) => {
  const { random } = scene;
  const changes = [
    { environmentLetter: random.oneOf("p", "t") },
    { cluster: random.oneOf("aks01", "aks02", "aks03") },
    { domain: "not a domain" },
    { domain: bodies.domain, environmentLetter: "p" },
  ] as const;
  return editIdentity(scene, random.oneOf(...changes));
};

/** Puts back what the cluster should say about itself. */
const restoreIdentity: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const { region, cluster: name } = cluster.home;
  const spec = { region, cluster: name, domain: bodies.domain, environmentLetter: "p" };
  cluster.server.put("ClusterIdentity", bodies.clusterIdentity("identity", spec), writer.manager);
  return `${cluster.name}: identity put right`;
};

const secondSingleton: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const { server, home } = cluster;
  if (scene.random.chance(0.5)) {
    if (server.delete("ClusterIdentity", "second", { writer })) return `${cluster.name}: second identity deleted`;
    const spec = { ...home, domain: bodies.domain, environmentLetter: "x" };
    server.put("ClusterIdentity", bodies.clusterIdentity("second", spec), writer.manager);
    return `${cluster.name}: second identity made`;
  }
  if (server.delete("DNSConfiguration", "second", { writer })) return `${cluster.name}: second configuration deleted`;
  server.put("DNSConfiguration", bodies.dnsConfiguration("second", [home.region]), writer.manager);
  return `${cluster.name}: second configuration made`;
};

const editConfiguration: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const { random } = scene;
  if (random.chance(0.1)) {
    cluster.server.delete("DNSConfiguration", "dns", { writer });
    return `${cluster.name}: DNSConfiguration deleted`;
  }
  const others = allRegions.filter((region) => region !== cluster.home.region);
  const regions = [cluster.home.region, ...random.some(others, 0.8)];
  cluster.server.put("DNSConfiguration", bodies.dnsConfiguration("dns", regions), writer.manager);
  return `${cluster.name}: DNSConfiguration for ${regions.join(", ")}`;
};

const labelNamespace: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const team = scene.random.oneOf(...teams);
  const exposed = scene.random.chance(0.7) ? "yes" : "no";
  cluster.server.put("Namespace", bodies.namespace(team, { exposed }), writer.manager);
  return `${cluster.name}: namespace ${team} exposed=${exposed}`;
};

/** fleet.yaml: what the product may do with a cluster. */
const changeWrites: Act = ({ world, random }) => {
  const picked = random.pick(world.configuration.clusters);
  if (picked === undefined) return undefined;
  const modes: readonly [WriteMode, ...WriteMode[]] = ["apply", "apply", "apply", "observe", "retiring"];
  const writes = random.oneOf(...modes);
  const clusters = world.configuration.clusters.map((cluster) =>
    cluster === picked ? { ...cluster, writes } : cluster,
  );
  world.configuration = { ...world.configuration, clusters };
  return `fleet.yaml: ${picked.name} writes: ${writes}`;
};

export const platformActs: Repertoire = [
  [8, moveAddress],
  [2, swapService],
  [4, adopt],
  [1.5, renameCluster],
  [3, restoreIdentity],
  [1.5, secondSingleton],
  [3, editConfiguration],
  [3, labelNamespace],
  [1.5, changeWrites],
];
