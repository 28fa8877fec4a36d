/** Application teams: routes, policies and gateways come, change and go, in every way that kubectl allows. */
import type { Json } from "../../../shared/model/json.ts";
import type { Propagation } from "../world/api-server.ts";
import { copyOf, fieldsOf, metadataOf } from "../world/field-ownership.ts";
import * as bodies from "../world/bodies.ts";
import {
  gatewayNames,
  gatewayNamespace,
  gatewaySpec,
  policySpec,
  postfixes,
  routeSpec,
  teams,
} from "../world/make-fleet.ts";
import { anyCluster, anyObject, type Act, type Repertoire, type Scene } from "./actor.ts";

const kubectl = { manager: "kubectl" } as const;

const createRoute: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const { random } = scene;
  const spec = routeSpec(random);
  const name = `${spec.serviceName}-${random.int(20, 40)}`;
  const team = random.oneOf(...teams);
  cluster.server.put("ServiceRoute", bodies.serviceRoute(team, name, spec), kubectl.manager);
  return `${cluster.name}: route ${team}/${name} applied`;
};

/** Changes one field of a route; some values are valid for the schema and not for a host. */
const editRoute: Act = (scene) => {
  const { random } = scene;
  const changes = [
    { gatewayName: random.oneOf(...gatewayNames) },
    { gatewayName: random.oneOf(...gatewayNames) },
    { serviceName: random.oneOf("api", "web", "cart", "auth") },
    { ttlSeconds: random.oneOf(60, 300, 900) },
    { environment: random.oneOf("prod", "test", "") },
    { serviceName: "Not_A_Label" },
    { application: "a".repeat(60) },
    { application: "shop", environment: "prod" },
  ] as const;
  return change(scene, "ServiceRoute", random.oneOf(...changes));
};

/** An object of an older schema: it exists and does not parse. */
const breakSchema: Act = (scene) => {
  const kind = scene.random.oneOf("ServiceRoute", "ServiceRoute", "DNSPolicy", "Gateway");
  const unfit = {
    ServiceRoute: { gatewayName: 7 },
    DNSPolicy: { mode: "Sometimes" },
    Gateway: { controller: "" },
  } as const;
  return change(scene, kind, unfit[kind]);
};

/** Puts a broken object right. */
const mend: Act = (scene) => {
  const { random } = scene;
  const route = {
    serviceName: "api",
    gatewayName: random.oneOf(...gatewayNames),
    environment: "prod",
    application: "shop",
  };
  return random.chance(0.7)
    ? change(scene, "ServiceRoute", route)
    : change(scene, "Gateway", { controller: "ingress", targetPostfix: random.oneOf(...postfixes) });
};

const removeRoute: Act = (scene) => remove(scene, "ServiceRoute");

const recreateRoute: Act = (scene) => {
  const picked = anyObject(scene, "ServiceRoute");
  if (picked === undefined) return undefined;
  const { cluster, object, key } = picked;
  cluster.server.delete("ServiceRoute", key, { writer: kubectl });
  const { name, namespace } = metadataOf(object);
  const body = bodies.serviceRoute(String(namespace), String(name), fieldsOf(object["spec"]));
  cluster.server.put("ServiceRoute", body, kubectl.manager);
  return `${cluster.name}: route ${key} deleted and made again`;
};

const writePolicy: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const { random } = scene;
  const name = random.chance(0.8) ? "policy" : "another";
  const team = random.oneOf(...teams);
  cluster.server.put("DNSPolicy", bodies.dnsPolicy(team, name, policySpec(cluster.home, random)), kubectl.manager);
  return `${cluster.name}: policy ${team}/${name} applied`;
};

const writeGateway: Act = (scene) => {
  const cluster = anyCluster(scene);
  if (cluster === undefined) return undefined;
  const name = scene.random.oneOf(...gatewayNames);
  const body = bodies.gateway(gatewayNamespace, name, gatewaySpec(name, scene.random));
  cluster.server.put("Gateway", body, "gitops");
  return `${cluster.name}: gateway ${name} applied`;
};

const editGateway: Act = (scene) => {
  const { random } = scene;
  const changes = [
    { targetPostfix: random.oneOf(...postfixes) },
    { targetPostfix: "Bad Postfix" },
    { controller: random.oneOf("ingress", "internal") },
    { minProtocolVersion: random.oneOf("TLSV1_2", "TLSV1_3") },
    { httpsRedirect: random.chance(0.5) },
  ] as const;
  return change(scene, "Gateway", random.oneOf(...changes));
};

function change(
  scene: Scene,
  kind: "ServiceRoute" | "DNSPolicy" | "Gateway",
  fields: Readonly<Record<string, Json>>,
): string | undefined {
  const picked = anyObject(scene, kind);
  if (picked === undefined) return undefined;
  const { cluster, key } = picked;
  cluster.server.edit(kind, key, kubectl.manager, (copy) => {
    copy["spec"] = { ...copyOf(fieldsOf(copy["spec"])), ...fields };
  });
  return `${cluster.name}: ${kind} ${key} changed: ${JSON.stringify(fields)}`;
}

function remove(scene: Scene, kind: "ServiceRoute" | "DNSPolicy" | "Gateway"): string | undefined {
  const picked = anyObject(scene, kind);
  if (picked === undefined) return undefined;
  const { cluster, key } = picked;
  const ways: readonly [Propagation, ...Propagation[]] = ["Background", "Background", "Foreground", "Orphan"];
  const propagation = scene.random.oneOf(...ways);
  cluster.server.delete(kind, key, { writer: kubectl, propagation });
  return `${cluster.name}: ${kind} ${key} deleted, ${propagation}`;
}

export const teamActs: Repertoire = [
  [10, createRoute],
  [10, editRoute],
  [8, removeRoute],
  [3, recreateRoute],
  [3, breakSchema],
  [4, mend],
  [5, writePolicy],
  [2, (scene) => remove(scene, "DNSPolicy")],
  [4, writeGateway],
  [4, editGateway],
  [2, (scene) => remove(scene, "Gateway")],
];
