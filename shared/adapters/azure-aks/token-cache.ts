/**
 * Entra tokens for the API servers of all AKS clusters: one token serves the whole fleet, so it is asked for once, renewed
 * before it expires, and an old one that is still valid bridges an outage of the token service.
 * The managed identity SDK asks the platform for every call, and the platform throttles.
 */

/** As @azure/identity has it; injected, so that tests and other identities fit. */
export interface AzureCredential {
  getToken(
    scopes: string | string[],
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** The Entra application of every AKS API server, the same in all clouds. No kubelogin is needed. */
export const AKS_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

/** Tokens live about an hour or more; renewed this long before the end. */
const MARGIN_MS = 300_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** What goes with a request. The same token stays the same object: that is how one sees after a 401 that there is no other. */
export type TokenHeaders = { readonly headers: { readonly Authorization: string } };

export class TokenCache {
  readonly #credential: AzureCredential;
  readonly #scope: string;
  #cached: { readonly value: TokenHeaders; readonly expiresAtMs: number } | undefined;
  #pending: Promise<TokenHeaders> | undefined;
  constructor(credential: AzureCredential, scope = AKS_SCOPE) {
    this.#credential = credential;
    this.#scope = scope;
  }

  /** Concurrent calls share one request. @throws what the credential throws. */
  async current(): Promise<TokenHeaders> {
    const { value, expiresAtMs = 0 } = this.#cached ?? {};
    const leftMs = expiresAtMs - Date.now();
    if (value !== undefined && leftMs > MARGIN_MS) return value;
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    try {
      return await this.#pending;
    } catch (caught) {
      if (value !== undefined && leftMs > 0) return value;
      throw caught;
    }
  }

  /** Not used again after an API server refused it. */
  reject(refused: { readonly headers: object }): void {
    if (this.#cached?.value.headers === refused.headers) this.#cached = undefined;
  }

  async #renew(): Promise<TokenHeaders> {
    const options = { abortSignal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) };
    const answer = await this.#credential.getToken(this.#scope, options);
    if (answer === null) throw new Error("the identity has no token to give");
    const authorization = `Bearer ${answer.token}`;
    const same = this.#cached?.value.headers.Authorization === authorization ? this.#cached.value : undefined;
    const value = same ?? { headers: { Authorization: authorization } };
    this.#cached = { value, expiresAtMs: answer.expiresOnTimestamp };
    return value;
  }
}
