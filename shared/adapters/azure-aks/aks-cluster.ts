/**
 * An AKS cluster as a ClusterPort: address and CA from Azure, our Entra token, and behind it the adapter for any Kubernetes.
 * Azure is asked with the first use, under that use's deadline, so that one cluster's trouble is that cluster's alone.
 */
import { aborted } from "node:util";
import { describe, withoutRequest } from "../../contracts/azure/request-failure.ts";
import { ClusterCertificateError, ClusterUnauthorizedError, ClusterUnreachableError } from "../../errors.ts";
import type { AccessRight, DeniedRight } from "../../model/access.ts";
import type { Kind, KindObjects } from "../../model/kinds.ts";
import type { ClusterPort, ObjectDelete, ObjectWrite, ReadList, ResourceEvent, StatusUpdate } from "../../ports.ts";
import type { ArmClients } from "./arm.ts";
import { AksEndpoint, type Endpoint } from "./endpoints.ts";
import type { TokenCache, TokenHeaders } from "./token-cache.ts";

/** Opens a connection to a Kubernetes API server; compose passes that adapter's `openKubernetesCluster`. */
export type OpenCluster = (options: {
  readonly name: string;
  readonly access: {
    readonly server: string;
    readonly caPem: string;
    readonly credentials: {
      current(signal: AbortSignal): Promise<TokenHeaders>;
      reject(refused: { readonly headers: object }): void;
    };
  };
}) => Promise<ClusterPort>;

export type AksClusterOptions = {
  readonly name: string;
  readonly resourceId: string;
  readonly arm: ArmClients;
  readonly tokens: TokenCache;
  readonly openCluster: OpenCluster;
  /** Wall clock; default the system's. */
  readonly nowMs?: () => number;
};

/** Asks nobody yet. @throws ConfigurationError when the resource id is none. */
export function openAksCluster(options: AksClusterOptions): ClusterPort {
  return new AksCluster(options);
}

class AksCluster implements ClusterPort {
  readonly name: string;
  readonly #options: AksClusterOptions;
  readonly #endpoint: AksEndpoint;
  #open: { readonly endpoint: Endpoint; readonly port: Promise<ClusterPort> } | undefined;
  constructor(options: AksClusterOptions) {
    this.name = options.name;
    this.#options = options;
    const { name: cluster, resourceId, arm, nowMs = Date.now } = options;
    this.#endpoint = new AksEndpoint({ cluster, resourceId, arm, nowMs });
  }

  async list<K extends Kind>(kind: K, signal: AbortSignal): Promise<ReadList<KindObjects[K]>> {
    return await this.#use(signal, (port) => port.list(kind, signal));
  }

  async istioVersion(signal: AbortSignal): Promise<"v1" | "v1beta1" | undefined> {
    return await this.#use(signal, (port) => port.istioVersion(signal));
  }

  async apply(write: ObjectWrite, signal: AbortSignal): Promise<void> {
    await this.#use(signal, (port) => port.apply(write, signal));
  }

  async remove(target: ObjectDelete, signal: AbortSignal): Promise<void> {
    await this.#use(signal, (port) => port.remove(target, signal));
  }

  async writeStatus(update: StatusUpdate, signal: AbortSignal): Promise<void> {
    await this.#use(signal, (port) => port.writeStatus(update, signal));
  }

  async recordEvent(event: ResourceEvent, signal: AbortSignal): Promise<void> {
    await this.#use(signal, (port) => port.recordEvent(event, signal));
  }

  async deniedRights(rights: readonly AccessRight[], signal: AbortSignal): Promise<readonly DeniedRight[]> {
    return await this.#use(signal, (port) => port.deniedRights(rights, signal));
  }

  async serverTimeMs(signal: AbortSignal): Promise<number | undefined> {
    return await this.#use(signal, (port) => port.serverTimeMs(signal));
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await (await open?.port)?.close();
  }

  async #use<T>(signal: AbortSignal, call: (port: ClusterPort) => Promise<T>): Promise<T> {
    const port = await this.#port(signal);
    try {
      return await call(port);
    } catch (caught) {
      if (caught instanceof ClusterUnreachableError || caught instanceof ClusterCertificateError)
        this.#endpoint.doubt();
      throw caught;
    }
  }

  async #port(signal: AbortSignal): Promise<ClusterPort> {
    const endpoint = await this.#waitFor(this.#endpoint.current(), signal);
    if (this.#open?.endpoint !== endpoint) {
      const old = this.#open?.port;
      this.#open = { endpoint, port: this.#connect(endpoint) };
      // Whatever still runs there runs against an address that is no longer the cluster's.
      void old?.then((port) => port.close()).catch(() => {});
    }
    return await this.#open.port;
  }

  async #connect(endpoint: Endpoint): Promise<ClusterPort> {
    const { name, openCluster, tokens } = this.#options;
    const current = async (signal: AbortSignal): Promise<TokenHeaders> => {
      try {
        return await this.#waitFor(tokens.current(), signal);
      } catch (caught) {
        if (signal.aborted) throw caught;
        const detail = `no Entra token for the API server (${describe(caught)}); check the managed identity`;
        throw new ClusterUnauthorizedError(name, detail, withoutRequest(caught));
      }
    };
    const credentials = { current, reject: tokens.reject.bind(tokens) };
    return await openCluster({ name, access: { ...endpoint, credentials } });
  }

  /** The work is shared with other callers and goes on; only this caller stops waiting. */
  async #waitFor<T extends object>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const ended = aborted(signal, work).then((): never => {
      throw signal.reason instanceof Error ? signal.reason : new Error("aborted");
    });
    try {
      return await Promise.race([work, ended]);
    } catch (caught) {
      if (!signal.aborted || caught !== signal.reason || !(caught instanceof Error) || caught.name !== "TimeoutError")
        throw caught;
      throw new ClusterUnreachableError(this.name, "Azure did not answer within the deadline", caught);
    }
  }
}
