/** The fleet that a story begins with, in the words of stories, made with the builders of tests. */
import type { EndpointRecord } from "../../shared/model/cluster-objects.ts";
import type { Kind } from "../../shared/model/kinds.ts";
import type { OwnerReference } from "../../shared/model/object-meta.ts";
import { cluster, fleet, later, type World, type WorldCluster } from "../support/builders/fleet.ts";
import {
  dnsEndpoint,
  gateway,
  ingressService,
  istioGateway,
  metaOf,
  operatorDeployment,
  ownedBy,
  policy,
  route,
  younger,
  type Extras,
  type ObjectOf,
  type WorldObject,
} from "../support/builders/objects.ts";
import { settle } from "../support/builders/pass.ts";
import {
  expand,
  milliseconds,
  type GivenCluster,
  type GivenEndpoint,
  type GivenIstioGateway,
  type Story,
} from "./story.ts";

/** Passes of a story are as far apart as those of the product, unless it says that more time passes. */
export const BETWEEN_PASSES_MS = 60_000;

export function givenFleet({ given }: Story): World {
  const clusters = Object.entries(given.clusters).map(([name, one]) => givenCluster(name, one));
  const world = fleet(clusters, {
    ...(given.regions === undefined ? {} : { regions: given.regions }),
    ...(given.externalDnsInterval === undefined
      ? {}
      : { intervalSeconds: milliseconds(given.externalDnsInterval) / 1000 }),
  });
  return given.converged === true ? later(settle(world).world, BETWEEN_PASSES_MS) : world;
}

function givenCluster(name: string, one: GivenCluster): WorldCluster {
  const gateways = Object.entries(one.gateways ?? { "istio-system/internal": {} });
  const objects: readonly WorldObject[] = [
    ingressService(one.addresses),
    ...gateways.map(([key, { younger: young, ...spec }]) => gateway(key, spec, ageOf(young))),
    ...Object.entries(one.policies ?? {}).map(([key, { younger: young, ...spec }]) => policy(key, spec, ageOf(young))),
    ...Object.entries(one.routes ?? {}).flatMap(([keys, { younger: young, ...spec }]) =>
      expand(keys).map((key) => route(key, spec, ageOf(young))),
    ),
    ...(one.operator === undefined ? [] : [operatorDeployment()]),
  ];
  const endpoints = Object.entries(one.dnsEndpoints ?? {}).map(([key, { writtenBy, ...given }]) =>
    writtenBy === "operator" ? operatorsEndpoint(key, given, objects) : strangeEndpoint(key, given),
  );
  const istioGateways = Object.entries(one.istioGateways ?? {}).map(([key, given]) =>
    givenIstioGateway(key, given, objects),
  );
  return cluster(name, {
    region: one.region,
    aks: one.identityCluster ?? name,
    controllers: one.externalDns ?? [one.region],
    adopts: one.adoptsRegions ?? [],
    writes: one.writes ?? "apply",
    pinned: one.pinned === true,
    unread: one.notRead ?? [],
    objects: [...objects, ...endpoints, ...istioGateways],
  });
}

function ageOf(young: true | undefined): Extras {
  return young === true ? younger() : {};
}

/** A DNSEndpoint without our marker, under whatever name. */
export function strangeEndpoint(key: string, { region, records }: GivenEndpoint): ObjectOf<"DNSEndpoint"> {
  const meta = { managers: ["kubectl"] };
  return dnsEndpoint(
    key,
    records.map((text) => recordOf(text)),
    { region, ours: false, meta },
  );
}

/** As the in-cluster operator writes it: its labels, no TTL for a CNAME, 300 s for an address. */
function operatorsEndpoint(
  key: string,
  { region, ownedBy: ownerText, records }: GivenEndpoint,
  objects: readonly WorldObject[],
): ObjectOf<"DNSEndpoint"> {
  const owner = ownerOf(ownerText, objects);
  const [namespace = ""] = key.split("/");
  const controller = `external-dns-${region}`;
  const ofRouteLabels = {
    "router.io/controller": controller,
    "router.io/serviceroute": owner?.name ?? "",
    "router.io/source-namespace": namespace,
  };
  const ofGatewayLabels = {
    "router.io/istio-controller": "ingress",
    "router.io/target-postfix": "internal",
    "router.io/resource-type": "gateway-service",
  };
  const ofRoute = owner?.kind === "ServiceRoute";
  const annotations = ofRoute ? { "external-dns.alpha.kubernetes.io/controller": controller } : {};
  return dnsEndpoint(
    key,
    records.map((text) => recordOf(text)),
    {
      region,
      ...(owner === undefined ? {} : { owner }),
      labels: ofRoute ? ofRouteLabels : ofGatewayLabels,
      meta: { managers: ["service-router-operator"], annotations },
    },
  );
}

function givenIstioGateway(
  key: string,
  { writtenBy, ownedBy: ownerText, controller, hosts }: GivenIstioGateway,
  objects: readonly WorldObject[],
): ObjectOf<"IstioGateway"> {
  const owner = ownerOf(ownerText, objects);
  const ours = writtenBy === "operator";
  const { name } = metaOf("IstioGateway", key);
  return istioGateway(key, hosts, {
    ours,
    ...(controller === undefined ? {} : { controller }),
    ...(owner === undefined ? {} : { owner }),
    meta: {
      managers: [ours ? "service-router-operator" : "kubectl"],
      labels: ours ? { "router.io/gateway": name } : {},
    },
  });
}

function ownerOf(text: string | undefined, objects: readonly WorldObject[]): OwnerReference | undefined {
  if (text === undefined) return undefined;
  const { kind, key } = kindAndKey(text);
  const owner = objects.find(
    (entry) => entry.kind === kind && `${entry.object.meta.namespace ?? ""}/${entry.object.meta.name}` === key,
  );
  if (owner === undefined) throw new Error(`ownedBy: this cluster has no ${text}`);
  return ownedBy(owner);
}

/** `DNSEndpoint team/api-external-dns-weu` */
export function kindAndKey(text: string): { readonly kind: Kind; readonly key: string } {
  const [kind = "", key = ""] = text.split(" ");
  return { kind: kind as Kind, key };
}

/** `host CNAME target` as the operator writes it, or `host A 10.0.0.1`. */
function recordOf(text: string): EndpointRecord {
  const [dnsName = "", recordType = "", ...targets] = text.split(" ");
  return recordType === "CNAME" ? { dnsName, recordType, targets } : { dnsName, recordType, targets, recordTTL: 300 };
}
