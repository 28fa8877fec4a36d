/**
 * Real kube-apiserver processes: RBAC enforced, the default admission plugins on (webhooks included), tokens per user.
 * Only the ServiceAccount plugin is off: nothing here creates the account that it demands for each Pod.
 * No controller runs (no garbage collector, namespace or load-balancer controller): see test-cluster.ts.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { createApiClient, type ApiAnswer, type ApiCall, type ApiClient } from "./api-client.ts";
import { kubeApiServer } from "./binaries.ts";
import { removeAtExit, removeNow, startProcess, type StartedProcess } from "./child-process.ts";
import type { Etcd } from "./etcd.ts";
import { freePort } from "./ports.ts";
import { startOnFreePort, waitUntilReady } from "./readiness.ts";

export { startEtcd, type Etcd } from "./etcd.ts";

/** Four seconds are usual; several servers starting together on two cores need more. */
const START_DEADLINE_MS = 90_000;
const ADMIN = "admin";

/** A user of the token file. Without groups only `system:authenticated` applies: no right until a binding names it. */
export type TestUser = string | { readonly name: string; readonly groups: readonly string[] };

export type ApiServerOptions = {
  readonly etcd: Etcd;
  /** Shown in messages and used as cluster name in kubeconfigs. */
  readonly name?: string;
  /** Users beside `admin` (group system:masters). Bind roles to them by name; the list cannot grow later. */
  readonly users?: readonly TestUser[];
  /** Appended, so they win over the flags set here. */
  readonly extraArgs?: readonly string[];
};

export type ApiServer = {
  readonly name: string;
  /** Stays the same over kill and restart. */
  readonly url: string;
  /** The only certificate to trust for `url`. */
  readonly caPem: string;
  readonly adminToken: string;
  /** Token of a user named in the options, or of `admin`. */
  readonly token: (user: string) => string;
  readonly kubeconfig: (user: string) => string;
  /** Writes the kubeconfig to a file that goes with the server. */
  readonly kubeconfigFile: (user: string) => Promise<string>;
  /** As admin. @param contentType see `ApiCall`. */
  readonly request: (method: string, path: string, body?: unknown, contentType?: string) => Promise<ApiAnswer>;
  readonly requestAs: (user: string, call: ApiCall) => Promise<ApiAnswer>;
  /** A crash: connections break and the port refuses. Data stays in etcd. */
  readonly kill: () => Promise<void>;
  /** Comes back under the same address, certificate and tokens; kills first when it still runs. */
  readonly restart: () => Promise<void>;
  /** Hangs: connections are accepted and nothing answers, until `resume()`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** The end: kills it and removes its files. Its keys stay in etcd under a prefix of their own. */
  readonly stop: () => Promise<void>;
};

