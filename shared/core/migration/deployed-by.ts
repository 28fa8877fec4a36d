/** Who keeps a Deployment as it is, by the labels that Helm, Flux and Argo CD leave on it: scaled by hand it may come back. */

export type DeployedBy = {
  readonly helmRelease?: string;
  readonly gitOps?:
    | { readonly kind: "flux-helm-release" | "flux-kustomization"; readonly namespace: string; readonly name: string }
    | { readonly kind: "argo-cd"; readonly name: string };
};

export function deployedBy(labels: Readonly<Record<string, string>>): DeployedBy {
  // Both charts, of the operator and of ExternalDNS, set the two.
  const release = labels["helm.sh/chart"] === undefined ? undefined : labels["app.kubernetes.io/instance"];
  const gitOps = gitOpsOf(labels);
  return {
    ...(release === undefined ? {} : { helmRelease: release }),
    ...(gitOps === undefined ? {} : { gitOps }),
  };
}

/** A HelmRelease says more than the Kustomization that brought it. */
function gitOpsOf(labels: Readonly<Record<string, string>>): DeployedBy["gitOps"] {
  for (const [kind, prefix] of fluxLabels) {
    const [name, namespace] = [labels[`${prefix}/name`], labels[`${prefix}/namespace`]];
    if (name !== undefined && namespace !== undefined) return { kind, namespace, name };
  }
  const application = labels["argocd.argoproj.io/instance"];
  return application === undefined ? undefined : { kind: "argo-cd", name: application };
}

const fluxLabels = [
  ["flux-helm-release", "helm.toolkit.fluxcd.io"],
  ["flux-kustomization", "kustomize.toolkit.fluxcd.io"],
] as const;

/** `Flux (HelmRelease platform/external-dns)`; undefined where nothing of it shows. */
export function gitOpsText({ gitOps }: DeployedBy): string | undefined {
  switch (gitOps?.kind) {
    case "flux-helm-release":
      return `Flux (HelmRelease ${gitOps.namespace}/${gitOps.name})`;
    case "flux-kustomization":
      return `Flux (Kustomization ${gitOps.namespace}/${gitOps.name})`;
    case "argo-cd":
      return `Argo CD (application ${gitOps.name})`;
    case undefined:
      return undefined;
  }
}
