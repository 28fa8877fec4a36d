/**
 * What the in-cluster operator leaves in a cluster, in its own words: objects made by plain creates under the field manager
 * "manager", without TTL for routes, with Istio Gateways of v1beta1, and statuses whose texts are not ours.
 */
import type { ApiServer } from "../components/api-server.ts";
import { type KubeObject, setStatus } from "../components/test-cluster.ts";
import { ours, present } from "./cluster-picture.ts";
import { create } from "./edits.ts";
import { DOMAIN, GATEWAY_NAMESPACE, hostOf, INGRESS_NAMESPACE, ISTIO_CONTROLLER } from "./fleet-objects.ts";

const MANAGER = "manager";
const MARKER = { "app.kubernetes.io/managed-by": "service-router-operator" };
export const OPERATOR_NAMESPACE = "service-router-system";

async function uidOf(server: ApiServer, reference: Parameters<typeof present>[1]): Promise<string> {
  return String((await present(server, reference)).metadata["uid"]);
}

/** The DNSEndpoint of a route for the controller of one region, pointing to the gateway host given. */
export async function leaveRouteRecord(
  server: ApiServer,
  of: { readonly namespace: string; readonly route: string; readonly region: string; readonly target: string },
): Promise<void> {
  const { namespace, route, region, target } = of;
  const controller = `external-dns-${region}`;
  const uid = await uidOf(server, ours("ServiceRoute", `${namespace}/${route}`));
  await create(
    server,
    {
      apiVersion: "externaldns.k8s.io/v1alpha1",
      kind: "DNSEndpoint",
      metadata: {
        namespace,
        name: `${route}-${controller}`,
        labels: {
          ...MARKER,
          "router.io/controller": controller,
          "router.io/region": region,
          "router.io/serviceroute": route,
          "router.io/source-namespace": namespace,
        },
        annotations: { "external-dns.alpha.kubernetes.io/controller": `external-dns-${region}` },
        ownerReferences: [
          {
            apiVersion: "routing.router.io/v1alpha1",
            kind: "ServiceRoute",
            name: route,
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { endpoints: [{ dnsName: hostOf(namespace, route), recordType: "CNAME", targets: [target] }] },
    },
    MANAGER,
  );
  await setStatus(server, ours("ServiceRoute", `${namespace}/${route}`), {
    phase: "Active",
    dnsEndpoint: `${route}-${controller}`,
    conditions: [condition("Ready", "ServiceRoute is active")],
  });
}

/** The address record of the default gateway for the controller of one region. */
export async function leaveGatewayRecord(
  server: ApiServer,
  of: { readonly region: string; readonly host: string; readonly address: string },
): Promise<void> {
  const service = { apiVersion: "v1", kind: "Service", namespace: INGRESS_NAMESPACE, name: ISTIO_CONTROLLER };
  await create(
    server,
    {
      apiVersion: "externaldns.k8s.io/v1alpha1",
      kind: "DNSEndpoint",
      metadata: {
        namespace: INGRESS_NAMESPACE,
        name: `gateway-controller-${ISTIO_CONTROLLER}-external-external-dns-${of.region}`,
        labels: {
          ...MARKER,
          "router.io/istio-controller": ISTIO_CONTROLLER,
          "router.io/target-postfix": "external",
          "router.io/region": of.region,
          "router.io/resource-type": "gateway-service",
        },
        ownerReferences: [
          {
            apiVersion: "v1",
            kind: "Service",
            name: ISTIO_CONTROLLER,
            uid: await uidOf(server, service),
            controller: true,
          },
        ],
      },
      spec: {
        endpoints: [{ dnsName: `${of.host}.${DOMAIN}`, recordType: "A", targets: [of.address], recordTTL: 300 }],
      },
    },
    MANAGER,
  );
}

/** The Istio Gateway of Gateway `public`, with these hosts. */
export async function leaveIstioGateway(server: ApiServer, hosts: readonly string[]): Promise<void> {
  const uid = await uidOf(server, ours("Gateway", `${GATEWAY_NAMESPACE}/public`));
  await create(
    server,
    {
      apiVersion: "networking.istio.io/v1beta1",
      kind: "Gateway",
      metadata: {
        namespace: GATEWAY_NAMESPACE,
        name: "public",
        labels: { ...MARKER, "router.io/gateway": "public" },
        ownerReferences: [
          {
            apiVersion: "routing.router.io/v1alpha1",
            kind: "Gateway",
            name: "public",
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        selector: { istio: ISTIO_CONTROLLER },
        servers: [
          {
            port: { number: 443, name: "https", protocol: "HTTPS" },
            hosts,
            tls: { mode: "SIMPLE", credentialName: "wildcard-tls" },
          },
        ],
      },
    },
    MANAGER,
  );
}

function condition(type: string, message: string): object {
  return {
    type,
    status: "True",
    reason: "ReconciliationSucceeded",
    message,
    observedGeneration: 1,
    lastTransitionTime: "2026-01-02T03:04:05Z",
  };
}

/** Its leader-election Lease, renewed so many seconds ago. */
export function operatorLease(secondsAgo: number): KubeObject {
  const renewTime = new Date(Date.now() - secondsAgo * 1_000).toISOString().replace("Z", "000Z");
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { namespace: OPERATOR_NAMESPACE, name: "3afd9a04.router.io" },
    spec: { holderIdentity: "operator-0", leaseDurationSeconds: 15, renewTime },
  };
}

/** Its Deployment under a name of its own choice, found by the image. Ready replicas are a status: `setReadyReplicas`. */
export function operatorDeployment(): KubeObject {
  const labels = { app: "router" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: OPERATOR_NAMESPACE, name: "renamed" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: "manager", image: "registry.example.com/platform/service-router-operator:0.2.0" }],
        },
      },
    },
  };
}

export async function setReadyReplicas(server: ApiServer, count: number): Promise<void> {
  const reference = { apiVersion: "apps/v1", kind: "Deployment", namespace: OPERATOR_NAMESPACE, name: "renamed" };
  await setStatus(server, reference, {
    replicas: count,
    updatedReplicas: count,
    readyReplicas: count,
    availableReplicas: count,
  });
}
