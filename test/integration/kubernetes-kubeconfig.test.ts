/** Every way into a cluster that a kubeconfig can describe, against a real API server. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openKubeconfigCluster } from "../../shared/adapters/kubernetes/kubeconfig-source.ts";
import type { ClusterPort } from "../../shared/ports.ts";
import { type Authority, createAuthority } from "../support/certificates.ts";
import { type ApiServer, type Etcd, startApiServer, startEtcd } from "../support/components/api-server.ts";

let etcd: Etcd;
let server: ApiServer;
let authority: Authority;
let shared: string;
let folder: string;
let opened: ClusterPort[];

beforeAll(async () => {
  shared = mkdtempSync(path.join(tmpdir(), "service-router-kubeconfig-"));
  authority = createAuthority("Client Authority");
  const clientCa = path.join(shared, "client-ca.crt");
  writeFileSync(clientCa, authority.caPem);
  etcd = await startEtcd();
  server = await startApiServer({ etcd, name: "kubeconfig", extraArgs: [`--client-ca-file=${clientCa}`] });
});
afterAll(async () => {
  await server.stop();
  await etcd.stop();
  rmSync(shared, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(path.join(shared, "test-"));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((port) => port.close()));
});

const deadline = (): AbortSignal => AbortSignal.timeout(60_000);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

type Entry = Readonly<Record<string, unknown>>;

/** Writes a kubeconfig with one context `w1`. @returns its path. */
function kubeconfig(user: Entry, clusterEntry: Entry = {}, name = "config"): string {
  const file = path.join(folder, name);
  const cluster = { server: server.url, "certificate-authority-data": base64(server.caPem), ...clusterEntry };
  const document = {
    apiVersion: "v1",
    kind: "Config",
    contexts: [{ name: "w1", context: { cluster: "c1", user: "u1" } }],
    clusters: [{ name: "c1", cluster }],
    users: [{ name: "u1", user }],
  };
  writeFileSync(file, stringify(document));
  return file;
}

async function open(...paths: readonly string[]): Promise<ClusterPort> {
  const port = await openKubeconfigCluster({ name: "w1", paths, context: "w1" });
  opened.push(port);
  return port;
}

async function readable(port: ClusterPort): Promise<boolean> {
  const { objects } = await port.list("Namespace", deadline());
  return objects.some(({ meta }) => meta.name === "default");
}

const administrator = (): { readonly cert: string; readonly key: string } =>
  authority.issue({ commonName: "ada", organisations: ["system:masters"] });

