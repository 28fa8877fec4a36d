/** The programs that tests build from source, and what a build needs to know. Data only. */

/** A new one needs a folder with go.mod, go.sum and tools.go, and a row here. */
export type Component = {
  readonly binary: string;
  /** Below this folder; holds go.mod and go.sum. */
  readonly folder: string;
  /** The required module that gives the version. */
  readonly module: string;
  /** The main package to build. */
  readonly command: string;
  /** Linker variable that receives the version, where the program reports one. */
  readonly versionVariable?: string;
  /** Part of the binaries that envtest ships, so `KUBEBUILDER_ASSETS` decides when it is set. */
  readonly inKubebuilderAssets: boolean;
  /** What to expect on two cores with nothing cached; for the progress line. */
  readonly coldBuild: string;
};

/** One build, read from a component's folder. */
export type BuildPlan = {
  readonly component: Component;
  readonly sourceFolder: string;
  readonly version: string;
  readonly ldflags: string;
  /** Folder of the binary in the cache; nothing else is kept there. */
  readonly targetFolder: string;
};

export const KUBE_APISERVER: Component = {
  binary: "kube-apiserver",
  folder: "kube-apiserver",
  module: "k8s.io/kubernetes",
  command: "k8s.io/kubernetes/cmd/kube-apiserver",
  versionVariable: "k8s.io/component-base/version.gitVersion",
  inKubebuilderAssets: true,
  coldBuild: "about 5 minutes",
};

export const KUBECTL: Component = {
  ...KUBE_APISERVER,
  binary: "kubectl",
  command: "k8s.io/kubernetes/cmd/kubectl",
  coldBuild: "half a minute more than kube-apiserver",
};

export const ETCD: Component = {
  binary: "etcd",
  folder: "etcd",
  module: "go.etcd.io/etcd/server/v3",
  command: "go.etcd.io/etcd/server/v3",
  inKubebuilderAssets: true,
  coldBuild: "about a minute",
};

/** Optional: its module can leave the module proxy at any time (see its go.mod). */
export const ISTIOD: Component = {
  binary: "pilot-discovery",
  folder: "istiod",
  module: "istio.io/istio",
  command: "istio.io/istio/pilot/cmd/pilot-discovery",
  inKubebuilderAssets: false,
  coldBuild: "5 to 8 minutes",
};

/** Two versions: what 0.22 changed (a required policy, other filters, its behaviour without an API server) matters to fleets. */
export const EXTERNAL_DNS_0_20: Component = {
  binary: "external-dns",
  folder: "external-dns-0.20",
  module: "sigs.k8s.io/external-dns",
  command: "sigs.k8s.io/external-dns",
  inKubebuilderAssets: false,
  coldBuild: "3 to 5 minutes",
};

export const EXTERNAL_DNS_0_22: Component = { ...EXTERNAL_DNS_0_20, folder: "external-dns-0.22" };
