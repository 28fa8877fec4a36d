/**
 * A cluster out of kubeconfig files: certificates, tokens, token files, exec plugins and whatever else the Kubernetes client
 * can authenticate with. Several files are searched in order, as kubectl does with KUBECONFIG; the caller passes the paths.
 */
import { readFileSync, statSync } from "node:fs";
import type { Cluster, Context, KubeConfig, User } from "@kubernetes/client-node";
import { ConfigurationError } from "../../errors.ts";
import type { ClusterPort } from "../../ports.ts";
import type { ClusterAccess, ConnectionLimits } from "./access.ts";
import type * as ClientModule from "./kubeconfig-client.ts";
import { openKubeconfigPort, type KubeconfigReading } from "./kubeconfig-cluster.ts";
import { KubeconfigCredentials } from "./kubeconfig-credentials.ts";
import { openKubernetesCluster } from "./kubernetes-cluster.ts";

export type KubeconfigReference = {
  /** Name of the cluster in the fleet, for messages. */
  readonly name: string;
  /** Absolute, or relative to the working directory; at least one. */
  readonly paths: readonly string[];
  readonly context: string;
};

type Client = typeof ClientModule;

/**
 * A corrected file needs no restart: it is read again once it changed, or once what it said did not work.
 * @throws ConfigurationError that names the missing file, context, cluster or user, and lists the contexts there are.
 */
export async function openKubeconfigCluster(
  reference: KubeconfigReference & { readonly limits?: Partial<ConnectionLimits> },
): Promise<ClusterPort> {
  const { name, limits } = reference;
  return await openKubeconfigPort({
    name,
    read: () => readKubeconfig(reference),
    connect: (access) => openKubernetesCluster({ name, access, ...(limits === undefined ? {} : { limits }) }),
  });
}

/** What a context says about its cluster. Runs no plugin yet. @throws as openKubeconfigCluster */
export async function readKubeconfig(reference: KubeconfigReference): Promise<KubeconfigReading> {
  const client = await import("./kubeconfig-client.ts");
  // Before they are read: what changes in between is seen next time.
  const stamp = stampOf(reference.paths);
  const { cluster } = select(client, reference);
  const files = cluster.caFile === undefined ? [] : [cluster.caFile];
  const caStamp = stampOf(files);
  const caPem = readCa(reference, cluster);
  checkProxy(reference, cluster);
  const access: ClusterAccess = {
    server: cluster.server,
    ...(caPem === undefined ? {} : { caPem }),
    ...(cluster.tlsServerName === undefined ? {} : { tlsServerName: cluster.tlsServerName }),
    ...(cluster.skipTLSVerify ? { insecureSkipTlsVerify: true } : {}),
    ...(cluster.proxyUrl === undefined ? {} : { proxyUrl: cluster.proxyUrl }),
    credentials: new KubeconfigCredentials(reference.name, () => select(client, reference)),
  };
  return { access, hasChanged: () => stampOf(reference.paths) !== stamp || stampOf(files) !== caStamp };
}

/** Another text once a file was written, replaced or removed. */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? "gone" : `${found.ino} ${found.size} ${found.mtimeMs}`;
    })
    .join("|");
}

/** One context with its cluster and user. `config` holds nothing else, so that its lookups cannot miss. */
type SelectedContext = { readonly config: KubeConfig; readonly cluster: Cluster; readonly user: User };

function select(client: Client, reference: KubeconfigReference): SelectedContext {
  const files = reference.paths.map((path) => load(client, path));
  const contexts = files.flatMap((file) => file.config.contexts);
  const context = contexts.find((candidate) => candidate.name === reference.context);
  if (context === undefined) {
    const names = [...new Set(contexts.map((candidate) => candidate.name))].sort();
    const available = names.length === 0 ? "there are no contexts" : `available: ${names.join(", ")}`;
    throw fault(reference, `contexts.${reference.context}`, `no such context; ${available}`);
  }
  const cluster = files.flatMap((file) => file.config.clusters).find((candidate) => candidate.name === context.cluster);
  if (cluster === undefined) throw missing(reference, context, "cluster");
  const user = files.flatMap((file) => file.config.users).find((candidate) => candidate.name === context.user);
  if (user === undefined) throw missing(reference, context, "user");
  const config = new client.KubeConfig();
  config.loadFromOptions({ clusters: [cluster], users: [user], contexts: [context], currentContext: context.name });
  return { config, cluster, user };
}

type LoadedFile = { readonly path: string; readonly config: KubeConfig };

/** A broken entry costs only those who use it: files hold the contexts of many clusters, some of them long gone. */
function load(client: Client, path: string): LoadedFile {
  try {
    const config = new client.KubeConfig();
    config.loadFromFile(path, { onInvalidEntry: "filter" });
    return { path, config };
  } catch (caught) {
    const message = `cannot be read: ${caught instanceof Error ? caught.message : String(caught)}`;
    throw new ConfigurationError(`kubeconfig ${path}`, [{ path: "", message }], caught);
  }
}

function missing(reference: KubeconfigReference, context: Context, what: "cluster" | "user"): ConfigurationError {
  const name = context[what];
  if (name === undefined) return fault(reference, `contexts.${context.name}.${what}`, "is missing");
  return fault(
    reference,
    `${what}s.${name}`,
    `the context ${context.name} names it, but it is not there, or ${unusable[what]}`,
  );
}

/**
 * Why the client leaves an entry out; it tells of none by name, so nobody can say more without blaming another entry of the
 * file.
 */
const unusable = { cluster: "has no server", user: "its token-file cannot be read" } as const;

function readCa(reference: KubeconfigReference, cluster: Cluster): string | undefined {
  if (cluster.caData !== undefined) return Buffer.from(cluster.caData, "base64").toString("utf8");
  if (cluster.caFile === undefined) return undefined;
  try {
    return readFileSync(cluster.caFile, "utf8");
  } catch (caught) {
    const message = `cannot be read: ${caught instanceof Error ? caught.message : String(caught)}`;
    throw fault(reference, `clusters.${cluster.name}.certificate-authority`, message, caught);
  }
}

function checkProxy(reference: KubeconfigReference, cluster: Cluster): void {
  if (cluster.proxyUrl === undefined || /^https?:\/\//i.test(cluster.proxyUrl)) return;
  throw fault(reference, `clusters.${cluster.name}.proxy-url`, "only http:// and https:// proxies are supported");
}

function fault(reference: KubeconfigReference, path: string, message: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`kubeconfig ${reference.paths.join(", ")}`, [{ path, message }], cause);
}
