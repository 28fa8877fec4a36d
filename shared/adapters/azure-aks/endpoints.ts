/**
 * Where the API server of a managed cluster is and whom to trust there, as Azure Resource Manager says.
 * Kept until something suggests that it is wrong: Azure allows one such request per second and subscription, and an address
 * changes only when a cluster is rebuilt or its certificates are rotated.
 */
import { statusOf, withoutRequest } from "../../contracts/azure/request-failure.ts";
import { AzureUnavailableError, ClusterUnreachableError, ConfigurationError, ThrottledError } from "../../errors.ts";
import type { ArmClients } from "./arm.ts";
import { asAzureError } from "./azure-errors.ts";
import { type ManagedClusterId, requireManagedClusterId } from "./resource-id.ts";

/** A cluster that stays unreachable is asked about once in this time, not in every pass. */
const RECHECK_MS = 300_000;
const REQUEST_TIMEOUT_MS = 60_000;

export type Endpoint = { readonly server: string; readonly caPem: string };

export class AksEndpoint {
  readonly #cluster: string;
  readonly #id: ManagedClusterId;
  readonly #arm: ArmClients;
  readonly #nowMs: () => number;
  #known: Endpoint | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #doubtful = false;
  #pending: Promise<Endpoint> | undefined;

  /** @throws ConfigurationError when the resource id is none. */
  constructor(options: {
    readonly cluster: string;
    readonly resourceId: string;
    readonly arm: ArmClients;
    readonly nowMs: () => number;
  }) {
    this.#cluster = options.cluster;
    this.#id = requireManagedClusterId(options.cluster, options.resourceId);
    this.#arm = options.arm;
    this.#nowMs = options.nowMs;
  }

  /** Concurrent calls share one request. @throws FleetError when Azure says no, or says nothing and nothing is known. */
  async current(): Promise<Endpoint> {
    const due = this.#doubtful && this.#nowMs() - this.#askedAtMs > RECHECK_MS;
    if (this.#known !== undefined && !due) return this.#known;
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = undefined;
    });
    return await this.#pending;
  }

  /** The API server did not answer there, or with a certificate that is not trusted. */
  doubt(): void {
    this.#doubtful = true;
  }

  async #ask(): Promise<Endpoint> {
    this.#askedAtMs = this.#nowMs();
    try {
      this.#known = await readEndpoint(this.#cluster, this.#id, this.#arm);
      this.#doubtful = false;
      return this.#known;
    } catch (caught) {
      // Azure being away says nothing about the cluster; what it said last still stands.
      const silent = caught instanceof AzureUnavailableError || caught instanceof ThrottledError;
      if (silent && this.#known !== undefined) return this.#known;
      throw caught;
    }
  }
}

async function readEndpoint(cluster: string, id: ManagedClusterId, arm: ArmClients): Promise<Endpoint> {
  const { resourceGroup, name, subscription } = id;
  const place = `cluster/${cluster}`;
  const abortSignal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  try {
    const client = await arm.forSubscription(subscription);
    const managed = await client.managedClusters.get(resourceGroup, name, { abortSignal });
    if (managed.powerState?.code === "Stopped") {
      const detail = "it is stopped in Azure (powerState Stopped); start it, or set writes: retiring";
      throw new ClusterUnreachableError(cluster, detail);
    }
    if (managed.aadProfile === undefined) throw localAccounts(cluster, "it has no Entra integration (aadProfile)");
    const options = { format: "exec", abortSignal } as const;
    const answer = await client.managedClusters.listClusterUserCredentials(resourceGroup, name, options);
    return await parseKubeconfig(cluster, answer.kubeconfigs?.[0]?.value);
  } catch (caught) {
    if (statusOf(caught) === 404) {
      const message = `there is no managed cluster ${name} in ${resourceGroup} (${subscription}), or it cannot be seen`;
      throw new ConfigurationError(`cluster ${cluster}`, [{ path: "source.aks", message }], withoutRequest(caught));
    }
    const what = "read its address (managedClusters/read, managedClusters/listClusterUserCredential/action)";
    throw asAzureError(caught, { place, what, role: "Azure Kubernetes Service Cluster User Role" });
  }
}

/** Only the cluster's part is used; the user's part names kubelogin, which is not there, and we have a token. */
async function parseKubeconfig(cluster: string, value: Uint8Array | undefined): Promise<Endpoint> {
  if (value === undefined) throw new ClusterUnreachableError(cluster, "Azure gave no kubeconfig for it");
  const { KubeConfig } = await import("./kubeconfig-client.ts");
  const config = new KubeConfig();
  config.loadFromString(Buffer.from(value).toString("utf8"), { onInvalidEntry: "filter" });
  const [entry] = config.clusters;
  const certificate = config.users.some((user) => typeof user.certData === "string" || typeof user.token === "string");
  if (certificate) throw localAccounts(cluster, "Azure answered with a credential of a local account");
  if (entry?.caData === undefined)
    throw new ClusterUnreachableError(cluster, "Azure's kubeconfig for it names no server and CA");
  return { server: entry.server, caPem: Buffer.from(entry.caData, "base64").toString("utf8") };
}

/** Such credentials are cluster-admin for everybody who can read them, with no name in any audit log. */
function localAccounts(cluster: string, reason: string): ConfigurationError {
  const message = `${reason}; enable Entra ID on the cluster (az aks update --enable-aad), its local accounts are not used`;
  return new ConfigurationError(`cluster ${cluster}`, [{ path: "source.aks", message }]);
}
