/** Commands with the names filled in, for a shell. Nothing here runs any. */
import type { ClusterConfiguration } from "../../model/fleet-configuration.ts";

/** `kubectl --context weu-01`; undefined where the cluster is a directory, or no longer configured. */
export function kubectl({ source }: ClusterConfiguration): string | undefined {
  switch (source.kind) {
    case "kubeconfig": {
      const file = source.path === undefined ? "" : ` --kubeconfig ${word(source.path)}`;
      return `kubectl${file} --context ${word(source.context)}`;
    }
    case "aks":
      return `kubectl --context ${word(lastPart(source.resourceId))}`;
    case "manifests":
    case "missing":
      return undefined;
  }
}

/** The same cluster for Helm. */
export function helm(cluster: ClusterConfiguration): string | undefined {
  return kubectl(cluster)?.replace("kubectl", "helm").replace("--context", "--kube-context");
}

/** Commands of one object: `kubectl … -n namespace verb kind name`. None where there is no kubectl for it. */
export function onObject(
  cluster: ClusterConfiguration,
  key: string,
  command: (name: string) => string,
): readonly string[] {
  const prefix = kubectl(cluster);
  const [namespace = "", name = ""] = key.split("/");
  return prefix === undefined ? [] : [`${prefix} -n ${word(namespace)} ${command(word(name))}`];
}

/** Where the objects of a cluster are to be changed when there is no kubectl for it. */
export function directoryHint({ source }: ClusterConfiguration): string {
  return source.kind === "manifests" ? ` (in ${source.directory})` : "";
}

/** One word for a POSIX shell. */
export function word(text: string): string {
  return /^[\w./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function lastPart(resourceId: string): string {
  return resourceId.split("/").findLast((part) => part !== "") ?? resourceId;
}
