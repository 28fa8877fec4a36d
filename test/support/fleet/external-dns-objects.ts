/** ExternalDNS Deployments and DNSEndpoints as platform engineers apply them; nothing of them runs here. */
import { argsOf, image, type Flags } from "../builders/external-dns.ts";
import type { KubeObject } from "../components/test-cluster.ts";

export const DNS_NAMESPACE = "external-dns";

type Overrides = { readonly replicas?: number; readonly version?: string; readonly env?: readonly object[] };

/** Version 0.20 and one replica unless given. */
export function externalDnsDeployment(
  name: string,
  flags: Flags,
  { replicas = 1, version = "0.20.0", env = [] }: Overrides = {},
): KubeObject {
  const labels = { "app.kubernetes.io/instance": name };
  const container = { name: "external-dns", image: image(version), args: argsOf(flags), env };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: DNS_NAMESPACE, name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** As the operator writes it for the controller of a region. */
export function publishedEndpoint(namespace: string, name: string, region: string): KubeObject {
  return {
    apiVersion: "externaldns.k8s.io/v1alpha1",
    kind: "DNSEndpoint",
    metadata: {
      namespace,
      name: `${name}-external-dns-${region}`,
      labels: { "router.io/region": region },
      annotations: { "external-dns.alpha.kubernetes.io/controller": `external-dns-${region}` },
    },
    spec: {
      endpoints: [{ dnsName: `${name}.example.com`, recordType: "CNAME", targets: ["aks-weu-external.example.com"] }],
    },
  };
}
