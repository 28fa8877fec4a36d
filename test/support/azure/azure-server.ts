/**
 * Azure's side of AKS access, on loopback, in Azure's shapes: the identity endpoint of App Service and Functions (plain HTTP, as
 * there), and Azure Resource Manager over TLS with managed clusters, their user credentials, throttling and refusals.
 * ARM accepts only tokens that the identity endpoint gave out for it.
 */
import { randomBytes } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { stringify } from "yaml";
import { createAuthority } from "../certificates.ts";
import { sendBadTokenRequest, sendToken, tokenRequestOf } from "./identity-endpoint.ts";
import { closeAtOnce, listen, send } from "./loopback-server.ts";

export const ARM_RESOURCE = "https://management.azure.com/";
export const AKS_RESOURCE = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** Enough clusters for two pages. */
const PAGE_SIZE = 3;
const SECRET_HEADER = randomBytes(16).toString("hex");

export type AzureCluster = {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdAt?: string;
  /** Address and CA in its kubeconfig. */
  readonly server: string;
  readonly caPem: string;
  readonly powerState?: "Running" | "Stopped";
  /** Default true: Entra integration. Without it Azure hands out a client certificate. */
  readonly entra?: boolean;
};

/** Answers that come instead of the real one, in order, to requests whose path contains `path` (any case). */
export type AzureFault = {
  readonly path: string;
  readonly times: number;
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds?: number;
};

export type AzureServer = {
  /** For `ArmOptions`. */
  readonly armEndpoint: string;
  readonly caPem: string;
  /** What the platform sets for the managed identity. */
  readonly environment: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** Replaces the cluster of the same id. */
  readonly put: (cluster: AzureCluster) => void;
  readonly fail: (fault: AzureFault) => void;
  /** The token for a resource; without it random ones. */
  readonly issue: (resource: string, token: string) => void;
  /**
   * Forgets clusters, faults and requests, and keeps the tokens: @azure/identity caches them for the whole process, so
   * that one server has to last for all tests of a file.
   */
  readonly reset: () => void;
  /** `GET /subscriptions/…`, in order, without query. */
  readonly requests: () => readonly string[];
  readonly close: () => Promise<void>;
};

