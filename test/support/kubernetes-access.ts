/** A real API server with the CRDs of the product, a fault proxy before it, and the product's adapter on both. */
import path from "node:path";
import type { ConnectionLimits, Credentials, CredentialSource } from "../../shared/adapters/kubernetes/access.ts";
import { openKubernetesCluster } from "../../shared/adapters/kubernetes/kubernetes-cluster.ts";
import type { ClusterPort } from "../../shared/ports.ts";
import {
  type ApiServer,
  type ApiServerOptions,
  type Etcd,
  startApiServer,
  startEtcd,
} from "./components/api-server.ts";
import { EXTERNAL_DNS_CRDS, installCrds, ISTIO_CRDS } from "./components/crds.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

/** Folders of the five kinds' definitions. */
export const OUR_CRDS: readonly string[] = ["cluster.router.io", "routing.router.io"].map((group) =>
  path.join(import.meta.dirname, "..", "..", "crds", group),
);

/** A token that never changes, as a static kubeconfig has it. */
export function fixedToken(token: string): CredentialSource {
  const credentials: Credentials = { headers: { Authorization: `Bearer ${token}` } };
  return { current: () => Promise.resolve(credentials), reject: () => {} };
}

export type AdapterCluster = {
  readonly etcd: Etcd;
  readonly server: ApiServer;
  readonly proxy: FaultProxy;
  /** The adapter as a user of the server, by default admin, directly or through the proxy. Closed with the rest. */
  readonly open: (options?: {
    readonly user?: string;
    readonly through?: "proxy" | "server";
    readonly limits?: Partial<ConnectionLimits>;
  }) => Promise<ClusterPort>;
  readonly close: () => Promise<void>;
};

export async function startAdapterCluster(options: Omit<ApiServerOptions, "etcd"> = {}): Promise<AdapterCluster> {
  const etcd = await startEtcd();
  const server = await startApiServer({ etcd, ...options });
  await installCrds(server, ...OUR_CRDS, EXTERNAL_DNS_CRDS, ISTIO_CRDS);
  const proxy = await startFaultProxy(server);
  const ports: ClusterPort[] = [];
  return {
    etcd,
    server,
    proxy,
    open: async ({ user = "admin", through = "proxy", limits } = {}) => {
      const { url, caPem } = through === "proxy" ? proxy : server;
      const access = { server: url, caPem, credentials: fixedToken(server.token(user)) };
      const port = await openKubernetesCluster({ name: "w1", access, ...(limits === undefined ? {} : { limits }) });
      ports.push(port);
      return port;
    },
    close: async () => {
      await Promise.all(ports.map((port) => port.close()));
      await proxy.close();
      await server.stop();
      await etcd.stop();
    },
  };
}
