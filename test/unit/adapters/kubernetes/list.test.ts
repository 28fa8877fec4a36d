import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApiRequest, KubernetesConnection } from "../../../../shared/adapters/kubernetes/connection.ts";
import { listKind } from "../../../../shared/adapters/kubernetes/list.ts";
import { StatusFailure } from "../../../../shared/adapters/kubernetes/request-failure.ts";
import type { ReadList } from "../../../../shared/ports.ts";
import type { Namespace } from "../../../../shared/model/cluster-objects.ts";

/** Answers a list of namespaces in pages; `answers[n]` says what becomes of the n-th request. */
type Outcome = "page" | 403 | 404 | 410;

function connectionTo(
  names: readonly string[],
  pageSize: number,
  outcomes: readonly Outcome[],
  writes: (metadata: object, items: readonly object[]) => object = metadataFirst,
): KubernetesConnection {
  let requests = 0;
  const send = (request: ApiRequest): Promise<string> => {
    const outcome = outcomes[requests] ?? "page";
    requests += 1;
    if (outcome !== "page") {
      return Promise.reject(new StatusFailure({ status: outcome, body: "", retryAfterMs: undefined }));
    }
    const start = Number(request.query?.["continue"] ?? 0);
    const items = names.slice(start, start + pageSize).map((name) => ({ metadata: { name, uid: `uid-${name}` } }));
    const end = start + pageSize;
    const metadata = { continue: end < names.length ? String(end) : "", resourceVersion: "7" };
    return Promise.resolve(JSON.stringify(writes(metadata, items)));
  };
  const dateMs = () => Promise.resolve(undefined);
  return { cluster: "w1", send, dateMs, close: () => Promise.resolve(), configuration: noConfiguration };
}

/** As the API server writes lists of its own kinds, and lists of custom resources. */
const metadataFirst = (metadata: object, items: readonly object[]): object => ({ metadata, items });
const metadataLast = (metadata: object, items: readonly object[]): object => ({
  items,
  kind: "NamespaceList",
  metadata,
});
/** An end that looks like the metadata of a list, and is not. */
const misleading = (metadata: object, items: readonly object[]): object => ({
  metadata,
  items,
  other: { metadata: { continue: "0" } },
});

/** Only the generated APIs of the client look at it; a list does not. */
const noConfiguration: KubernetesConnection["configuration"] = {
  baseServer: {
    makeRequestContext: () => {
      throw new Error("not used");
    },
  },
  httpApi: {
    send: () => {
      throw new Error("not used");
    },
  },
  middleware: [],
  authMethods: {},
};

function list(connection: KubernetesConnection): Promise<ReadList<Namespace>> {
  return listKind({ connection, kind: "Namespace", version: "v1", signal: new AbortController().signal });
}

function fixed(body: string): KubernetesConnection {
  return { ...connectionTo([], 1, []), send: () => Promise.resolve(body) };
}

describe("listKind", () => {
  it.each([
    ["no objects", '{"metadata":{},"items":[]}'],
    ["an empty list as Go writes it", '{"metadata":{"resourceVersion":"7"},"items":null}'],
  ])("reads %s as a complete, empty list", async (_given, body) => {
    await expect(list(fixed(body))).resolves.toEqual({ objects: [], rejected: [] });
  });

  it.each([
    ["HTML", "<html>log in</html>"],
    ["nothing", ""],
    ["a Status", '{"kind":"Status","status":"Success"}'],
    ["items that are no array", '{"items":{}}'],
    ["null", "null"],
  ])("does not take %s for an empty list", async (_given, body) => {
    await expect(list(fixed(body))).rejects.toMatchObject({ code: "LIST_INCOMPLETE" });
  });

  it("keeps an object that does not parse as rejected, and the others as objects", async () => {
    const items = [{ metadata: { name: "b" } }, { metadata: { name: "" } }, { metadata: { name: "a" } }];
    const { objects, rejected } = await list(fixed(JSON.stringify({ items })));
    expect(objects.map(({ meta }) => meta.name)).toEqual(["a", "b"]);
    expect(rejected).toHaveLength(1);
  });

  it("ends with an error when the server never ends its list", async () => {
    const endless = fixed('{"metadata":{"continue":"again"},"items":[]}');
    await expect(list(endless)).rejects.toMatchObject({ code: "LIST_INCOMPLETE" });
  });

  it.each<[string, readonly Outcome[], string]>([
    ["404 on the first page", [404], "KIND_NOT_SERVED"],
    ["403 on the first page", [403], "FORBIDDEN"],
    ["403 on a later page: the right went meanwhile", ["page", 403], "FORBIDDEN"],
    ["404 on a later page: the CRD went meanwhile", ["page", 404], "KIND_NOT_SERVED"],
    ["410 twice", ["page", 410, "page", 410], "LIST_INCOMPLETE"],
  ])("calls %s by its name", async (_given, outcomes, code) => {
    await expect(list(connectionTo(["a", "b", "c"], 1, outcomes))).rejects.toMatchObject({ code });
  });

  it("gives every object exactly once, or throws: never a part", async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 12 });
    const outcome = fc.constantFrom<Outcome>("page", "page", "page", 410, 403, 404);
    const property = fc.asyncProperty(
      names,
      fc.integer({ min: 1, max: 5 }),
      fc.array(outcome),
      fc.constantFrom(metadataFirst, metadataLast, misleading),
      async (all, size, fate, writes) => {
        try {
          const { objects } = await list(connectionTo(all, size, fate, writes));
          expect(objects.map(({ meta }) => meta.name)).toEqual([...all].sort());
        } catch (caught) {
          expect(caught).toMatchObject({ code: expect.stringMatching(/LIST_INCOMPLETE|FORBIDDEN|KIND_NOT_SERVED/) });
        }
      },
    );
    await fc.assert(property);
  });
});