describe("a user of a kubeconfig", () => {
  it("reads with a token", async () => {
    await expect(readable(await open(kubeconfig({ token: server.adminToken })))).resolves.toBe(true);
  });

  it("reads with a client certificate, inline or in files beside the kubeconfig", async () => {
    const { cert, key } = administrator();
    const inline = { "client-certificate-data": base64(cert), "client-key-data": base64(key) };
    await expect(readable(await open(kubeconfig(inline)))).resolves.toBe(true);
    writeFileSync(path.join(folder, "client.crt"), cert);
    writeFileSync(path.join(folder, "client.key"), key);
    writeFileSync(path.join(folder, "ca.crt"), server.caPem);
    const cluster = { "certificate-authority-data": undefined, "certificate-authority": "ca.crt" };
    const files = { "client-certificate": "client.crt", "client-key": "client.key" };
    await expect(readable(await open(kubeconfig(files, cluster)))).resolves.toBe(true);
  });

  it("is impersonated where the kubeconfig says so", async () => {
    const port = await open(kubeconfig({ token: server.adminToken, as: "nobody" }));
    await expect(port.list("Namespace", deadline())).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("gets its token from a file, and from the new one after the old was refused", async () => {
    const tokenFile = path.join(folder, "token");
    writeFileSync(tokenFile, `${server.adminToken}\n`);
    const port = await open(kubeconfig({ "token-file": tokenFile }));
    await expect(readable(port)).resolves.toBe(true);
    const late = await open(kubeconfig({ "token-file": tokenFile }));
    writeFileSync(tokenFile, "expired");
    await expect(late.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNAUTHORIZED" });
    writeFileSync(tokenFile, server.adminToken);
    await expect(readable(late)).resolves.toBe(true);
  });

  it("that the API server does not know is CLUSTER_UNAUTHORIZED", async () => {
    const port = await open(kubeconfig({ token: "unknown" }));
    await expect(port.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNAUTHORIZED" });
  });

  it("whose client certificate expired is CLUSTER_UNAUTHORIZED", async () => {
    const notAfter = new Date(Date.now() - 3_600_000);
    const { cert, key } = authority.issue({ commonName: "ada", organisations: ["system:masters"], notAfter });
    const port = await open(kubeconfig({ "client-certificate-data": base64(cert), "client-key-data": base64(key) }));
    await expect(port.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNAUTHORIZED" });
  });
});

/** A plugin that notes each run and prints what `answer` holds at that time. */
function plugin(answer: object): Entry {
  const answerFile = path.join(folder, "answer.json");
  writeFileSync(
    answerFile,
    JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", ...answer }),
  );
  const script = path.join(folder, "plugin.mjs");
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from "node:fs";
     appendFileSync(${JSON.stringify(path.join(folder, "runs"))}, "run\\n");
     process.stdout.write(readFileSync(${JSON.stringify(answerFile)}, "utf8"));`,
  );
  const apiVersion = "client.authentication.k8s.io/v1";
  return { exec: { apiVersion, command: process.execPath, args: [script], interactiveMode: "Never" } };
}
const runs = (): number => {
  appendFileSync(path.join(folder, "runs"), "");
  return readFileSync(path.join(folder, "runs"), "utf8").split("\n").length - 1;
};
const jwt = (expiresInSeconds: number): string => {
  const claims = { exp: Math.floor(Date.now() / 1_000) + expiresInSeconds };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
};

describe("a credential plugin", () => {
  it("runs once for many requests at once", async () => {
    const port = await open(kubeconfig(plugin({ status: { token: server.adminToken } })));
    await Promise.all(Array.from({ length: 8 }, () => port.list("Namespace", deadline())));
    expect(runs()).toBe(1);
  });

  it("may give a client certificate", async () => {
    const { cert, key } = administrator();
    const status = { clientCertificateData: cert, clientKeyData: key };
    await expect(readable(await open(kubeconfig(plugin({ status }))))).resolves.toBe(true);
  });

  it("runs again after its token was refused, once", async () => {
    const port = await open(kubeconfig(plugin({ status: { token: "revoked" } })));
    await expect(port.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNAUTHORIZED" });
    expect(runs()).toBe(2);
    plugin({ status: { token: server.adminToken } });
    await expect(readable(port)).resolves.toBe(true);
  });

  it("that prints a token about to expire is not run for every request", async () => {
    const port = await open(kubeconfig(plugin({ status: { token: jwt(30) } })));
    await Promise.all(Array.from({ length: 5 }, () => port.list("Namespace", deadline()).catch(() => {})));
    expect(runs()).toBeLessThanOrEqual(2);
  });

  it.each([
    ["is missing", { command: "no-such-plugin-anywhere" }, /no-such-plugin-anywhere/],
    [
      "fails",
      { command: process.execPath, args: ["-e", "console.error('not logged in');process.exit(1)"] },
      /not logged in/,
    ],
    ["prints no JSON", { command: process.execPath, args: ["-e", "console.log('hello')"] }, /JSON/],
  ])("that %s is named, as CLUSTER_UNAUTHORIZED", async (_given, exec, message) => {
    const port = await open(kubeconfig({ exec: { apiVersion: "client.authentication.k8s.io/v1", ...exec } }));
    await expect(port.list("Namespace", deadline())).rejects.toMatchObject({
      code: "CLUSTER_UNAUTHORIZED",
      message: expect.stringMatching(message),
    });
  });
});

describe("a cluster of a kubeconfig", () => {
  it("whose CA was wrong is read as soon as the file says the right one, inline or in a file beside it", async () => {
    const wrong = createAuthority("Somebody Else").caPem;
    const user = { token: server.adminToken };
    const inline = await open(kubeconfig(user, { "certificate-authority-data": base64(wrong) }, "inline"));
    await expect(inline.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_CERTIFICATE" });
    kubeconfig(user, {}, "inline");
    await expect(readable(inline)).resolves.toBe(true);

    const caFile = path.join(folder, "ca.crt");
    writeFileSync(caFile, wrong);
    const entry = { "certificate-authority-data": undefined, "certificate-authority": caFile };
    const beside = await open(kubeconfig(user, entry, "beside"));
    await expect(beside.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_CERTIFICATE" });
    writeFileSync(caFile, server.caPem);
    await expect(readable(beside)).resolves.toBe(true);
  });

  it("that moved is read at its new address", async () => {
    const port = await open(kubeconfig({ token: server.adminToken }, { server: "https://127.0.0.1:1" }));
    await expect(port.list("Namespace", deadline())).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    kubeconfig({ token: server.adminToken });
    await expect(readable(port)).resolves.toBe(true);
  });

  it("with insecure-skip-tls-verify is read without its CA", async () => {
    const cluster = { "certificate-authority-data": undefined, "insecure-skip-tls-verify": true };
    await expect(readable(await open(kubeconfig({ token: server.adminToken }, cluster)))).resolves.toBe(true);
  });

  it("behind an HTTP proxy is reached through it", async () => {
    const proxy = await startConnectProxy();
    const port = await open(kubeconfig({ token: server.adminToken }, { "proxy-url": proxy.url }));
    await expect(readable(port)).resolves.toBe(true);
    expect(proxy.tunnels).toContain(new URL(server.url).host);
    await port.close();
    proxy.server.closeAllConnections();
    proxy.server.close();
  });

  it("may be in another file than the context that names it", async () => {
    const whole = kubeconfig({ token: server.adminToken });
    const contextOnly = path.join(folder, "context");
    const contexts = [{ name: "w1", context: { cluster: "c1", user: "u1" } }];
    writeFileSync(contextOnly, stringify({ apiVersion: "v1", kind: "Config", contexts }));
    await expect(readable(await open(contextOnly, whole))).resolves.toBe(true);
  });
});

type ConnectProxy = { readonly url: string; readonly tunnels: readonly string[]; readonly server: Server };

async function startConnectProxy(): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, socket) => {
    tunnels.push(request.url ?? "");
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, tunnels, server: proxy };
}
