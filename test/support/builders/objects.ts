/**
 * Builders of single objects as a snapshot holds them. Small, with defaults that fit together: a route of namespace `shop`
 * attaches to the Gateway `istio-system/internal`, which the Service `istio-system/ingress` gives an address.
 * Ages: everything is equally old unless `meta.createdAtMs` says otherwise, so that namespace/name decides.
 */
import type { VirtualService } from "../../../shared/model/backend-objects.ts";
import type { EndpointRecord } from "../../../shared/model/cluster-objects.ts";
import type { KindObjects, Kind } from "../../../shared/model/kinds.ts";
import type { ObjectMeta, OwnerReference } from "../../../shared/model/object-meta.ts";
import { serviceRoutingMarker } from "../../../shared/model/ownership.ts";
import type {
  ClusterIdentity,
  DnsPolicy,
  ExternalDnsController,
  Gateway,
  ObservedStatus,
  RejectedObject,
  ServiceRoute,
} from "../../../shared/model/resources.ts";
import { TEST_START_MS } from "../clock.ts";

/** One object with its kind: what a world is filled with. */
export type ObjectOf<K extends Kind> = { readonly kind: K; readonly object: KindObjects[K] };
export type WorldObject = { readonly [K in Kind]: ObjectOf<K> }[Kind];

/** Everything was made a day before the first pass of a test. */
export const CREATED_AT_MS = TEST_START_MS - 24 * 60 * 60_000;

/** What may be said of any object besides its spec. */
export type Extras = { readonly meta?: Partial<ObjectMeta>; readonly status?: ObservedStatus };

/** `namespace/name` or `name`. The uid is made of kind and key: an object made again needs another one by override. */
export function metaOf(kind: Kind, key: string, overrides: Partial<ObjectMeta> = {}): ObjectMeta {
  const [first = "", second] = key.split("/");
  return {
    ...(second === undefined ? {} : { namespace: first }),
    name: second ?? first,
    uid: `${kind}:${key}`,
    resourceVersion: "10",
    generation: 1,
    createdAtMs: CREATED_AT_MS,
    deleting: false,
    labels: {},
    annotations: {},
    owners: [],
    managers: ["kubectl"],
    ...overrides,
  };
}

/** Younger than everything that does not say its age. */
export function younger(byMs = 60_000): { readonly meta: Partial<ObjectMeta> } {
  return { meta: { createdAtMs: CREATED_AT_MS + byMs } };
}

/** Region weu, cluster aks01, domain example.com, letter p, unless overridden. */
export function identity(
  spec: Partial<ClusterIdentity["spec"]> = {},
  { name = "identity", ...extras }: Extras & { readonly name?: string } = {},
): ObjectOf<"ClusterIdentity"> {
  return {
    kind: "ClusterIdentity",
    object: {
      meta: metaOf("ClusterIdentity", name, extras.meta),
      spec: {
        region: "weu",
        cluster: "aks01",
        domain: "example.com",
        environmentLetter: "p",
        adoptsRegions: [],
        ...spec,
      },
      status: extras.status ?? {},
    },
  };
}

/** A text is a region and stands for its controller `external-dns-<region>`. */
export function controllersOf(regions: readonly (string | ExternalDnsController)[]): readonly ExternalDnsController[] {
  return regions.map((region) =>
    typeof region === "string" ? { name: `external-dns-${region}`, region } : { ...region },
  );
}

export function dnsConfiguration(
  regions: readonly (string | ExternalDnsController)[] = ["weu"],
  { name = "dns", ...extras }: Extras & { readonly name?: string } = {},
): ObjectOf<"DNSConfiguration"> {
  return {
    kind: "DNSConfiguration",
    object: {
      meta: metaOf("DNSConfiguration", name, extras.meta),
      spec: { externalDNSControllers: controllersOf(regions) },
      status: extras.status ?? {},
    },
  };
}

/** @param key a namespace, or `namespace/name`; the name is `policy` otherwise. */
export function policy(key: string, spec: Partial<DnsPolicy["spec"]> = {}, extras: Extras = {}): ObjectOf<"DNSPolicy"> {
  const full = key.includes("/") ? key : `${key}/policy`;
  return {
    kind: "DNSPolicy",
    object: {
      meta: metaOf("DNSPolicy", full, extras.meta),
      spec: { mode: "Active", ...spec },
      status: extras.status ?? {},
    },
  };
}

