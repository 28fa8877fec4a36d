/**
 * Sends the requests about one zone: paced, each with a time of its own, and again where that may help. The SDK gives the
 * connection (token, TLS, proxy, JSON); its own calls are not used, because its lists send every page after the first
 * without the caller's signal, and its errors carry the request with its token.
 * Waits have full jitter, honour `Retry-After`, and end with the caller's signal.
 */
import type { PrivateDnsManagementContext } from "@azure/arm-privatedns/api";
import { describe, refusalOf, retryAfterMs, withoutRequest } from "../../contracts/azure/request-failure.ts";
import { ThrottledError, ZoneUnreachableError } from "../../errors.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Clock } from "../../ports.ts";
import type { DnsClients } from "./dns-clients.ts";
import { PaceExceeded, type WriteKind, type WritePace } from "./write-pace.ts";
import { labelOf, placeOf, unusable, type ZoneAddress } from "./zone-errors.ts";

export type RequestPolicy = {
  /** Requests in all, the first included. */
  readonly attempts: number;
  /** Upper end of the first wait; doubles each time. */
  readonly baseMs: number;
  readonly capMs: number;
  /** A zone that asks for a longer wait than this, or whose minute is full for longer, is left to the next pass. */
  readonly longestWaitMs: number;
  /** One request, from connecting to the last byte. A page of 100 record sets takes a fraction of a second. */
  readonly requestMs: number;
};

export const DEFAULT_REQUEST_POLICY: RequestPolicy = {
  attempts: 4,
  baseMs: 500,
  capMs: 5_000,
  longestWaitMs: 10_000,
  requestMs: 10_000,
};

export type ZoneRequest = {
  readonly method: "GET" | "PUT" | "DELETE";
  /** With query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** Of a write: as what Azure counts it. */
  readonly counts?: WriteKind;
  /** For messages: `read record sets`, `write A api.example.com`. */
  readonly what: string;
};

export type ZoneAnswer = {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
  /** An earlier try of the same request got no clear answer: it may have been carried out. */
  readonly doubtful: boolean;
};

/** What may be better next time. */
type Transient = {
  readonly status: number | undefined;
  readonly detail: string;
  readonly askedMs: number | undefined;
  readonly cause: Error;
};

type Outcome = { readonly answer: Omit<ZoneAnswer, "doubtful"> } | { readonly transient: Transient };

export type ZoneRequestsOptions = {
  readonly address: ZoneAddress;
  readonly clients: DnsClients;
  readonly pace: WritePace;
  readonly clock: Clock;
  readonly policy: RequestPolicy;
  /** In [0, 1). */
  readonly random: () => number;
};

export class ZoneRequests {
  readonly #options: ZoneRequestsOptions;
  constructor(options: ZoneRequestsOptions) {
    this.#options = options;
  }

