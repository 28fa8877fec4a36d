/**
 * A server in front of a real API server that breaks what a test asks it to break, and counts connections.
 * It speaks TLS with a certificate of its own, so that single requests can be seen: those no rule matches pass unchanged.
 */
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createAuthority } from "./certificates.ts";

export type SeenRequest = { readonly method: string; readonly path: string; readonly query: URLSearchParams };

export type FaultEffect =
  /** The connection ends before the request reaches the API server. */
  | { readonly kind: "cut" }
  /** The API server carries it out; its answer is lost, after something else happened. */
  | { readonly kind: "lose-answer"; readonly after?: () => Promise<unknown> }
  /** The answer ends in the middle of its body. */
  | { readonly kind: "cut-body" }
  | { readonly kind: "delay"; readonly ms: number }
  /** Something else happens before the request goes on. */
  | { readonly kind: "first"; readonly run: () => Promise<unknown> }
  /** Never answered. */
  | { readonly kind: "hang" }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Anything but a string is sent as JSON. */
      readonly body?: unknown;
    };

export type Fault = {
  readonly when: (request: SeenRequest) => boolean;
  readonly effect: FaultEffect;
  /** How many matching requests it breaks; default all. */
  readonly times?: number;
};

export type FaultProxy = {
  readonly url: string;
  /** To trust instead of the API server's. */
  readonly caPem: string;
  /** The first rule that matches counts. */
  readonly inject: (fault: Fault) => void;
  readonly clear: () => void;
  /** Connections since the start, and the most at one time. */
  readonly connections: () => { readonly total: number; readonly most: number };
  readonly requests: () => readonly SeenRequest[];
  readonly close: () => Promise<void>;
};

/** A Kubernetes Status as the API server writes it. */
export function statusBody(code: number, reason: string, message: string): object {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}

export async function startFaultProxy(target: { readonly url: string; readonly caPem: string }): Promise<FaultProxy> {
  const authority = createAuthority("Fault Proxy");
  const faults: { readonly fault: Fault; left: number }[] = [];
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const connections = { total: 0, most: 0 };
  const agent = new Agent({ keepAlive: true, ca: target.caPem });
  const backend = { url: target.url, agent };
  const server = createServer(authority.issue({ commonName: "proxy", hosts: ["127.0.0.1"] }), (request, response) => {
    const seen = seenRequest(request);
    requests.push(seen);
    const rule = faults.find((candidate) => candidate.left > 0 && candidate.fault.when(seen));
    if (rule !== undefined) rule.left -= 1;
    answer({ request, response, backend, effect: rule?.fault.effect }).catch(() => request.socket.destroy());
  });
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    connections.total += 1;
    connections.most = Math.max(connections.most, sockets.size);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${portOf(server.address())}`,
    caPem: authority.caPem,
    inject: (fault) => faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    clear: () => faults.splice(0),
    connections: () => ({ ...connections }),
    requests: () => requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly backend: { readonly url: string; readonly agent: Agent };
  readonly effect: FaultEffect | undefined;
};

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, effect } = exchange;
  switch (effect?.kind) {
    case "cut":
      request.socket.destroy();
      return;
    case "hang":
      return;
    case "answer": {
      const body = typeof effect.body === "string" ? effect.body : JSON.stringify(effect.body ?? {});
      request.resume();
      response.writeHead(effect.status, { "content-type": "application/json", ...effect.headers });
      response.end(body);
      return;
    }
    case "delay":
      await delay(effect.ms);
      await forward(exchange);
      return;
    case "first":
      await effect.run();
      await forward(exchange);
      return;
    case undefined:
    case "lose-answer":
    case "cut-body":
      await forward(exchange);
  }
}

function forward(exchange: Exchange): Promise<void> {
  const { request, response, backend, effect } = exchange;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const options = { agent: backend.agent, method: request.method, headers: withoutHost(request.headers) };
  const onward = httpsRequest(new URL(request.url ?? "/", backend.url), options, (answered) => {
    if (effect?.kind === "lose-answer") {
      answered.resume();
      answered.on("end", () => {
        void Promise.resolve(effect.after?.()).finally(() => request.socket.destroy());
      });
      resolve(undefined);
      return;
    }
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    if (effect?.kind === "cut-body") {
      answered.once("data", (chunk: Buffer) => {
        response.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => request.socket.destroy());
        answered.destroy();
      });
    } else {
      answered.pipe(response);
    }
    answered.on("error", reject);
    answered.on("close", () => resolve(undefined));
  });
  onward.on("error", reject);
  request.pipe(onward);
  return promise;
}

function withoutHost(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const { host: _host, ...rest } = headers;
  return rest;
}

function seenRequest(request: IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? "/", "https://proxy");
  return { method: request.method ?? "GET", path: url.pathname, query: url.searchParams };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the proxy has no port");
  return address.port;
}