/** Starts a server on an empty key prefix and waits until it is ready. About four seconds. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const binary = await kubeApiServer();
  return await startOnFreePort(async () => {
    const setup = prepare(options, binary, await freePort());
    try {
      const first = await launch(setup);
      return handleOf(setup, first);
    } catch (error) {
      removeNow(setup.folder);
      throw error;
    }
  });
}

type Setup = {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly url: string;
  readonly certificateFile: string;
  readonly tokens: ReadonlyMap<string, string>;
  readonly adminToken: string;
};

function prepare(options: ApiServerOptions, binary: string, port: number): Setup {
  const name = options.name ?? "cluster";
  const folder = mkdtempSync(path.join(tmpdir(), `service-router-${name}-`));
  removeAtExit(folder);
  const users = [{ name: ADMIN, groups: ["system:masters"] }, ...(options.users ?? []).map(withGroups)];
  const tokens = new Map(users.map((user) => [user.name, randomBytes(16).toString("hex")]));
  const tokenFile = path.join(folder, "tokens.csv");
  const tokenLines = users.map(
    (user) => `${tokens.get(user.name)},${user.name},${user.name},"${user.groups.join(",")}"`,
  );
  writeFileSync(tokenFile, `${tokenLines.join("\n")}\n`, { mode: 0o600 });
  const keyFile = path.join(folder, "service-account.key");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(keyFile, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  const url = `https://127.0.0.1:${port}`;
  const args = [
    `--etcd-servers=${options.etcd.endpoint}`,
    `--etcd-prefix=/${name}-${randomBytes(4).toString("hex")}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    // The server writes its own certificate there on its first start and keeps it: no certificate tool is needed.
    `--cert-dir=${folder}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    "--authorization-mode=RBAC",
    `--token-auth-file=${tokenFile}`,
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.96.0.0/12",
    // Endpoints of the `kubernetes` Service cannot hold a loopback address; nobody looks at them here.
    "--endpoint-reconciler-type=none",
    ...(options.extraArgs ?? []),
  ];
  const certificateFile = path.join(folder, "apiserver.crt");
  return { name, binary, args, folder, url, certificateFile, tokens, adminToken: tokenOf(tokens, ADMIN) };
}

const withGroups = (user: TestUser): { readonly name: string; readonly groups: readonly string[] } =>
  typeof user === "string" ? { name: user, groups: [] } : user;

function tokenOf(tokens: ReadonlyMap<string, string>, user: string): string {
  const token = tokens.get(user);
  if (token === undefined) throw new Error(`user ${user} is unknown: name it in the option "users" of startApiServer`);
  return token;
}

type Launched = { readonly process: StartedProcess; readonly client: ApiClient; readonly caPem: string };

async function launch(setup: Setup): Promise<Launched> {
  const { name, binary, args, folder } = setup;
  const logFile = path.join(folder, "kube-apiserver.log");
  const child = startProcess({ command: binary, args, cwd: folder, logFile });
  let client: ApiClient | undefined;
  let caPem = "";
  const isReady = async (): Promise<boolean> => {
    if (client === undefined) {
      if (!existsSync(setup.certificateFile)) return false;
      caPem = readFileSync(setup.certificateFile, "utf8");
      // The server is still writing it: it holds the certificate and then the authority that signed it.
      if (caPem.split("-----END CERTIFICATE-----").length < 3) return false;
      client = createApiClient(setup.url, caPem);
    }
    return await answersReady(client, setup.adminToken);
  };
  await waitUntilReady({ what: `kube-apiserver ${name}`, process: child, deadlineMs: START_DEADLINE_MS, isReady });
  if (client === undefined) throw new Error(`kube-apiserver ${name} is ready without a certificate`);
  return { process: child, client, caPem };
}

/** `/readyz` covers storage and the RBAC bootstrap; the namespace `default` is created shortly after. */
async function answersReady(client: ApiClient, token: string): Promise<boolean> {
  for (const wanted of ["/readyz", "/api/v1/namespaces/default"]) {
    const { status } = await client.call(token, { method: "GET", path: wanted });
    if (status !== 200) return false;
  }
  return true;
}

function handleOf(setup: Setup, first: Launched): ApiServer {
  const { name, url, tokens, adminToken } = setup;
  let current = first;
  const token = (user: string): string => tokenOf(tokens, user);
  const kubeconfig = (user: string): string =>
    kubeconfigOf({ name, url, caPem: first.caPem, user, token: token(user) });
  const kill = async (): Promise<void> => {
    await current.process.end();
    current.client.close();
  };
  return {
    name,
    url,
    caPem: first.caPem,
    adminToken,
    token,
    kubeconfig,
    kubeconfigFile: async (user) => {
      const file = path.join(setup.folder, `${encodeURIComponent(user)}.kubeconfig`);
      await writeFile(file, kubeconfig(user), { mode: 0o600 });
      return file;
    },
    request: (method, wanted, body, contentType) => {
      const call = { method, path: wanted, body, ...(contentType === undefined ? {} : { contentType }) };
      return current.client.call(adminToken, call);
    },
    requestAs: (user, call) => current.client.call(token(user), call),
    kill,
    restart: async () => {
      await kill();
      current = await launch(setup);
    },
    pause: () => current.process.signal("SIGSTOP"),
    resume: () => current.process.signal("SIGCONT"),
    stop: async () => {
      await kill();
      removeNow(setup.folder);
    },
  };
}

type KubeconfigParts = {
  readonly name: string;
  readonly url: string;
  readonly caPem: string;
  readonly user: string;
  readonly token: string;
};

function kubeconfigOf(parts: KubeconfigParts): string {
  const { name, url, caPem, user, token } = parts;
  const certificate = Buffer.from(caPem).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user } }],
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": certificate } }],
    users: [{ name: user, user: { token } }],
  });
}