  /**
   * @returns any answer that is not worth another try, whatever it says.
   * @throws ThrottledError, ZoneUnreachableError, or the signal's reason where that is no deadline.
   */
  async send(request: ZoneRequest, signal: AbortSignal): Promise<ZoneAnswer> {
    const { attempts } = this.#options.policy;
    let doubtful = false;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await this.#try(request, signal);
        if ("answer" in outcome) return { ...outcome.answer, doubtful };
        const { transient } = outcome;
        if (attempt >= attempts) throw this.#gaveUp(transient, request);
        doubtful ||= transient.status !== 429;
        await this.#waitAfter(transient, { request, attempt, signal });
      }
    } catch (caught) {
      // Throttled says that nothing was written, which nobody knows of an earlier try.
      if (!doubtful || request.counts === undefined || !(caught instanceof ThrottledError)) throw caught;
      const detail = `it may have been carried out, and the zone throttles the next try (${request.what})`;
      throw unusable(this.#options.address, detail, caught);
    }
  }

  async #try(request: ZoneRequest, signal: AbortSignal): Promise<Outcome> {
    const { clients, address, policy } = this.#options;
    await this.#turn(request, signal);
    this.#requireTime(signal, request);
    const timeout = AbortSignal.timeout(policy.requestMs);
    try {
      const client = await clients.forSubscription(address.subscription);
      return this.#outcomeOf(await sendBy(client, request, AbortSignal.any([signal, timeout])));
    } catch (caught) {
      this.#requireTime(signal, request);
      if (isWithoutToken(caught)) {
        const detail = `no Entra token for Azure (${describe(caught)}); check the managed identity`;
        throw unusable(address, detail, withoutRequest(caught));
      }
      const detail = timeout.aborted ? `no answer within ${policy.requestMs} ms` : `no answer (${describe(caught)})`;
      return { transient: { status: undefined, detail, askedMs: undefined, cause: withoutRequest(caught) } };
    }
  }

  #outcomeOf(response: { readonly status: string; readonly headers: object; readonly body: unknown }): Outcome {
    const status = Number(response.status);
    const { body } = response;
    if (status !== 408 && status !== 429 && status < 500) return { answer: { status, body } };
    const { code, sentence } = refusalOf(body);
    const said = [`${status}`, code].filter((part) => part !== "").join(" ");
    const detail = sentence === "" ? said : `${said}: ${sentence}`;
    const header: unknown = "retry-after" in response.headers ? response.headers["retry-after"] : undefined;
    const askedMs = typeof header === "string" ? retryAfterMs(header, this.#options.clock.nowMs()) : undefined;
    return { transient: { status, detail, askedMs, cause: new Error(detail) } };
  }

  async #turn({ counts }: ZoneRequest, signal: AbortSignal): Promise<void> {
    if (counts === undefined) return;
    const { pace, policy, address } = this.#options;
    try {
      await pace.turn(counts, { longestWaitMs: policy.longestWaitMs, signal });
    } catch (caught) {
      if (signal.aborted && !isDeadline(signal)) throw signal.reason;
      if (caught instanceof PaceExceeded) throw new ThrottledError(placeOf(address), caught.waitMs, caught);
      throw caught;
    }
  }

  async #waitAfter(
    transient: Transient,
    { request, attempt, signal }: { request: ZoneRequest; attempt: number; signal: AbortSignal },
  ): Promise<void> {
    const { policy, clock, random, pace } = this.#options;
    const { askedMs = 0 } = transient;
    const jitterMs = Math.floor(random() * Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1)));
    // Never earlier than asked; the jitter comes on top, so that those who were refused together spread out.
    const waitMs = askedMs + jitterMs;
    if (transient.status === 429 && request.counts !== undefined) pace.hold(request.counts, askedMs);
    if (askedMs > policy.longestWaitMs) throw this.#gaveUp(transient, request);
    try {
      await clock.sleep(waitMs, signal);
    } catch {
      if (transient.status === 429 && isDeadline(signal)) throw this.#gaveUp(transient, request);
      this.#requireTime(signal, request);
    }
  }

  #gaveUp({ status, detail, askedMs, cause }: Transient, { what }: ZoneRequest): Error {
    const { address } = this.#options;
    if (status === 429) return new ThrottledError(placeOf(address), askedMs ?? 0, cause);
    if (status !== undefined) return unusable(address, `${detail} (${what})`, cause);
    return new ZoneUnreachableError(labelOf(address), `${detail} (${what})`, cause);
  }

  /** @throws what ends the request when the caller's signal has fired. */
  #requireTime(signal: AbortSignal, { what }: ZoneRequest): void {
    if (!signal.aborted) return;
    if (!isDeadline(signal)) throw signal.reason;
    throw new ZoneUnreachableError(labelOf(this.#options.address), `no answer within the deadline (${what})`);
  }
}

type Response = { readonly status: string; readonly headers: object; readonly body: unknown };

async function sendBy(
  client: PrivateDnsManagementContext,
  request: ZoneRequest,
  abortSignal: AbortSignal,
): Promise<Response> {
  const { method, path, headers = {}, body } = request;
  const to = client.pathUnchecked(path);
  switch (method) {
    case "GET":
      return await to.get({ abortSignal, headers });
    case "DELETE":
      return await to.delete({ abortSignal, headers });
    case "PUT":
      return await to.put({ abortSignal, headers, body, contentType: "application/json" });
  }
}

/** Errors of @azure/identity: there is no credential, or Entra ID refused it. Trying again at once will not help. */
function isWithoutToken(caught: unknown): boolean {
  return (
    caught instanceof Error && /^(?:CredentialUnavailable|Authentication|AggregateAuthentication)/.test(caught.name)
  );
}

/** Whether the signal fired because time was up, and not because the caller stopped for another reason. */
function isDeadline(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof Error && reason.name === "TimeoutError";
}
