/**
 * Credentials of a kubeconfig user, kept fresh. The Kubernetes client knows how to get them (certificate, token, exec plugin, …);
 * this adds what it lacks: one plugin run for all who wait, an end to the waiting, renewal before a token expires and after
 * it was refused, and a look at the file once a minute, so that a rotated token or certificate needs no restart.
 */
import type { RequestOptions } from "node:https";
import { boundedDetail } from "../../error-detail.ts";
import { ClusterUnauthorizedError, FleetError } from "../../errors.ts";
import type { Credentials, CredentialSource } from "./access.ts";

/** How long credentials are used without asking again; the client keeps a plugin's token until it expires. */
const REUSE_MS = 60_000;
/** A token is renewed this long before it expires, so that none expires on the way. */
const EXPIRY_MARGIN_MS = 120_000;
/** Tokens that live shorter than the margin are still used for a moment, or every request would run the plugin. */
const LEAST_REUSE_MS = 5_000;
/** A plugin that waits for a browser login never ends by itself. */
const PLUGIN_TIMEOUT_MS = 30_000;

/** A user of a kubeconfig, and the part of the client that authenticates it. A plugin's token is kept in here. */
export type SelectedUser = {
  readonly config: { applyToHTTPSOptions(options: RequestOptions): Promise<void> };
  readonly user: { readonly exec?: unknown; readonly authProvider?: unknown };
};

export class KubeconfigCredentials implements CredentialSource {
  readonly #cluster: string;
  readonly #select: () => SelectedUser;
  readonly #nowMs: () => number;
  #selected: SelectedUser | undefined;
  #cached: { readonly credentials: Credentials; readonly untilMs: number; readonly expiresAtMs: number } | undefined;
  #pending: Promise<Credentials> | undefined;

  /** @param select reads the files again. @param nowMs wall clock, because tokens expire by it. */
  constructor(cluster: string, select: () => SelectedUser, nowMs: () => number = Date.now) {
    this.#cluster = cluster;
    this.#select = select;
    this.#nowMs = nowMs;
  }

  async current(signal: AbortSignal): Promise<Credentials> {
    if (this.#cached !== undefined && this.#nowMs() < this.#cached.untilMs) return this.#cached.credentials;
    signal.throwIfAborted();
    if (this.#pending === undefined) {
      this.#pending = this.#acquire().finally(() => {
        this.#pending = undefined;
      });
      // Everybody who waited may have been aborted by the time it fails; that must not end the process.
      this.#pending.catch(() => {});
    }
    return await orAborted(this.#pending, signal);
  }

  reject(refused: Credentials): void {
    if (this.#cached?.credentials !== refused) return;
    this.#cached = undefined;
    this.#selected = undefined;
  }

  async #acquire(): Promise<Credentials> {
    const nowMs = this.#nowMs();
    const expiring = this.#cached !== undefined && nowMs > this.#cached.expiresAtMs - EXPIRY_MARGIN_MS;
    // A plugin's own cache lives in the selection, so a new one runs the plugin again.
    const selected =
      this.#selected !== undefined && isRenewedByClient(this.#selected) && !expiring ? this.#selected : this.#select();
    const options: RequestOptions = {};
    try {
      await withTimeout(selected.config.applyToHTTPSOptions(options), PLUGIN_TIMEOUT_MS);
    } catch (caught) {
      if (caught instanceof FleetError) throw caught;
      const command = pluginOf(selected);
      const message = boundedDetail(caught instanceof Error ? caught.message : String(caught));
      // The client keeps what a failed plugin printed, and not its exit code.
      const said = message === "" ? "it ended with an exit code other than 0 and printed nothing" : message;
      const detail = `${command === undefined ? "no credential" : `the credential plugin ${command} failed`}: ${said}`;
      throw new ClusterUnauthorizedError(this.#cluster, detail, caught);
    }
    const read = credentialsOf(options);
    // The same credentials stay the same object: after a 401 that is how one sees that there are no others.
    const credentials =
      this.#cached !== undefined && sameCredentials(this.#cached.credentials, read) ? this.#cached.credentials : read;
    const expiresAtMs = tokenExpiryMs(credentials.headers.Authorization);
    const untilMs = Math.max(nowMs + LEAST_REUSE_MS, Math.min(nowMs + REUSE_MS, expiresAtMs - EXPIRY_MARGIN_MS));
    this.#selected = selected;
    this.#cached = { credentials, untilMs, expiresAtMs };
    return credentials;
  }
}

/** Exec plugins and auth providers keep their tokens in the client; everything else is what the file says. */
function isRenewedByClient(selected: SelectedUser): boolean {
  const { exec, authProvider } = selected.user;
  return (exec ?? undefined) !== undefined || (authProvider ?? undefined) !== undefined;
}

function pluginOf(selected: SelectedUser): string | undefined {
  const exec: unknown = selected.user.exec;
  if (typeof exec !== "object" || exec === null || !("command" in exec)) return undefined;
  return typeof exec.command === "string" ? exec.command : undefined;
}

function credentialsOf(options: RequestOptions): Credentials {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === "string") headers[name] = value.trim();
  }
  const cert = pemOf(options.cert);
  const key = pemOf(options.key);
  return { headers, ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }) };
}

function pemOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Buffer.isBuffer(value) ? value.toString("utf8") : undefined;
}

function sameCredentials(a: Credentials, b: Credentials): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Expiry of a JWT, infinity where the token is none: then the plugin's own word, which the client obeys, has to do. */
function tokenExpiryMs(authorization: string | undefined): number {
  const payload = authorization?.split(".")[1];
  if (payload === undefined) return Number.POSITIVE_INFINITY;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp = typeof claims === "object" && claims !== null && "exp" in claims ? claims.exp : undefined;
    return typeof exp === "number" ? exp * 1_000 : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

async function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener("abort", abort);
  }
}
