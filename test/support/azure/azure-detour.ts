/**
 * Leads this process, and the commands it starts, to a server of the tests when they ask for Azure: Resource Manager through
 * an HTTP proxy as companies have one, tokens through the identity endpoint of App Service. So the product runs as it is
 * composed in production, and knows nothing of it. Call it before the first composition: Azure's SDK reads some of it once.
 */
import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { closeAtOnce, listen } from "./loopback-server.ts";

/** Where the public cloud's Resource Manager is; the server's certificate has to be for this name. */
export const RESOURCE_MANAGER_HOST = "management.azure.com";

export type DetourTarget = {
  /** `https://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly caPem: string;
  readonly caFile: string;
  readonly environmentOf: (caller: string) => Readonly<Record<string, string>>;
};

/**
 * @param caller the identity of this process, by which the server knows it.
 * @returns takes everything back.
 */
export async function leadAzureTo(target: DetourTarget, caller: string): Promise<() => Promise<void>> {
  const port = Number(new URL(target.endpoint).port);
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on("connect", (request: IncomingMessage, client: Duplex) => {
    client.on("error", () => {});
    if (request.url !== `${RESOURCE_MANAGER_HOST}:443`) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const server = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      server.pipe(client).pipe(server);
    });
    // Nobody listens there: the client is to see that, not an answer of the proxy.
    server.on("error", () => client.destroy());
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  });
  const close = closeAtOnce(proxy);
  const restoreEnvironment = setEnvironment({
    ...target.environmentOf(caller),
    HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}`,
    NO_PROXY: "127.0.0.1,localhost",
    // Node reads it when a process starts: this is for the commands.
    NODE_EXTRA_CA_CERTS: target.caFile,
  });
  const trusted = getCACertificates("default");
  setDefaultCACertificates([...trusted, target.caPem]);
  return async () => {
    restoreEnvironment();
    setDefaultCACertificates(trusted);
    await close();
  };
}

function setEnvironment(values: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
