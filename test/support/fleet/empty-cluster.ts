/** Takes everything out of a cluster that a fleet test puts into one; namespaces stay, nothing here can finish deleting them. */
import type { ApiServer } from "../components/api-server.ts";
import { fullName, list, remove } from "../components/test-cluster.ts";

const KINDS = [
  ["routing.router.io/v1alpha1", "ServiceRoute"],
  ["routing.router.io/v1alpha1", "Gateway"],
  ["routing.router.io/v1alpha1", "DNSPolicy"],
  ["cluster.router.io/v1alpha1", "ClusterIdentity"],
  ["cluster.router.io/v1alpha1", "DNSConfiguration"],
  ["externaldns.k8s.io/v1alpha1", "DNSEndpoint"],
  ["networking.istio.io/v1", "Gateway"],
  ["networking.istio.io/v1beta1", "Gateway"],
  ["apps/v1", "Deployment"],
  ["coordination.k8s.io/v1", "Lease"],
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"],
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"],
  ["v1", "Service"],
  ["v1", "Event"],
] as const;

export async function emptyCluster(server: ApiServer): Promise<void> {
  for (const [apiVersion, kind] of KINDS) {
    if (await isServed(server, apiVersion, kind)) await removeAll(server, apiVersion, kind);
  }
}

/** Asks the API server each time: tests take CRDs away and install them again. */
async function isServed(server: ApiServer, apiVersion: string, kind: string): Promise<boolean> {
  const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { body } = await server.request("GET", path);
  const { resources = [] } = body as { readonly resources?: readonly { readonly kind: string }[] };
  return resources.some((resource) => resource.kind === kind);
}

/** @param namespace without it: in all namespaces. What the API server itself keeps in `kube-system` and `default` stays. */
export async function removeAll(
  server: ApiServer,
  apiVersion: string,
  kind: string,
  namespace?: string,
): Promise<void> {
  const found = await list(server, { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) });
  await Promise.all(
    found.map(async (object) => {
      const { name } = object.metadata;
      if (object.metadata.namespace === "kube-system" || fullName(object) === "default/kubernetes") return;
      const within = object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace };
      await remove(server, { apiVersion, kind, name, ...within });
    }),
  );
}
