/**
 * The wire: one long-lived pool of at most 16 connections per cluster, given to the Kubernetes client as its HTTP library.
 * The client's own library makes a TLS connection for every request and sends through WHATWG fetch; measured on a
 * loopback server, 2,000 small PATCHes at 16 at a time: own fetch with one agent 982 ms, this 390 ms, undici alone 244 ms.
 * HTTP/1.1 on purpose: one slow list must not hold up the writes that would share its HTTP/2 connection.
 */
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type RequestContext, ResponseContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import { ConfigurationError } from "../../errors.ts";
import type { ClusterAccess, ConnectionLimits, Credentials } from "./access.ts";
import { asNoAnswer, NoAnswerFailure } from "./request-failure.ts";

/** The API server closes idle connections after 90 s; a pass is due every 60 s and should find them open. */
const KEEP_ALIVE_MS = 75_000;
/** A page of 500 objects is about 1 MB; an answer beyond this is no list page. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Bounds of one piece when an answer is unpacked, whatever its data say of its length. */
const LEAST_CHUNK_BYTES = 16 * 1024;
const MOST_CHUNK_BYTES = 16 * 1024 * 1024;

const inflate = promisify(gunzip);

export type Transport = {
  send(context: RequestContext): Promise<ResponseContext>;
  /** Breaks what is under way. */
  close(): Promise<void>;
};

/** @throws ConfigurationError when the CA or the proxy cannot be used. */
export function createTransport(cluster: string, access: ClusterAccess, limits: ConnectionLimits): Transport {
  const dispatcher = createDispatcher(cluster, access, limits);
  const send = async (context: RequestContext): Promise<ResponseContext> => {
    const deadline = startDeadline(context.getSignal(), limits.requestTimeoutMs);
    try {
      const answer = await request(context.getUrl(), {
        method: context.getHttpMethod(),
        headers: { ...context.getHeaders(), "accept-encoding": "gzip" },
        body: bodyText(context),
        dispatcher: context.getDispatcher() ?? dispatcher,
        signal: deadline.signal,
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      const headers = singleValues(answer.headers);
      const plain = headers["content-encoding"] === "gzip" ? await inflateWhole(bytes) : bytes;
      return new ResponseContext(answer.statusCode, headers, bodyOf(plain));
    } catch (caught) {
      throw deadline.reason() ?? asNoAnswer(caught);
    } finally {
      deadline.end();
    }
  };
  return { send, close: () => dispatcher.destroy() };
}

/**
 * In one piece: gzip data ends with the length of what it holds. By Node's default of 16 kB at a time a page takes a hundred
 * turns of the thread pool, and twice its size in buffers.
 */
async function inflateWhole(bytes: Buffer): Promise<Buffer> {
  const saidBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4);
  // One byte more than needed is how zlib sees that it is done.
  const chunkSize = Math.min(Math.max(saidBytes, LEAST_CHUNK_BYTES) + 1, MOST_CHUNK_BYTES);
  return await inflate(bytes, { chunkSize, maxOutputLength: MAX_ANSWER_BYTES });
}

/** Pools per client certificate: an exec plugin or a renewed kubeconfig may bring another one while we run. */
export class CertificatePools {
  readonly #cluster: string;
  readonly #access: ClusterAccess;
  readonly #limits: ConnectionLimits;
  #current: { readonly certificate: string; readonly dispatcher: Dispatcher } | undefined;
  constructor(cluster: string, access: ClusterAccess, limits: ConnectionLimits) {
    this.#cluster = cluster;
    this.#access = access;
    this.#limits = limits;
  }

  /** The pool for these credentials, undefined when they carry no certificate. The one of an older certificate ends. */
  poolFor(credentials: Credentials): Dispatcher | undefined {
    const { certificate } = credentials;
    if (certificate === undefined) return undefined;
    if (this.#current?.certificate !== certificate.cert) {
      const old = this.#current?.dispatcher;
      const dispatcher = createDispatcher(this.#cluster, this.#access, this.#limits, certificate);
      this.#current = { certificate: certificate.cert, dispatcher };
      // Requests under way finish on the old pool; nobody waits for that.
      void old?.close().catch(() => {});
    }
    return this.#current.dispatcher;
  }

  async close(): Promise<void> {
    await this.#current?.dispatcher.destroy();
  }
}

function createDispatcher(
  cluster: string,
  access: ClusterAccess,
  limits: ConnectionLimits,
  certificate?: Credentials["certificate"],
): Dispatcher {
  const tls = {
    ...(access.caPem === undefined ? {} : { ca: access.caPem }),
    ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
    ...(access.insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
    ...certificate,
  };
  try {
    createSecureContext(tls);
    // The TLS layer ignores an authority that it cannot read, and would blame the server's certificate later.
    if (access.caPem !== undefined) parseAuthority(access.caPem);
  } catch (caught) {
    const message = `certificate data cannot be used: ${caught instanceof Error ? caught.message : String(caught)}`;
    throw new ConfigurationError(`cluster ${cluster}`, [{ path: "source", message }], caught);
  }
  const connect = { ...tls, timeout: limits.connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: 30_000 };
  const pool = {
    allowH2: false,
    connections: limits.connections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: limits.requestTimeoutMs,
    bodyTimeout: limits.requestTimeoutMs,
  };
  if (access.proxyUrl === undefined) return new Agent({ ...pool, connect });
  return new ProxyAgent({ ...pool, uri: access.proxyUrl, requestTls: tls, connectTimeout: limits.connectTimeoutMs });
}

/** @throws when the text begins with no certificate. */
function parseAuthority(pem: string): X509Certificate {
  return new X509Certificate(pem);
}

type Deadline = {
  readonly signal: AbortSignal;
  /** Why the request was ended by us, if it was: the caller's reason, or a failure that names the span. */
  reason(): unknown;
  end(): void;
};

/** Cheaper than AbortSignal.any with AbortSignal.timeout, and leaves nothing on the caller's signal. */
function startDeadline(caller: AbortSignal | undefined, ms: number): Deadline {
  const controller = new AbortController();
  const forward = (): void => controller.abort(caller?.reason);
  const timer = setTimeout(() => {
    controller.abort(new NoAnswerFailure("REQUEST_TIMEOUT", `no answer within ${ms} ms`));
  }, ms);
  if (caller?.aborted === true) forward();
  caller?.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    reason: () => (controller.signal.aborted ? controller.signal.reason : undefined),
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", forward);
    },
  };
}

function bodyText(context: RequestContext): string | null {
  const body = context.getBody();
  return typeof body === "string" ? body : null;
}

function singleValues(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return single;
}

function bodyOf(bytes: Buffer): ResponseContext["body"] {
  return {
    text: () => Promise.resolve(bytes.toString("utf8")),
    binary: () => Promise.resolve(bytes),
    stream: () => null,
  };
}
