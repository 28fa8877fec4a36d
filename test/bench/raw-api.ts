/**
 * The floor of everything that talks to an API server: undici with kept connections, nothing around it. As many connections
 * and as many requests at once as the product has, so that both sides ask the same of the server.
 */
import { Agent, fetch, request } from "undici";
import { kindTable } from "../../shared/contracts/kinds.ts";
import type { Kind } from "../../shared/model/kinds.ts";
import { limits } from "../../shared/app/pass-limits.ts";
import type { ApiServer } from "../support/components/api-server.ts";

const AT_ONCE = limits.writesPerCluster;
/** As the product pages (adapters/kubernetes/list.ts). */
const PAGE_SIZE = 500;
const MOST_PAGES = 200;

export type RawCall = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
};

export type RawObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

export type RawApi = {
  /** @throws with the server's words on an answer other than 2xx. @returns the body's text. */
  send(call: RawCall): Promise<string>;
  /** All of them, 16 at a time, in any order. */
  sendAll(calls: readonly RawCall[]): Promise<void>;
  /** A whole collection, page by page: fetch and JSON.parse, nothing else. */
  list(path: string, query?: Readonly<Record<string, string>>): Promise<readonly RawObject[]>;
  close(): Promise<void>;
};

export function openRawApi(server: Pick<ApiServer, "url" | "caPem" | "adminToken">): RawApi {
  const dispatcher = new Agent({ connections: AT_ONCE, connect: { ca: server.caPem }, allowH2: false });
  const headers = { authorization: `Bearer ${server.adminToken}`, accept: "application/json" };
  const send = async ({ method, path, contentType = "application/json", body }: RawCall): Promise<string> => {
    const answer = await request(`${server.url}${path}`, {
      method,
      dispatcher,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": contentType }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 500)}`);
    return text;
  };
  return {
    send,
    sendAll: async (calls) => {
      const queue = calls.values();
      const worker = async (): Promise<void> => {
        for (const call of queue) await send(call);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    },
    list: async (path, query = {}) => {
      const objects: RawObject[] = [];
      let next = "";
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const parameters = { limit: String(PAGE_SIZE), ...query, ...(next === "" ? {} : { continue: next }) };
        const url = `${server.url}${path}?${new URLSearchParams(parameters).toString()}`;
        const answer = await fetch(url, { dispatcher, headers });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${text.slice(0, 500)}`);
        const { items, metadata } = JSON.parse(text) as {
          readonly items: readonly RawObject[] | null;
          readonly metadata: { readonly continue?: string };
        };
        for (const item of items ?? []) objects.push(item);
        next = metadata.continue ?? "";
        if (next === "") return objects;
      }
      throw new Error(`GET ${path}: more than ${MOST_PAGES} pages`);
    },
    close: () => dispatcher.close(),
  };
}

/** Where a kind is listed in all namespaces, and what else the product asks for. */
export function listOf(kind: Kind): { readonly path: string; readonly query: Readonly<Record<string, string>> } {
  const { group, plural, versions, labelSelector, fieldSelector } = kindTable[kind];
  return {
    path: `${groupPath(group, versions[0])}/${plural}`,
    query: {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    },
  };
}

export function groupPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Path of one object of a kind, with the version its own apiVersion names. */
export function pathOf(apiVersion: string, plural: string, name: string, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}/${name}`;
}
