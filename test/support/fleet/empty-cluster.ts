/** Takes everything out of a cluster that a fleet test puts into one; namespaces stay, nothing here can finish deleting them. */
import type { ApiServer } from "../components/api-server.ts";

const PAGE_SIZE = 500;
/** Of 500 objects each; an object with a finalizer would stay for ever. */
const MOST_ROUNDS = 20;

const KINDS = [
  "/apis/routing.router.io/v1alpha1 serviceroutes",
  "/apis/routing.router.io/v1alpha1 gateways",
  "/apis/routing.router.io/v1alpha1 dnspolicies",
  "/apis/cluster.router.io/v1alpha1 clusteridentities",
  "/apis/cluster.router.io/v1alpha1 dnsconfigurations",
  "/apis/externaldns.k8s.io/v1alpha1 dnsendpoints",
  "/apis/networking.istio.io/v1 gateways",
  "/apis/networking.istio.io/v1beta1 gateways",
  "/apis/apps/v1 deployments",
  "/apis/coordination.k8s.io/v1 leases",
  "/apis/admissionregistration.k8s.io/v1 validatingadmissionpolicybindings",
  "/apis/admissionregistration.k8s.io/v1 validatingadmissionpolicies",
  "/api/v1 services",
  "/api/v1 events",
];

/** @returns the kinds that the cluster does not serve, because their CRD is not installed. */
export async function emptyCluster(server: ApiServer): Promise<readonly string[]> {
  const missing = await Promise.all(
    KINDS.map(async (kind) => {
      const [group = "", plural = ""] = kind.split(" ");
      return (await removeAll(server, group, plural)) ? [] : [kind];
    }),
  );
  return missing.flat();
}

type Found = { readonly metadata: { readonly name: string; readonly namespace?: string } };

/**
 * @param group `/apis/<group>/<version>`, `/api/v1`. @param namespace without it: everywhere but in `kube-system`.
 * @returns false when the kind is not served.
 */
export async function removeAll(
  server: ApiServer,
  group: string,
  plural: string,
  namespace?: string,
): Promise<boolean> {
  const within = namespace === undefined ? "" : `/namespaces/${namespace}`;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const listed = await server.request("GET", `${group}${within}/${plural}?limit=${PAGE_SIZE}`);
    if (listed.status === 404) return false;
    const { items } = listed.body as { readonly items: readonly Found[] };
    const found = items.filter(({ metadata }) => !isOfTheServer(metadata));
    if (found.length === 0) return true;
    await Promise.all(
      found.map(async ({ metadata }) => {
        const scope = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
        await server.request("DELETE", `${group}${scope}/${plural}/${metadata.name}`);
      }),
    );
  }
  throw new Error(`${plural} of ${server.name} cannot be removed`);
}

/** What the API server itself keeps: its Leases, and the Service under which it is found. */
function isOfTheServer({ namespace, name }: Found["metadata"]): boolean {
  return namespace === "kube-system" || (namespace === "default" && name === "kubernetes");
}
