/**
 * The resources that teams and platform engineers write, with the defaults that most tests want: one domain, one gateway per
 * cluster, names that follow from each other. Overrides are merged into the spec.
 */
import type { ApiServer } from "../components/api-server.ts";
import { applyObject, createNamespace, type KubeObject, setStatus } from "../components/test-cluster.ts";

export const DOMAIN = "example.com";
export const GATEWAY_NAMESPACE = "istio-system";
export const INGRESS_NAMESPACE = "aks-istio-ingress";
/** Istio controller of the gateway that `gateway()` makes by default. */
export const ISTIO_CONTROLLER = "ingress-external";

type Spec = Readonly<Record<string, unknown>>;

export function identity(region: string, cluster: string, overrides: Spec = {}, name = "cluster-identity"): KubeObject {
  return {
    apiVersion: "cluster.router.io/v1alpha1",
    kind: "ClusterIdentity",
    metadata: { name },
    spec: { region, cluster, domain: DOMAIN, environmentLetter: "p", ...overrides },
  };
}

/** One ExternalDNS controller per region, named after it. */
export function dnsConfiguration(...regions: readonly string[]): KubeObject {
  return {
    apiVersion: "cluster.router.io/v1alpha1",
    kind: "DNSConfiguration",
    metadata: { name: "dns-configuration" },
    spec: { externalDNSControllers: regions.map((region) => ({ name: `external-dns-${region}`, region })) },
  };
}

export function policy(namespace: string, spec: Spec = { mode: "Active" }, name = "default"): KubeObject {
  return { apiVersion: "routing.router.io/v1alpha1", kind: "DNSPolicy", metadata: { namespace, name }, spec };
}

/** Gateway `public` in the default namespace: its host is `{cluster}-{region}-external.example.com`. */
export function gateway(name = "public", overrides: Spec = {}): KubeObject {
  return {
    apiVersion: "routing.router.io/v1alpha1",
    kind: "Gateway",
    metadata: { namespace: GATEWAY_NAMESPACE, name },
    spec: { controller: ISTIO_CONTROLLER, credentialName: "wildcard-tls", targetPostfix: "external", ...overrides },
  };
}

/** A route of application = namespace, environment prod: its host is `{name}-ns-p-prod-{namespace}.example.com`. */
export function route(namespace: string, name: string, overrides: Spec = {}): KubeObject {
  return {
    apiVersion: "routing.router.io/v1alpha1",
    kind: "ServiceRoute",
    metadata: { namespace, name },
    spec: { serviceName: name, gatewayName: "public", environment: "prod", application: namespace, ...overrides },
  };
}

/** Host of `route(namespace, name)`. */
export function hostOf(namespace: string, name: string): string {
  return `${name}-ns-p-prod-${namespace}.${DOMAIN}`;
}

/** The LoadBalancer Service of an Istio ingress controller; its addresses are given by `setAddresses`. */
export function ingressService(controller = ISTIO_CONTROLLER): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: INGRESS_NAMESPACE, name: controller, labels: { istio: controller } },
    spec: { type: "LoadBalancer", selector: { istio: controller }, ports: [{ name: "https", port: 443 }] },
  };
}

/** What the load-balancer controller would write, which does not run here. */
export async function setAddresses(
  server: ApiServer,
  addresses: readonly string[],
  controller = ISTIO_CONTROLLER,
): Promise<void> {
  const service = { apiVersion: "v1", kind: "Service", namespace: INGRESS_NAMESPACE, name: controller };
  await setStatus(server, service, { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } });
}

/** Applies objects one after the other in the order given, so that earlier ones are never the younger. */
export async function applyAll(server: ApiServer, ...objects: readonly KubeObject[]): Promise<void> {
  const namespaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const namespace of namespaces) await createNamespace(server, namespace);
  for (const object of objects) await applyObject(server, object);
}

export type ClusterSetup = {
  readonly region: string;
  readonly cluster: string;
  readonly address: string;
  /** Regions that have an ExternalDNS controller in this cluster. */
  readonly regions: readonly string[];
};

/** What the platform team installs: identity, DNS configuration, one Gateway and its Service with an address. */
export async function setUpPlatform(server: ApiServer, setup: ClusterSetup): Promise<void> {
  await applyAll(
    server,
    identity(setup.region, setup.cluster),
    dnsConfiguration(...setup.regions),
    gateway(),
    ingressService(),
  );
  await setAddresses(server, [setup.address]);
}
