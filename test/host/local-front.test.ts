import type { Server } from "node:http";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFront } from "../../cli/serve/http-front.ts";
import { routesOf } from "../../cli/serve/routes.ts";
import type { WireData } from "../../cli/serve/worker-protocol.ts";

type Reply = { readonly status: number; readonly body: string };

const TRIGGER = { type: "httpTrigger", direction: "in", methods: ["GET", "POST"] } as const;
const ROUTES = routesOf(
  [
    { name: "echo", triggerName: "t", trigger: { ...TRIGGER, route: "echo", authLevel: "function" } },
    { name: "open", triggerName: "t", trigger: { ...TRIGGER, route: "open", authLevel: "anonymous" } },
  ],
  "api",
);

/** A front whose functions answer with what they were given. */
function front(key: string | undefined): Server {
  return createFront({
    routes: ROUTES,
    timers: ["tick"],
    eventGrid: ["look"],
    ...(key === undefined ? {} : { key }),
    invoke: (name: string, data: WireData) => {
      const seen = JSON.stringify({ name, http: data.http, json: data.json });
      const returned = { http: { statusCode: "200", headers: {}, body: { string: seen } } };
      return Promise.resolve({ kind: "succeeded", invocationId: "1", returned });
    },
    write: () => {},
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** node:http, because fetch does not let a test set Host or Origin. */
function send(
  server: Server,
  line: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<Reply> {
  const [method, path] = line.split(" ");
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port: portOf(server), method, path, headers: options.headers ?? {} },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (body += chunk));
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}

describe("createFront", () => {
  const open = front(undefined);
  const keyed = front("s3cret");

  beforeAll(async () => {
    for (const server of [open, keyed]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
  });
  afterAll(() => {
    open.close();
    keyed.close();
  });

  it("hands a request over as the worker gets it", async () => {
    const { status, body } = await send(open, "POST /api/echo?a=1&b=2&b=3", {
      body: `{"x":1}`,
      headers: { "x-y": "z" },
    });
    expect(status).toBe(200);
    const { name, http } = JSON.parse(body) as { name: string; http: Record<string, unknown> };
    expect(name).toBe("echo");
    expect(http).toMatchObject({ method: "POST", query: { a: "1", b: "2,3" }, headers: { "x-y": "z" } });
    expect(http["url"]).toBe(`http://127.0.0.1:${portOf(open)}/api/echo?a=1&b=2&b=3`);
  });

  it.each([
    ["no key", "GET /api/echo", {}],
    ["a wrong key", "GET /api/echo", { "x-functions-key": "s3creT" }],
    ["a wrong key in the address", "GET /api/echo?code=x", {}],
    ["no key at the webhook", "POST /runtime/webhooks/eventgrid?functionName=look", {}],
    ["no key at the timer", "POST /admin/functions/tick", {}],
  ])("with a key set, answers 401 to %s", async (_what, line, headers) => {
    expect(await send(keyed, line, { headers })).toEqual({ status: 401, body: "" });
  });

  it.each([
    ["in the header", "GET /api/echo", { "x-functions-key": "s3cret" }],
    ["in the address", "GET /api/echo?code=s3cret", {}],
    ["which an anonymous function does not ask for", "GET /api/open", {}],
  ])("with a key set, lets in whoever has it %s", async (_where, line, headers) => {
    expect((await send(keyed, line, { headers })).status).toBe(200);
  });

  it.each([
    ["another host name, as DNS rebinding brings it", { host: "evil.example.com" }, 421],
    ["a web page of another origin", { origin: "https://evil.example.com" }, 403],
  ])("refuses %s", async (_what, headers, status) => {
    expect((await send(open, "POST /api/echo", { headers })).status).toBe(status);
  });

  it("drops principals: nobody signed in here", async () => {
    const headers = { "x-ms-client-principal": "e30=", "x-ms-client-principal-name": "anna" };
    expect((await send(open, "GET /api/echo", { headers })).body).not.toContain("anna");
  });

  it("starts a timer by POST /admin/functions/{name}, and nothing else", async () => {
    expect((await send(open, "POST /admin/functions/tick")).status).toBe(202);
    expect((await send(open, "POST /admin/functions/echo")).status).toBe(404);
    expect((await send(open, "GET /admin/functions/tick")).status).toBe(404);
  });

  it("answers 404 where no function is, and 413 to a body that is too long", async () => {
    expect((await send(open, "GET /api/nothing")).status).toBe(404);
    expect((await send(open, "POST /api/echo", { body: "x".repeat(1_000_001) })).status).toBe(413);
  });
});
