/**
 * The HTTP side of the local functions host, on 127.0.0.1 only: function routes, the Event Grid webhook, and
 * `POST /admin/functions/{name}`, which starts a timer function now (202), as in Azure.
 * Guards that Azure's front end has and a laptop lacks: other host names than this machine's (DNS rebinding) and other
 * origins (a web page that posts to localhost) are refused; `x-ms-client-principal*` is dropped, since nobody signed in here.
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { asError } from "../../shared/errors.ts";
import { answerWebhook, EVENT_GRID_PATH } from "./event-grid-webhook.ts";
import type { Invocation } from "./functions-runtime.ts";
import { matchRoute, type Route } from "./routes.ts";
import { eventData, httpAnswer, httpData, timerData, type HttpAnswer } from "./wire.ts";
import type { WireData } from "./worker-protocol.ts";

export type FrontOptions = {
  readonly routes: readonly Route[];
  readonly timers: readonly string[];
  readonly eventGrid: readonly string[];
  /** Wanted in `x-functions-key` or `?code=`; without one every caller on this machine is let in. */
  readonly key?: string;
  readonly invoke: (name: string, data: WireData) => Promise<Invocation>;
  readonly write: (line: string) => void;
};

const MAX_BODY_BYTES = 1_000_000;
const LOCAL_NAMES = ["127.0.0.1", "localhost"];

type Incoming = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export function createFront(options: FrontOptions): Server {
  return createServer((request, response) => {
    answer(request, options)
      .catch((caught: unknown) => {
        options.write(`host: request failed: ${asError(caught).message}`);
        return text(500, "the local host failed; see its output");
      })
      .then((reply) => send(response, reply))
      .catch((caught: unknown) => options.write(`host: answer not sent: ${asError(caught).message}`));
  });
}

async function answer(request: IncomingMessage, options: FrontOptions): Promise<HttpAnswer> {
  const host = request.headers.host ?? "";
  const url = URL.parse(`http://${host}${request.url ?? "/"}`);
  if (url === null || !LOCAL_NAMES.includes(url.hostname)) {
    return text(421, `this host answers as ${LOCAL_NAMES.join(" or ")} only`);
  }
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== url.origin) {
    return text(403, "requests from web pages of other origins are refused");
  }
  const body = await readBody(request);
  if (body === undefined) {
    return text(413, `the body has more than ${MAX_BODY_BYTES} bytes`);
  }
  return await route({ method: request.method ?? "GET", url, headers: plainHeaders(request), body }, options);
}

async function route(incoming: Incoming, options: FrontOptions): Promise<HttpAnswer> {
  const { method, url } = incoming;
  if (url.pathname === EVENT_GRID_PATH) {
    return allowed(incoming, options.key) ? await webhook(incoming, options) : text(401, "");
  }
  if (url.pathname.startsWith("/admin/functions/")) {
    return allowed(incoming, options.key) ? await startTimer(incoming, options) : text(401, "");
  }
  const match = matchRoute(options.routes, method, url.pathname);
  if (match === undefined) {
    return text(404, `no function answers ${method} ${url.pathname}`);
  }
  if (match.route.authLevel !== "anonymous" && !allowed(incoming, options.key)) {
    return text(401, "");
  }
  const { headers, body } = incoming;
  const data = httpData({ method, url: url.href, headers, params: match.params, body });
  return httpAnswer(await options.invoke(match.route.functionName, data));
}

function webhook(incoming: Incoming, options: FrontOptions): Promise<HttpAnswer> {
  const call = {
    method: incoming.method,
    headers: incoming.headers,
    functionName: incoming.url.searchParams.get("functionName"),
    body: incoming.body.toString("utf8"),
  };
  return answerWebhook(call, options.eventGrid, (name, event) => options.invoke(name, eventData(event)));
}

async function startTimer(incoming: Incoming, options: FrontOptions): Promise<HttpAnswer> {
  const name = incoming.url.pathname.slice("/admin/functions/".length);
  if (incoming.method !== "POST" || !options.timers.includes(name)) {
    return text(404, `POST /admin/functions/{name} starts one of ${options.timers.join(", ")}`);
  }
  await options.invoke(name, timerData({ pastDue: false }));
  return text(202, "");
}

function allowed(incoming: Incoming, key: string | undefined): boolean {
  if (key === undefined) {
    return true;
  }
  const given = Buffer.from(incoming.headers["x-functions-key"] ?? incoming.url.searchParams.get("code") ?? "");
  const wanted = Buffer.from(key);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** undefined: too long. The rest is read and thrown away, so that the answer reaches the sender. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length <= MAX_BODY_BYTES) {
      chunks.push(bytes);
    }
  }
  return length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith("x-ms-client-principal")) {
      headers[name] = Array.isArray(value) ? value.join(", ") : value;
    }
  }
  return headers;
}

function send(response: ServerResponse, reply: HttpAnswer): void {
  response.writeHead(reply.status, { ...reply.headers });
  response.end(reply.body);
}

function text(status: number, body: string): HttpAnswer {
  return { status, headers: body === "" ? {} : { "content-type": "text/plain; charset=utf-8" }, body };
}
