/**
 * Raw requests to one API server, for arranging and checking in tests. On purpose not the product's own client: a fault
 * there must not hide in the test's view of the cluster.
 */
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";

/** Long enough for a CRD on two busy cores; a hanging server must fail a test, not the whole run. */
const REQUEST_TIMEOUT_MS = 20_000;
const MAX_CONNECTIONS = 16;

export type ApiCall = {
  readonly method: string;
  /** With query, e.g. `/api/v1/namespaces?limit=1`. */
  readonly path: string;
  /** A string is sent as it is, everything else as JSON. */
  readonly body?: unknown;
  /** Without it: application/json, and a merge patch for PATCH. */
  readonly contentType?: string;
};

export type ApiAnswer = {
  readonly status: number;
  /** Parsed when it is JSON (`/readyz` answers plain text). */
  readonly body: unknown;
};

export type ApiClient = {
  readonly call: (token: string, call: ApiCall) => Promise<ApiAnswer>;
  readonly close: () => void;
};

/** Connections are kept and reused; the server's certificate is verified against `caPem` only. */
export function createApiClient(url: string, caPem: string): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, ca: caPem });
  const call = async (token: string, wanted: ApiCall): Promise<ApiAnswer> => {
    try {
      return await send({ url, agent, token, wanted });
    } catch (error) {
      // A kept connection can be the one of a server that was killed and restarted since; a new one tells the truth.
      if (error instanceof StaleConnectionError) return await send({ url, agent, token, wanted });
      throw error;
    }
  };
  return { call, close: () => agent.destroy() };
}

/** A reused connection broke before any answer. */
class StaleConnectionError extends Error {
  override readonly name = "StaleConnectionError";
}

type Sending = {
  readonly url: string;
  readonly agent: Agent;
  readonly token: string;
  readonly wanted: ApiCall;
};

function send(sending: Sending): Promise<ApiAnswer> {
  const { wanted, token } = sending;
  const text = wanted.body === undefined || typeof wanted.body === "string" ? wanted.body : JSON.stringify(wanted.body);
  const options: RequestOptions = {
    agent: sending.agent,
    method: wanted.method,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      ...(text === undefined ? {} : { "content-type": contentType(wanted), "content-length": Buffer.byteLength(text) }),
    },
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(new URL(wanted.path, sending.url), options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const answer = Buffer.concat(chunks).toString("utf8");
        const isJson = response.headers["content-type"]?.includes("json") === true;
        resolve({ status: response.statusCode ?? 0, body: isJson && answer !== "" ? JSON.parse(answer) : answer });
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(isStale ? new StaleConnectionError(`${wanted.method} ${wanted.path}`, { cause: error }) : error);
    });
    request.end(text);
  });
}

function contentType(call: ApiCall): string {
  return call.contentType ?? (call.method === "PATCH" ? "application/merge-patch+json" : "application/json");
}
