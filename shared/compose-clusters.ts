/** Part of compose: clusters by their configured source. One connection per cluster, kept for the life of the process. */
import { openAksCluster } from "./adapters/azure-aks/aks-cluster.ts";
import { ArmClients } from "./adapters/azure-aks/arm.ts";
import { discoverAksClusters } from "./adapters/azure-aks/discover.ts";
import { TokenCache } from "./adapters/azure-aks/token-cache.ts";
import { openKubernetesCluster } from "./adapters/kubernetes/kubernetes-cluster.ts";
import { openKubeconfigCluster } from "./adapters/kubernetes/kubeconfig-source.ts";
import { openManifestsCluster } from "./adapters/manifests/manifests-cluster.ts";
import { azureCredential } from "./compose-store.ts";
import type { Settings } from "./config.ts";
import { ClusterUnreachableError } from "./errors.ts";
import type { ClusterConfiguration } from "./model/fleet-configuration.ts";
import type { ClusterPort, ClusterSource } from "./ports.ts";

export function openClusterSources(settings: Settings): ClusterSource {
  const azure = azureAccess(settings);
  const opened = new Map<string, Promise<ClusterPort>>();
  return {
    open: async (cluster) => {
      const pending = opened.get(cluster.name) ?? openCluster(cluster, settings, azure);
      opened.set(cluster.name, pending);
      try {
        return await pending;
      } catch (caught) {
        // The next pass tries again: a kubeconfig may be corrected meanwhile.
        if (opened.get(cluster.name) === pending) opened.delete(cluster.name);
        throw caught;
      }
    },
    discover: (discovery, signal) => discoverAksClusters({ arm: azure.arm, discovery, signal }),
    close: async () => {
      const ports = await Promise.allSettled(opened.values());
      opened.clear();
      await Promise.all(ports.flatMap((port) => (port.status === "fulfilled" ? [port.value.close()] : [])));
    },
  };
}

type AzureAccess = { readonly arm: ArmClients; readonly tokens: TokenCache };

/** One identity, one token and one client per subscription for all AKS clusters. Nobody is asked before the first use. */
function azureAccess(settings: Settings): AzureAccess {
  const credential = azureCredential(settings);
  return { arm: new ArmClients(credential), tokens: new TokenCache(credential) };
}

async function openCluster(
  cluster: ClusterConfiguration,
  settings: Settings,
  azure: AzureAccess,
): Promise<ClusterPort> {
  const { name, source } = cluster;
  switch (source.kind) {
    case "manifests":
      return openManifestsCluster({ name, directory: source.directory });
    case "kubeconfig": {
      const paths = source.path === undefined ? settings.kubeconfigPaths : [source.path];
      return openKubeconfigCluster({ name, paths, context: source.context });
    }
    case "aks":
      return openAksCluster({ name, resourceId: source.resourceId, ...azure, openCluster: openKubernetesCluster });
    case "missing":
      throw new ClusterUnreachableError(name, "it is no longer configured");
  }
}
