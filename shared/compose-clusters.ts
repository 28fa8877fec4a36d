/** Part of compose: clusters by their configured source. One connection per cluster, kept for the life of the process. */
import { openKubeconfigCluster } from "./adapters/kubernetes/kubeconfig-source.ts";
import { openManifestsCluster } from "./adapters/manifests/manifests-cluster.ts";
import type { Settings } from "./config.ts";
import { ClusterUnreachableError } from "./errors.ts";
import type { ClusterConfiguration } from "./model/fleet-configuration.ts";
import type { ClusterPort, ClusterSource } from "./ports.ts";

export function openClusterSources(settings: Settings): ClusterSource {
  const opened = new Map<string, Promise<ClusterPort>>();
  return {
    open: async (cluster) => {
      const pending = opened.get(cluster.name) ?? openCluster(cluster, settings);
      opened.set(cluster.name, pending);
      try {
        return await pending;
      } catch (caught) {
        // The next pass tries again: a kubeconfig may be corrected meanwhile.
        opened.delete(cluster.name);
        throw caught;
      }
    },
    discover: async () => [],
    close: async () => {
      const ports = await Promise.allSettled(opened.values());
      opened.clear();
      await Promise.all(ports.flatMap((port) => (port.status === "fulfilled" ? [port.value.close()] : [])));
    },
  };
}

async function openCluster(cluster: ClusterConfiguration, settings: Settings): Promise<ClusterPort> {
  const { name, source } = cluster;
  switch (source.kind) {
    case "manifests":
      return openManifestsCluster({ name, directory: source.directory });
    case "kubeconfig": {
      const paths = source.path === undefined ? settings.kubeconfigPaths : [source.path];
      return openKubeconfigCluster({ name, paths, context: source.context });
    }
    case "aks":
      throw new ClusterUnreachableError(name, "source aks");
    case "missing":
      throw new ClusterUnreachableError(name, "it is no longer configured");
  }
}