/** Controller `ingress`, postfix the name of the Gateway, unless overridden. */
export function gateway(
  key = "istio-system/internal",
  spec: Partial<Gateway["spec"]> = {},
  extras: Extras = {},
): ObjectOf<"Gateway"> {
  const meta = metaOf("Gateway", key, extras.meta);
  return {
    kind: "Gateway",
    object: {
      meta,
      spec: { controller: "ingress", credentialName: "wildcard", targetPostfix: meta.name, ...spec },
      status: extras.status ?? {},
    },
  };
}

/** @param key `namespace/name`; the name is the service name as well, so its host is `{name}-ns-p-prod-{namespace}.example.com`. */
export function route(
  key: string,
  spec: Partial<ServiceRoute["spec"]> = {},
  extras: Extras = {},
): ObjectOf<"ServiceRoute"> {
  const meta = metaOf("ServiceRoute", key, extras.meta);
  return {
    kind: "ServiceRoute",
    object: {
      meta,
      spec: {
        serviceName: meta.name,
        gatewayName: "internal",
        environment: "prod",
        application: meta.namespace ?? "",
        ...spec,
      },
      status: extras.status ?? {},
    },
  };
}

/** The LoadBalancer Service of the Istio controller `ingress`, unless overridden. */
export function ingressService(
  addresses: readonly string[] = ["10.0.0.1"],
  { key = "istio-system/ingress", controller = "ingress", type = "LoadBalancer", meta }: IngressOverrides = {},
): ObjectOf<"Service"> {
  const full = metaOf("Service", key, meta);
  return {
    kind: "Service",
    object: { meta: { ...full, labels: { ...full.labels, istio: controller } }, type, addresses },
  };
}

type IngressOverrides = {
  readonly key?: string;
  readonly controller?: string;
  readonly type?: string;
  readonly meta?: Partial<ObjectMeta>;
};

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): ObjectOf<"Namespace"> {
  return { kind: "Namespace", object: { meta: metaOf("Namespace", name, { labels }) } };
}

type EndpointOverrides = {
  readonly region?: string;
  readonly owner?: OwnerReference;
  /** Without the marker it is somebody else's. */
  readonly ours?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly meta?: Partial<ObjectMeta>;
};

/** A DNSEndpoint that is there already. Ours, and applied by us, unless overridden. */
export function dnsEndpoint(
  key: string,
  records: readonly EndpointRecord[],
  { region = "weu", owner, ours = true, labels = {}, meta }: EndpointOverrides = {},
): ObjectOf<"DNSEndpoint"> {
  const full = metaOf("DNSEndpoint", key, {
    managers: ["service-router"],
    ...(owner === undefined ? {} : { owners: [owner] }),
    ...meta,
  });
  return {
    kind: "DNSEndpoint",
    object: {
      meta: { ...full, labels: { ...markerLabel(ours), "router.io/region": region, ...labels, ...full.labels } },
      spec: { endpoints: records },
    },
  };
}

/** @param recordTTL null: none, as the operator writes it. */
export function cname(dnsName: string, target: string, recordTTL: number | null = 300): EndpointRecord {
  return { dnsName, recordType: "CNAME", targets: [target], ...(recordTTL === null ? {} : { recordTTL }) };
}

type IstioOverrides = {
  readonly controller?: string;
  readonly owner?: OwnerReference;
  readonly ours?: boolean;
  readonly meta?: Partial<ObjectMeta>;
};

/** An Istio Gateway that is there already, with one HTTPS server for the hosts. */
export function istioGateway(
  key: string,
  hosts: readonly string[],
  { controller = "ingress", owner, ours = true, meta }: IstioOverrides = {},
): ObjectOf<"IstioGateway"> {
  const full = metaOf("IstioGateway", key, {
    managers: ["service-router"],
    ...(owner === undefined ? {} : { owners: [owner] }),
    ...meta,
  });
  const tls = { mode: "SIMPLE", credentialName: "wildcard" };
  return {
    kind: "IstioGateway",
    object: {
      meta: { ...full, labels: { ...markerLabel(ours), ...full.labels } },
      spec: {
        selector: { istio: controller },
        servers: [{ port: { number: 443, name: "https", protocol: "HTTPS" }, hosts, tls }],
      },
    },
  };
}

