/** Manifests of everything that people and platforms put into a simulated cluster. */
import type { Json, JsonObject } from "../../../shared/model/json.ts";

type Fields = { readonly [field: string]: Json | undefined };

export const domain = "example.com";

export function clusterIdentity(name: string, spec: Fields): JsonObject {
  return {
    apiVersion: "cluster.router.io/v1alpha1",
    kind: "ClusterIdentity",
    metadata: { name },
    spec: spec,
  };
}

/** @param regions one ExternalDNS instance each, `external-dns-{region}`. */
export function dnsConfiguration(name: string, regions: readonly string[]): JsonObject {
  return {
    apiVersion: "cluster.router.io/v1alpha1",
    kind: "DNSConfiguration",
    metadata: { name },
    spec: { externalDNSControllers: regions.map((region) => ({ name: `external-dns-${region}`, region })) },
  };
}

export function dnsPolicy(namespace: string, name: string, spec: Fields = {}): JsonObject {
  return routing("DNSPolicy", namespace, name, spec);
}

export function gateway(namespace: string, name: string, spec: Fields): JsonObject {
  return routing("Gateway", namespace, name, { credentialName: "wildcard", ...spec });
}

export function serviceRoute(namespace: string, name: string, spec: Fields): JsonObject {
  return routing("ServiceRoute", namespace, name, spec);
}

function routing(kind: string, namespace: string, name: string, spec: Fields): JsonObject {
  return {
    apiVersion: "routing.router.io/v1alpha1",
    kind,
    metadata: { name, namespace, labels: { team: namespace } },
    spec: spec,
  };
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): JsonObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** The LoadBalancer Service of an Istio ingress controller. */
export function ingressService(inNamespace: string, controller: string): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: controller, namespace: inNamespace, labels: { istio: controller } },
    spec: { type: "LoadBalancer" },
  };
}

export function serviceStatus(addresses: readonly string[]): JsonObject {
  return { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } };
}

type EndpointFields = {
  readonly region: string;
  readonly dnsName: string;
  readonly target: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** A DNSEndpoint that the product did not write: without `labels` nobody's but the region's. */
export function foreignEndpoint(inNamespace: string, name: string, fields: EndpointFields): JsonObject {
  return {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: { name, namespace: inNamespace, labels: { "router.io/region": fields.region, ...fields.labels } },
    spec: {
      endpoints: [{ dnsName: fields.dnsName, recordType: "CNAME", recordTTL: 300, targets: [fields.target] }],
    },
  };
}

export function foreignIstioGateway(
  inNamespace: string,
  name: string,
  { controller, host }: { readonly controller: string; readonly host: string },
): JsonObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: inNamespace, labels: {} },
    spec: {
      selector: { istio: controller },
      servers: [
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: [host],
          tls: { mode: "SIMPLE", credentialName: "theirs" },
        },
      ],
    },
  };
}

/** The leader-election Lease of the operator that the product replaces. */
export function operatorLease(renewedAt: string): JsonObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "3afd9a04.router.io", namespace: "router-system" },
    spec: { renewTime: renewedAt },
  };
}
