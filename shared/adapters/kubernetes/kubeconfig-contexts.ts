/** Which contexts kubeconfig files have, and where each leads. Opens nothing and runs no plugin. */
import { ConfigurationError } from "../../errors.ts";

export type KubeconfigContexts = {
  /** Of the first file that names one; it may name one that is not there. */
  readonly current?: string;
  /** In the order of the files; of two with one name the first counts, as with kubectl. */
  readonly contexts: readonly {
    readonly name: string;
    /** Address of its API server; absent when its cluster is not there or has none. */
    readonly server?: string;
  }[];
};

/** @throws ConfigurationError when a file cannot be read, or none is known. */
export async function readContexts(paths: readonly string[]): Promise<KubeconfigContexts> {
  if (paths.length === 0) {
    const message =
      "there is no kubeconfig to look for: neither KUBECONFIG nor a home directory is known; give --kubeconfig";
    throw new ConfigurationError("kubeconfig", [{ path: "", message }]);
  }
  const client = await import("./kubeconfig-client.ts");
  const files = paths.map((path) => {
    try {
      const config = new client.KubeConfig();
      config.loadFromFile(path, { onInvalidEntry: "filter" });
      return config;
    } catch (caught) {
      const reason = caught instanceof Error ? caught.message : String(caught);
      const message = `cannot be read: ${reason}`;
      throw new ConfigurationError(`kubeconfig ${path}`, [{ path: "", message }], caught);
    }
  });
  const current = files.map((file) => file.currentContext).find((name) => name !== "" && name !== undefined);
  const clusters = firstOfEachName(files.flatMap((file) => file.clusters));
  const contexts = firstOfEachName(files.flatMap((file) => file.contexts));
  return {
    ...(current === undefined ? {} : { current }),
    contexts: [...contexts.values()].map(({ name, cluster }) => {
      const server = clusters.get(cluster ?? "")?.server ?? "";
      return server === "" ? { name } : { name, server };
    }),
  };
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  const first = new Map<string, T>();
  for (const entry of entries) if (!first.has(entry.name)) first.set(entry.name, entry);
  return first;
}
