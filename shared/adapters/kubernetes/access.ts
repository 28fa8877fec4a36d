/**
 * What is needed to talk to one API server: where it is, whom to trust there, and how we prove who we are.
 * Made from a kubeconfig (kubeconfig-source.ts) or by the caller, e.g. from Azure's answer about a managed cluster.
 */

/** Proof that is valid now. Certificates are PEM. */
export type Credentials = {
  /** `Authorization`, and `Impersonate-User` where a kubeconfig asks for it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly certificate?: { readonly cert: string; readonly key: string };
};

/** Where credentials come from. A source caches: `current` is asked before every request. */
export interface CredentialSource {
  /**
   * Concurrent calls share one acquisition; the signal only ends the waiting of this caller.
   * @throws FleetError when none can be had, or the signal's reason.
   */
  current(signal: AbortSignal): Promise<Credentials>;
  /** The API server answered 401 to `refused`: what is cached must not be used again. */
  reject(refused: Credentials): void;
}

export type ClusterAccess = {
  /** `https://host:port`, with a path where a proxy serves several clusters. */
  readonly server: string;
  /** PEM of the authorities to trust instead of the system's. */
  readonly caPem?: string;
  /** Name in the server's certificate where it differs from the host of `server`. */
  readonly tlsServerName?: string;
  /** Only a kubeconfig may ask for this, in so many words. */
  readonly insecureSkipTlsVerify?: boolean;
  /** `http://` or `https://` proxy that tunnels to the server. */
  readonly proxyUrl?: string;
  readonly credentials: CredentialSource;
};

/** Limits of one connection; defaults fit a cluster some regions away. */
export type ConnectionLimits = {
  /** Connections to the API server, kept open between requests and passes. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** One request, from sending it to the last byte of its answer, without waiting for a retry. */
  readonly requestTimeoutMs: number;
};

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  connections: 16,
  connectTimeoutMs: 5_000,
  requestTimeoutMs: 30_000,
};
