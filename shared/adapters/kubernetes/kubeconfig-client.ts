/** The one name of the Kubernetes client that reads kubeconfigs: listed, so that the bundler leaves the rest of its 16 MB out. */
export { KubeConfig } from "@kubernetes/client-node";
