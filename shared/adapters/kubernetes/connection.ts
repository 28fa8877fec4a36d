/**
 * One cluster's connection: sends single requests through the Kubernetes client with credentials, a deadline each and one
 * more try with new credentials after a 401. Answers other than 2xx are thrown as failures that fleet-errors.ts judges.
 * All kinds take this one way, because the client's generated classes know custom resources and core kinds by different
 * ones, and the latter turn times into Date objects that a schema for JSON refuses.
 * Imports the clients for HTTP and Kubernetes, up to 0.3 s: to be imported when a cluster is opened and not before.
 */
import {
  type Configuration,
  createConfiguration,
  type RequestContext,
  type ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import { ConfigurationError } from "../../errors.ts";
import type { JsonObject } from "../../model/json.ts";
import { type ClusterAccess, type ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from "./access.ts";
import { StatusFailure } from "./request-failure.ts";
import { CertificatePools, createTransport } from "./transport.ts";

const USER_AGENT = "service-router-functions";

export type ApiRequest = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the server's address, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject | readonly JsonObject[];
  /** Of the body; default application/json. */
  readonly contentType?: string;
};

export type KubernetesConnection = {
  /** Name of the cluster in the fleet, for messages. */
  readonly cluster: string;
  /** For the client's generated APIs: same server, credentials and pool of connections. */
  readonly configuration: Configuration;
  /**
   * The body of a 2xx answer, as text: most writes do not look at it.
   * @throws StatusFailure, NoAnswerFailure, FleetError of the credential source, or the signal's reason.
   */
  send(request: ApiRequest, signal: AbortSignal): Promise<string>;
  /** The `Date` header of the answer; undefined when there is none that can be read. @throws as send */
  dateMs(request: ApiRequest, signal: AbortSignal): Promise<number | undefined>;
  close(): Promise<void>;
};

/** Opens no socket yet. @throws ConfigurationError when server, CA or client certificate cannot be used. */
export function openConnection(options: {
  readonly cluster: string;
  readonly access: ClusterAccess;
  readonly limits?: Partial<ConnectionLimits>;
}): KubernetesConnection {
  const { cluster, access } = options;
  checkServer(cluster, access);
  const limits = { ...DEFAULT_CONNECTION_LIMITS, ...options.limits };
  const transport = createTransport(cluster, access, limits);
  const pools = new CertificatePools(cluster, access, limits);
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(access.server, {}),
    httpApi: wrapHttpLibrary(transport),
    authMethods: {
      default: {
        getName: () => "cluster access",
        applySecurityAuthentication: async (context) => {
          const credentials = await access.credentials.current(context.getSignal() ?? new AbortController().signal);
          for (const [name, value] of Object.entries(credentials.headers)) context.setHeaderParam(name, value);
          const pool = pools.poolFor(credentials);
          if (pool !== undefined) context.setDispatcher(pool);
        },
      },
    },
  });
  return {
    cluster,
    configuration,
    send: async (request, signal) => (await sendWithRenewal({ configuration, access, request, signal })).body,
    dateMs: async (request, signal) => {
      const { headers } = await sendWithRenewal({ configuration, access, request, signal });
      const ms = Date.parse(headers["date"] ?? "");
      return Number.isNaN(ms) ? undefined : ms;
    },
    close: async () => {
      await Promise.all([transport.close(), pools.close()]);
    },
  };
}

function checkServer(cluster: string, access: ClusterAccess): void {
  const url = URL.canParse(access.server) ? new URL(access.server) : undefined;
  if (url?.protocol === "https:") return;
  // `kubectl proxy` and the like; a token must not cross a network in clear because somebody forgot an s.
  if (url?.protocol === "http:" && access.insecureSkipTlsVerify === true) return;
  const message = `${access.server} is not an https:// address (http:// only with insecure-skip-tls-verify: true)`;
  throw new ConfigurationError(`cluster ${cluster}`, [{ path: "server", message }]);
}

type Sending = {
  readonly configuration: Configuration;
  readonly access: ClusterAccess;
  readonly request: ApiRequest;
  readonly signal: AbortSignal;
};

type Answer = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

async function sendWithRenewal(sending: Sending): Promise<Answer> {
  const { access, signal } = sending;
  const used = await access.credentials.current(signal);
  try {
    return await sendOnce(sending);
  } catch (failure) {
    if (!(failure instanceof StatusFailure) || failure.status !== 401) throw failure;
    access.credentials.reject(used);
    // A fixed token comes back as it was: asking again would only double the load of every refused request.
    if ((await access.credentials.current(signal)) === used) throw failure;
    return await sendOnce(sending);
  }
}

async function sendOnce(sending: Sending): Promise<Answer> {
  const { configuration, request, signal } = sending;
  const context: RequestContext = configuration.baseServer.makeRequestContext(request.path, request.method);
  context.setSignal(signal);
  context.setHeaderParam("accept", "application/json");
  context.setHeaderParam("user-agent", USER_AGENT);
  for (const [name, value] of Object.entries(request.query ?? {})) context.setQueryParam(name, value);
  if (request.body !== undefined) {
    context.setHeaderParam("content-type", request.contentType ?? "application/json");
    context.setBody(JSON.stringify(request.body));
  }
  await configuration.authMethods.default?.applySecurityAuthentication(context);
  const answer = await configuration.httpApi.send(context).toPromise();
  const body = await answer.body.text();
  if (answer.httpStatusCode >= 200 && answer.httpStatusCode < 300) return { body, headers: answer.headers };
  throw new StatusFailure({ status: answer.httpStatusCode, body, retryAfterMs: retryAfterMs(answer) });
}

/** `Retry-After` in seconds or as a date. */
function retryAfterMs(answer: ResponseContext): number | undefined {
  const value = answer.headers["retry-after"];
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
