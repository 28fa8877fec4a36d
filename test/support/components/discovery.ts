/** Paths of objects, from what the API server itself says it serves: no table of plurals that could be wrong. */
import type { ApiServer } from "./api-server.ts";

type Resource = { readonly name: string; readonly namespaced: boolean; readonly kind: string };

export type Address = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
};

const knownByServer = new WeakMap<ApiServer, Map<string, Resource>>();

/**
 * Path of one object, or of a list when there is no name.
 * @throws Error when the server does not serve the kind in this version, e.g. because its CRD is not installed.
 */
export async function resourcePath(server: ApiServer, address: Address): Promise<string> {
  const resource = await resourceOf(server, address.apiVersion, address.kind);
  if (resource === undefined) {
    throw new Error(`${server.name} does not serve ${address.kind} of ${address.apiVersion}: is its CRD installed?`);
  }
  const { namespace, name } = address;
  if (!resource.namespaced && namespace !== undefined) {
    throw new Error(`${address.kind} is cluster-scoped and has no namespace, but ${namespace} was given`);
  }
  if (resource.namespaced && namespace === undefined && name !== undefined) {
    throw new Error(`${address.kind} ${name} needs a namespace`);
  }
  const segments = namespace === undefined ? [resource.name] : ["namespaces", namespace, resource.name];
  if (name !== undefined) segments.push(name);
  return [groupPath(address.apiVersion), ...segments.map(encodeURIComponent)].join("/");
}

/** @returns undefined when it is not served now. Only what is served is remembered: a CRD may come a moment later. */
export async function resourceOf(server: ApiServer, apiVersion: string, kind: string): Promise<Resource | undefined> {
  const known = knownByServer.get(server) ?? new Map<string, Resource>();
  knownByServer.set(server, known);
  const key = `${apiVersion} ${kind}`;
  const hit = known.get(key);
  if (hit !== undefined) return hit;
  const answer = await server.request("GET", groupPath(apiVersion));
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`${server.name} answers ${answer.status} to discovery of ${apiVersion}`);
  for (const resource of resourcesIn(answer.body)) {
    // `services/status` and the like are parts of another resource.
    if (!resource.name.includes("/")) known.set(`${apiVersion} ${resource.kind}`, resource);
  }
  return known.get(key);
}

const groupPath = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function resourcesIn(body: unknown): readonly Resource[] {
  if (typeof body !== "object" || body === null || !("resources" in body) || !Array.isArray(body.resources)) return [];
  return body.resources.filter(isResource);
}

const isResource = (value: unknown): value is Resource =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  "kind" in value &&
  typeof value.kind === "string" &&
  "namespaced" in value &&
  typeof value.namespaced === "boolean";
