/** What breaks: networks, lists, control planes, admission, whole clusters. Each act also ends what it began before. */
import type { Kind } from "../../../shared/model/kinds.ts";
import { furnish, makeNamespaces, populate } from "../world/make-fleet.ts";
import type { Act, Repertoire } from "./actor.ts";

const toggleNetwork: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  cluster.reachable = !cluster.reachable;
  return `${cluster.name} is ${cluster.reachable ? "reachable again" : "not reachable"}`;
};

const reconnect: Act = ({ world }) => {
  const away = world.clusters.filter(({ reachable, controlPlane }) => !reachable || !controlPlane);
  for (const cluster of away) {
    cluster.reachable = true;
    cluster.controlPlane = true;
  }
  return away.length === 0 ? undefined : `${away.map(({ name }) => name).join(", ")}: back`;
};

const toggleControlPlane: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  cluster.controlPlane = !cluster.controlPlane;
  return `${cluster.name}: control plane ${cluster.controlPlane ? "up" : "down"}`;
};

const toggleKind: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  if (cluster.unreadable.size > 0) {
    cluster.unreadable.clear();
    return `${cluster.name}: every kind can be read`;
  }
  const kinds: readonly [Kind, ...Kind[]] = [
    "ServiceRoute",
    "DNSEndpoint",
    "Gateway",
    "Service",
    "DNSPolicy",
    "IstioGateway",
    "ClusterIdentity",
    "Namespace",
    "OperatorLease",
  ];
  const kind = random.oneOf(...kinds);
  cluster.unreadable.add(kind);
  return `${cluster.name}: ${kind} cannot be read`;
};

/** Refuses some of what the product writes, by object name, as an admission policy would. */
const toggleAdmission: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  if (cluster.refuses !== undefined) {
    world.refuse(cluster, undefined);
    return `${cluster.name}: admission accepts everything`;
  }
  const part = random.oneOf("api", "web", "cart", "weu", "neu", "public");
  world.refuse(cluster, part);
  return `${cluster.name}: admission refuses objects with ${part} in their metadata`;
};

const toggleIstio: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  const { server } = cluster;
  server.istioVersion = server.istioVersion === undefined ? random.oneOf("v1", "v1beta1") : undefined;
  if (server.istioVersion === undefined) server.notServed.add("IstioGateway");
  else server.notServed.delete("IstioGateway");
  return `${cluster.name}: Istio Gateways ${server.istioVersion ?? "are not served"}`;
};

const takeBackup: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster?.controlPlane !== true) return undefined;
  cluster.backup = cluster.server.clone(world.nowMs);
  return `${cluster.name}: backup taken`;
};

/** A new cluster under the old name, empty or furnished by the platform; its teams come later. */
const rebuild: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  cluster.backup ??= cluster.server.clone(world.nowMs);
  cluster.server.rebuild();
  if (random.chance(0.7)) furnish(cluster, random);
  else makeNamespaces(cluster, random);
  return `${cluster.name}: rebuilt`;
};

const comeBack: Act = ({ world, random }) => {
  const empty = world.clusters.filter(({ server }) => server.stored("Gateway").length === 0);
  const cluster = random.pick(empty);
  if (cluster === undefined) return undefined;
  if (cluster.backup !== undefined && random.chance(0.6)) {
    cluster.server.restore(cluster.backup);
    return `${cluster.name}: restored from its backup`;
  }
  furnish(cluster, random);
  populate(cluster, random);
  return `${cluster.name}: its teams deployed again`;
};

const restore: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters.filter(({ backup }) => backup !== undefined));
  if (cluster?.backup === undefined) return undefined;
  cluster.server.restore(cluster.backup);
  return `${cluster.name}: restored from an old backup`;
};

const toggleOperator: Act = ({ world, random }) => {
  const cluster = random.pick(world.clusters);
  if (cluster === undefined) return undefined;
  cluster.operator = !cluster.operator;
  return `${cluster.name}: the operator ${cluster.operator ? "runs" : "is stopped"}`;
};

export const infrastructureActs: Repertoire = [
  [4, toggleNetwork],
  [8, reconnect],
  [2, toggleControlPlane],
  [5, toggleKind],
  [3, toggleAdmission],
  [1, toggleIstio],
  [3, takeBackup],
  [1.5, rebuild],
  [3, comeBack],
  [1, restore],
  [1, toggleOperator],
];
