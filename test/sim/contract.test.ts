/** The simulated API server passes the contract suite of ClusterPort: what the simulation shows holds for such a port. */
import { describeClusterPort } from "../contract/cluster-port/cluster-port-contract.ts";
import { ApiServer } from "./world/api-server.ts";
import { kindOfObject } from "./world/kind-of-object.ts";
import { simulatedCluster } from "./world/simulated-cluster.ts";

describeClusterPort("simulation", async () => {
  const server = new ApiServer("simulated", () => Date.UTC(2026, 0, 3, 10));
  const kubectl = "kubectl-client-side-apply";
  return {
    port: simulatedCluster(server),
    createNamespace: async (name) => {
      server.put("Namespace", { apiVersion: "v1", kind: "Namespace", metadata: { name } }, kubectl);
    },
    put: async (object) => {
      server.put(kindOfObject(object), object, kubectl);
    },
    remove: async (kind, key) => {
      server.delete(kind, key, { writer: { manager: kubectl } });
    },
    events: async (namespace) =>
      server.events
        .filter(({ event }) => event.key.startsWith(`${namespace}/`))
        .map(({ event, count }) => ({
          reason: event.reason,
          message: event.message,
          type: event.type,
          count,
          involved: { kind: event.kind, name: event.key.slice(namespace.length + 1), uid: event.uid },
        })),
    close: async () => {},
  };
});
