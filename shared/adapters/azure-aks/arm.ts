/** Clients of Azure Resource Manager for managed clusters, one per subscription, made when first needed. */
import type { ContainerServiceClient } from "@azure/arm-containerservice";
import { refuseLongWaits } from "./azure-errors.ts";
import type { AzureCredential } from "./token-cache.ts";

export type ArmOptions = {
  /** Default: the public cloud's. */
  readonly endpoint?: string;
  /** PEM of the authority of `endpoint`, where it is not a public one. */
  readonly caPem?: string;
};

export class ArmClients {
  readonly #credential: AzureCredential;
  readonly #options: ArmOptions;
  readonly #clients = new Map<string, Promise<ContainerServiceClient>>();
  constructor(credential: AzureCredential, options: ArmOptions = {}) {
    this.#credential = credential;
    this.#options = options;
  }

  /** The SDK is imported with the first client: it costs start-up time and a fleet without AKS never needs it. */
  async forSubscription(subscription: string): Promise<ContainerServiceClient> {
    const key = subscription.toLowerCase();
    const known = this.#clients.get(key);
    if (known !== undefined) return await known;
    const made = this.#create(subscription);
    this.#clients.set(key, made);
    return await made;
  }

  async #create(subscription: string): Promise<ContainerServiceClient> {
    const { ContainerServiceClient } = await import("@azure/arm-containerservice");
    const { endpoint, caPem } = this.#options;
    const client = new ContainerServiceClient(this.#credential, subscription, {
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(caPem === undefined ? {} : { tlsOptions: { ca: caPem } }),
    });
    client.pipeline.addPolicy(
      {
        name: "refuseLongWaits",
        sendRequest: async (request, next) => {
          const response = await next(request);
          refuseLongWaits(response.status, response.headers.get("retry-after"));
          return response;
        },
      },
      { afterPhase: "Retry" },
    );
    return client;
  }
}