function markerLabel(ours: boolean): Readonly<Record<string, string>> {
  return ours ? { [serviceRoutingMarker.label]: serviceRoutingMarker.value } : {};
}

/** The reference that makes `owner` the owner, as the operator and we write it. */
export function ownedBy({ kind, object }: WorldObject): OwnerReference {
  const { name, uid } = object.meta;
  return kind === "ServiceRoute" || kind === "Gateway"
    ? { apiVersion: "routing.router.io/v1alpha1", kind, name, uid, controller: true, blockOwnerDeletion: true }
    : { apiVersion: "v1", kind, name, uid, controller: true };
}

export function operatorLease(renewedAtMs: number): ObjectOf<"OperatorLease"> {
  return {
    kind: "OperatorLease",
    object: { meta: metaOf("OperatorLease", "service-router-system/3afd9a04.router.io"), renewedAtMs },
  };
}

type DeploymentOverrides = {
  readonly key?: string;
  readonly images?: readonly string[];
  readonly readyReplicas?: number;
  readonly labels?: Readonly<Record<string, string>>;
};

export function operatorDeployment({
  key = "service-router-system/service-router-operator",
  images = ["registry.example.com/service-router-operator:0.2.0"],
  readyReplicas = 1,
  labels = {},
}: DeploymentOverrides = {}): ObjectOf<"OperatorDeployment"> {
  return {
    kind: "OperatorDeployment",
    object: { meta: metaOf("OperatorDeployment", key, { labels }), images, readyReplicas },
  };
}

type VirtualServiceOverrides = Partial<Omit<VirtualService, "meta" | "hosts">> & {
  readonly meta?: Partial<ObjectMeta>;
};

/** On Gateway `istio-system/internal`, leading to the Service of its own name, unless overridden. */
export function virtualService(
  key: string,
  hosts: readonly string[],
  { meta, ...overrides }: VirtualServiceOverrides = {},
): ObjectOf<"VirtualService"> {
  const full = metaOf("VirtualService", key, meta);
  return {
    kind: "VirtualService",
    object: {
      meta: full,
      hosts,
      gateways: ["istio-system/internal"],
      exportTo: [],
      destinations: [full.name],
      delegates: [],
      answersItself: false,
      ...overrides,
    },
  };
}

export function destinationService(key: string, type = "ClusterIP"): ObjectOf<"DestinationService"> {
  return { kind: "DestinationService", object: { meta: metaOf("DestinationService", key), type } };
}

/** @param key of the Service. */
export function endpointSlice(key: string, ready = true): ObjectOf<"EndpointSlice"> {
  const meta = metaOf("EndpointSlice", `${key}-${ready ? "ready" : "waiting"}`);
  return { kind: "EndpointSlice", object: { meta, service: key.split("/")[1] ?? "", ready } };
}

/** Everything that answers a route made by `route(key)`: a VirtualService for its host, its Service, a ready endpoint. */
export function backend(key: string, overrides: VirtualServiceOverrides = {}): readonly WorldObject[] {
  return [virtualService(key, [hostOf(key)], overrides), destinationService(key), endpointSlice(key)];
}

/** An object that exists and does not parse. */
export function unparsable(
  kind: Kind,
  key: string,
  extras: Extras & { readonly issues?: readonly string[] } = {},
): { readonly kind: Kind; readonly rejected: RejectedObject } {
  return {
    kind,
    rejected: {
      meta: metaOf(kind, key, extras.meta),
      issues: extras.issues ?? ["spec.serviceName: expected a text"],
      status: extras.status ?? {},
    },
  };
}

/** The host of a route made by `route` in a cluster made by `identity`. */
export function hostOf(key: string, letter = "p"): string {
  const [team = "", name = ""] = key.split("/");
  return `${name}-ns-${letter}-prod-${team}.example.com`;
}