export function resourceIdOf(cluster: Pick<AzureCluster, "subscription" | "resourceGroup" | "name">): string {
  const { subscription, resourceGroup, name } = cluster;
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`;
}

type State = {
  readonly clusters: Map<string, AzureCluster>;
  readonly faults: { readonly fault: AzureFault; left: number }[];
  /** Token given out, by token. */
  readonly tokens: Map<string, string>;
  readonly chosen: Map<string, string>;
  readonly requests: string[];
  armEndpoint: string;
};

export async function startAzureServer(): Promise<AzureServer> {
  const authority = createAuthority("Azure Test Authority");
  const state: State = {
    clusters: new Map(),
    faults: [],
    tokens: new Map(),
    chosen: new Map(),
    requests: [],
    armEndpoint: "",
  };
  const identity = createHttpServer((request, response) => answerIdentity(state, request, response));
  const keyPair = authority.issue({ commonName: "management", hosts: ["127.0.0.1", "localhost"] });
  const arm = createHttpsServer(keyPair, (request, response) => answerArm(state, request, response));
  const closers = [identity, arm].map(closeAtOnce);
  const [identityPort, armPort] = await Promise.all([listen(identity), listen(arm)]);
  state.armEndpoint = `https://127.0.0.1:${armPort}`;
  return {
    armEndpoint: state.armEndpoint,
    caPem: authority.caPem,
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${identityPort}/msi/token`, IDENTITY_HEADER: SECRET_HEADER },
    put: (cluster) => state.clusters.set(resourceIdOf(cluster).toLowerCase(), cluster),
    fail: (fault) => state.faults.push({ fault, left: fault.times }),
    issue: (resource, token) => state.chosen.set(resource, token),
    reset: () => {
      state.clusters.clear();
      state.faults.length = 0;
      state.requests.length = 0;
    },
    requests: () => state.requests,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

function answerIdentity(state: State, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://identity");
  state.requests.push(`TOKEN ${url.searchParams.get("resource") ?? ""}`);
  const asked = tokenRequestOf(request);
  if (asked?.secret !== SECRET_HEADER) {
    sendBadTokenRequest(response);
    return;
  }
  if (sendFault(state, "/msi/token", response)) return;
  const { resource } = asked;
  const token = state.chosen.get(resource) ?? randomBytes(16).toString("hex");
  state.tokens.set(token, resource.replace(/\/$/, ""));
  sendToken(response, token, resource);
}

function answerArm(state: State, request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const url = new URL(request.url ?? "/", state.armEndpoint);
  state.requests.push(`${request.method ?? "GET"} ${url.pathname}`);
  const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
  if (state.tokens.get(token) !== ARM_RESOURCE.replace(/\/$/, "")) {
    sendError(response, 401, "InvalidAuthenticationToken");
    return;
  }
  if (sendFault(state, url.pathname, response)) return;
  const list = /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters$/i.exec(
    url.pathname,
  );
  if (list?.[1] !== undefined) {
    sendPage(state, list[1], url, response);
    return;
  }
  const [, id = "", action] = /^(.*\/managedClusters\/[^/]+)(?:\/(\w+))?$/i.exec(url.pathname) ?? [];
  const cluster = state.clusters.get(id.toLowerCase());
  if (cluster === undefined) sendError(response, 404, "ResourceNotFound");
  else if (action === undefined) send(response, 200, managedCluster(cluster));
  else if (action.toLowerCase() === "listclusterusercredential") send(response, 200, credentials(cluster));
  else sendError(response, 404, "InvalidResourceType");
}

function sendPage(state: State, subscription: string, url: URL, response: ServerResponse): void {
  const all = [...state.clusters.values()].filter((cluster) => cluster.subscription === subscription);
  const start = Number(url.searchParams.get("$skiptoken") ?? 0);
  const value = all.slice(start, start + PAGE_SIZE).map(managedCluster);
  const next = `${state.armEndpoint}${url.pathname}?api-version=${url.searchParams.get("api-version")}&$skiptoken=${start + PAGE_SIZE}`;
  send(response, 200, { value, ...(start + PAGE_SIZE < all.length ? { nextLink: next } : {}) });
}

function managedCluster(cluster: AzureCluster): object {
  return {
    id: resourceIdOf(cluster),
    name: cluster.name,
    type: "Microsoft.ContainerService/ManagedClusters",
    location: "westeurope",
    tags: cluster.tags ?? {},
    systemData: { createdAt: cluster.createdAt ?? "2026-01-01T00:00:00Z" },
    properties: {
      provisioningState: "Succeeded",
      powerState: { code: cluster.powerState ?? "Running" },
      ...(cluster.entra === false ? {} : { aadProfile: { managed: true, enableAzureRBAC: true } }),
      disableLocalAccounts: cluster.entra !== false,
    },
  };
}

function credentials(cluster: AzureCluster): object {
  const { name, server, caPem } = cluster;
  const user =
    cluster.entra === false
      ? { "client-certificate-data": "Y2VydA==", "client-key-data": "a2V5" }
      : { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command: "kubelogin", args: ["get-token"] } };
  const kubeconfig = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": Buffer.from(caPem).toString("base64") } }],
    contexts: [{ name, context: { cluster: name, user: `clusterUser_${name}` } }],
    "current-context": name,
    users: [{ name: `clusterUser_${name}`, user }],
  });
  return { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(kubeconfig).toString("base64") }] };
}

function sendFault(state: State, path: string, response: ServerResponse): boolean {
  const rule = state.faults.find(
    ({ fault, left }) => left > 0 && path.toLowerCase().includes(fault.path.toLowerCase()),
  );
  if (rule === undefined) return false;
  rule.left -= 1;
  const { status, code, retryAfterSeconds } = rule.fault;
  if (retryAfterSeconds !== undefined) response.setHeader("retry-after", String(retryAfterSeconds));
  sendError(response, status, code);
  return true;
}

function sendError(response: ServerResponse, status: number, code: string): void {
  send(response, status, { error: { code, message: `${code}: as a test asked` } });
}
