/**
 * Lists a whole kind, page by page, or throws: there is no half of a list, because what is missing from one reads as deleted.
 * Each page is parsed to what rules look at and dropped, so that a cluster of 20,000 objects costs a sixth of its JSON in memory.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { kindTable } from "../../contracts/kinds.ts";
import { ClusterUnreachableError, IncompleteListError, KindNotServedError, ThrottledError } from "../../errors.ts";
import type { Kind, KindObjects } from "../../model/kinds.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import type { RejectedObject } from "../../model/resources.ts";
import type { ReadList } from "../../ports.ts";
import type { KubernetesConnection } from "./connection.ts";
import { asFleetError, placeOf } from "./fleet-errors.ts";
import { StatusFailure } from "./request-failure.ts";
import { collectionPath, resourceName } from "./resource-path.ts";
import { withRetries } from "./retry.ts";

/** Objects per page: about 1 MB of JSON each, and what client-go uses. */
const PAGE_SIZE = 500;
/** A million objects. A server that never ends its list is not read to the end. */
const MAX_PAGES = 2_000;
/** Lists from the beginning: the second one after the API server forgot where the first one was (410 Gone). */
const MAX_RUNS = 2;

export type ListRequest<K extends Kind> = {
  readonly connection: KubernetesConnection;
  readonly kind: K;
  /** One of the kind's versions. */
  readonly version: string;
  readonly signal: AbortSignal;
};

/**
 * @returns all objects, sorted by namespace and name.
 * @throws KindNotServedError, ForbiddenError, ClusterUnauthorizedError, ClusterCertificateError, ClusterUnreachableError,
 *   ThrottledError: nothing was read. IncompleteListError: a part was read and thrown away.
 */
export async function listKind<K extends Kind>(request: ListRequest<K>): Promise<ReadList<KindObjects[K]>> {
  const { connection, kind } = request;
  let cause: unknown;
  for (let run = 0; run < MAX_RUNS; run += 1) {
    try {
      return await listOnce(request);
    } catch (caught) {
      if (!(caught instanceof ListExpired)) throw caught;
      cause = caught.cause;
    }
  }
  const detail = "410 Gone twice: the API server dropped the place where the list was to go on";
  throw new IncompleteListError(connection.cluster, kind, detail, cause);
}

/** Internal: the continue token is too old, the list has to start again. */
class ListExpired extends Error {
  override readonly name = "ListExpired";
}

async function listOnce<K extends Kind>(request: ListRequest<K>): Promise<ReadList<KindObjects[K]>> {
  const { connection, kind } = request;
  const objects: KindObjects[K][] = [];
  const rejected: RejectedObject[] = [];
  let pending = readPage(request, 1, "");
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const body = await pending;
    const early = tokenAtEnd(body);
    if (early !== "") {
      // The API server works on the next page while this one is parsed; a turn of the event loop lets the request go out.
      pending = begun(readPage(request, page + 1, early));
      await nextTurn();
    }
    const { items, continueToken } = parsePage(body, connection.cluster, kind);
    if (continueToken !== "" && continueToken !== early) pending = begun(readPage(request, page + 1, continueToken));
    for (const item of items) {
      const parsed = kindTable[kind].parse(item);
      if (parsed.ok) objects.push(parsed.value);
      else rejected.push(parsed.rejected);
    }
    if (continueToken === "") return { objects: objects.sort(byKey), rejected: rejected.sort(byKey) };
  }
  throw new IncompleteListError(connection.cluster, kind, `more than ${MAX_PAGES} pages`);
}

/** Its failure is looked at when its turn comes. */
function begun(page: Promise<string>): Promise<string> {
  page.catch(() => {});
  return page;
}

type Page = { readonly items: readonly unknown[]; readonly continueToken: string };

/** @returns the answer's text. */
async function readPage(request: ListRequest<Kind>, page: number, next: string): Promise<string> {
  const { connection, kind, version, signal } = request;
  const { cluster } = connection;
  const { labelSelector, fieldSelector } = kindTable[kind];
  const query = {
    limit: String(PAGE_SIZE),
    ...(next === "" ? {} : { continue: next }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  const send = async (): Promise<string> =>
    await connection.send({ method: "GET", path: collectionPath(kind, version), query }, signal);
  try {
    return await withRetries(send, { place: placeOf(cluster), signal, access: "read" });
  } catch (caught) {
    if (caught instanceof StatusFailure) {
      if (caught.status === 410) throw new ListExpired("the list expired", { cause: caught });
      if (caught.status === 404) throw new KindNotServedError(cluster, kind, caught);
    }
    const error = asFleetError(caught, { cluster, what: `list ${resourceName(kind)}`, signal });
    if (page === 1 || !(error instanceof ClusterUnreachableError || error instanceof ThrottledError)) throw error;
    throw new IncompleteListError(cluster, kind, `page ${page} failed: ${error.message}`, error);
  }
}

function parsePage(body: string, cluster: string, kind: Kind): Page {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (caught) {
    throw new IncompleteListError(cluster, kind, "the answer is not JSON", caught);
  }
  if (typeof parsed === "object" && parsed !== null && "items" in parsed) {
    const { items } = parsed;
    const metadata: unknown = "metadata" in parsed ? parsed.metadata : undefined;
    // Go writes an empty list as null.
    if (items === null) return { items: [], continueToken: tokenOf(metadata) };
    if (Array.isArray(items)) return { items, continueToken: tokenOf(metadata) };
  }
  throw new IncompleteListError(cluster, kind, "the answer is not a list");
}

/** Lists of custom resources end with their metadata: the continue token can be had without parsing a megabyte before it. */
const metadataAtEnd = /"metadata":\{[^{}]*?"continue":"([^"\\]+)"[^{}]*\}\}\s*$/;
const mostOfMetadata = 2_000;

function tokenAtEnd(body: string): string {
  return metadataAtEnd.exec(body.slice(-mostOfMetadata))?.[1] ?? "";
}

function tokenOf(metadata: unknown): string {
  if (typeof metadata !== "object" || metadata === null || !("continue" in metadata)) return "";
  return typeof metadata.continue === "string" ? metadata.continue : "";
}

/** Code unit order, the same on every machine. */
function byKey(a: { readonly meta: ObjectMeta }, b: { readonly meta: ObjectMeta }): number {
  const left = keyOf(a.meta);
  const right = keyOf(b.meta);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function keyOf(meta: ObjectMeta): string {
  return meta.namespace === undefined ? meta.name : `${meta.namespace}/${meta.name}`;
}
