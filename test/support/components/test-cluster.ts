/**
 * Objects in a real API server, arranged and read by tests as admin.
 * Only the API server runs: no garbage collector (owner references delete nothing), no namespace controller (a deleted
 * namespace stays "Terminating": take a fresh one for each test and never wait for one to vanish), no load-balancer
 * controller (tests write the IPs of Services), no Deployment, Endpoints or ServiceAccount controller.
 */
import { randomBytes } from "node:crypto";
import type { ApiAnswer } from "./api-client.ts";
import type { ApiServer } from "./api-server.ts";
import { resourcePath } from "./discovery.ts";

const MANAGER = "test";
const PAGE_SIZE = 500;
const MOST_PAGES = 200;

export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

export type ObjectReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
};

export type Listing = {
  readonly apiVersion: string;
  readonly kind: string;
  /** Without it: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
};

export type ApplyOptions = {
  /** Field manager; "test" without it. */
  readonly manager?: string;
  /** Acts as this user of the server's options; as admin without it. */
  readonly user?: string;
};

/** `namespace/name`, or `name` for cluster-scoped objects. */
export function fullName(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Creates a namespace, by default with a name that no other test has. @returns its name. */
export async function createNamespace(
  server: ApiServer,
  name = `test-${randomBytes(4).toString("hex")}`,
): Promise<string> {
  await applyObject(server, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  return name;
}

/**
 * Server-side apply with force: creates or updates; fields that an earlier apply set and this one leaves out are removed.
 * Unknown fields are refused, so that a typing error in a test shows.
 * @returns the object as stored. @throws Error with status and message of the API server.
 */
export async function applyObject(
  server: ApiServer,
  object: KubeObject,
  options: ApplyOptions = {},
): Promise<KubeObject> {
  const resource = await resourcePath(server, referenceOf(object));
  const query = new URLSearchParams({
    fieldManager: options.manager ?? MANAGER,
    force: "true",
    fieldValidation: "Strict",
  });
  const call = {
    method: "PATCH",
    path: `${resource}?${query.toString()}`,
    body: object,
    contentType: "application/apply-patch+yaml",
  };
  const answer = await (options.user === undefined
    ? server.request(call.method, call.path, call.body, call.contentType)
    : server.requestAs(options.user, call));
  return objectIn(answer, `apply ${object.kind} ${fullName(object)} on ${server.name}`);
}

/** Merges into the status subresource, as the controllers would that do not run here; a list replaces a list. */
export async function setStatus(server: ApiServer, reference: ObjectReference, status: object): Promise<KubeObject> {
  const { apiVersion, kind } = reference;
  const path = `${await resourcePath(server, reference)}/status?fieldManager=${MANAGER}`;
  const answer = await server.request("PATCH", path, { apiVersion, kind, status });
  return objectIn(answer, `set the status of ${describe(reference)} on ${server.name}`);
}

/** Gives a LoadBalancer Service its address; undefined takes it away. */
export async function setLoadBalancerIp(
  server: ApiServer,
  service: { readonly namespace: string; readonly name: string },
  ip: string | undefined,
): Promise<void> {
  const ingress = ip === undefined ? [] : [{ ip }];
  await setStatus(server, { apiVersion: "v1", kind: "Service", ...service }, { loadBalancer: { ingress } });
}

/** @returns undefined when there is no such object. */
export async function get(server: ApiServer, reference: ObjectReference): Promise<KubeObject | undefined> {
  const answer = await server.request("GET", await resourcePath(server, reference));
  return answer.status === 404 ? undefined : objectIn(answer, `get ${describe(reference)} on ${server.name}`);
}

/** Reads every page. In the API server's order: by namespace, then name. */
export async function list(server: ApiServer, listing: Listing): Promise<readonly KubeObject[]> {
  const path = await resourcePath(server, listing);
  const found: KubeObject[] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (listing.labelSelector !== undefined) query.set("labelSelector", listing.labelSelector);
    if (next !== undefined) query.set("continue", next);
    const answer = await server.request("GET", `${path}?${query.toString()}`);
    if (answer.status !== 200 || !isList(answer.body)) {
      throw new Error(refusal(`list ${listing.kind} on ${server.name}`, answer));
    }
    const { apiVersion, kind } = listing;
    // Items of built-in lists carry neither apiVersion nor kind.
    found.push(...answer.body.items.map((item) => ({ ...item, apiVersion, kind })));
    next = answer.body.metadata.continue;
    if (next === undefined || next === "") return found;
  }
  throw new Error(`list ${listing.kind} on ${server.name}: more than ${MOST_PAGES} pages of ${PAGE_SIZE}`);
}

/** @returns false when there was nothing to delete. An object with finalizers stays until its owner removes them. */
export async function remove(server: ApiServer, reference: ObjectReference): Promise<boolean> {
  const answer = await server.request("DELETE", await resourcePath(server, reference));
  if (answer.status === 404) return false;
  if (answer.status >= 300) throw new Error(refusal(`remove ${describe(reference)} on ${server.name}`, answer));
  return true;
}

export function referenceOf(object: KubeObject): ObjectReference {
  const { namespace, name } = object.metadata;
  const { apiVersion, kind } = object;
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
}

function describe(reference: ObjectReference): string {
  const { kind, namespace, name } = reference;
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function objectIn(answer: ApiAnswer, what: string): KubeObject {
  if (answer.status >= 300 || !isObject(answer.body)) throw new Error(refusal(what, answer));
  return answer.body;
}

function refusal(what: string, answer: ApiAnswer): string {
  const { body } = answer;
  const reason = isRecord(body) && typeof body["message"] === "string" ? body["message"] : JSON.stringify(body);
  return `${what}: ${answer.status} ${reason}`;
}

type ListBody = { readonly items: readonly KubeObject[]; readonly metadata: { readonly continue?: string } };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isObject = (value: unknown): value is KubeObject =>
  isRecord(value) && isRecord(value["metadata"]) && typeof value["metadata"]["name"] === "string";

const isList = (value: unknown): value is ListBody =>
  isRecord(value) && Array.isArray(value["items"]) && isRecord(value["metadata"]);
