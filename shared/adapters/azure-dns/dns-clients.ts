/**
 * Clients of Azure Private DNS, one per subscription, made when first needed: the SDK costs start-up time, and each client
 * keeps a token of its own. Its retries are off: they lose writes (80 parallel creates against 60 a minute: 19 lost), and
 * they know nothing of a deadline.
 */
import type {
  createPrivateDnsManagement,
  PrivateDnsManagementClientOptionalParams,
  PrivateDnsManagementContext,
} from "@azure/arm-privatedns/api";

/** As @azure/identity has it. */
export type AzureCredential = Parameters<typeof createPrivateDnsManagement>[0];

export type DnsClientOptions = {
  /** Of Resource Manager; default: the public cloud's. */
  readonly endpoint?: string;
  /** PEM of the authority of `endpoint`, where it is not a public one. */
  readonly caPem?: string;
};

export class DnsClients {
  readonly #credential: AzureCredential;
  readonly #options: DnsClientOptions;
  readonly #clients = new Map<string, Promise<PrivateDnsManagementContext>>();
  constructor(credential: AzureCredential, options: DnsClientOptions = {}) {
    this.#credential = credential;
    this.#options = options;
  }

  async forSubscription(subscription: string): Promise<PrivateDnsManagementContext> {
    const key = subscription.toLowerCase();
    const known = this.#clients.get(key);
    if (known !== undefined) return await known;
    const made = this.#create(subscription);
    this.#clients.set(key, made);
    return await made;
  }

  async #create(subscription: string): Promise<PrivateDnsManagementContext> {
    const { createPrivateDnsManagement } = await import("@azure/arm-privatedns/api");
    const { endpoint, caPem } = this.#options;
    const options: PrivateDnsManagementClientOptionalParams = {
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(caPem === undefined ? {} : { tlsOptions: { ca: caPem } }),
      retryOptions: { maxRetries: 0 },
    };
    return createPrivateDnsManagement(this.#credential, subscription, options);
  }
}
