import { describe, expect, it } from "vitest";
import { readWholeZone } from "../../../../shared/adapters/azure-dns/read-whole-zone.ts";
import type { ZoneAnswer } from "../../../../shared/adapters/azure-dns/zone-requests.ts";
import type { RecordSet } from "../../../../shared/model/zone-records.ts";

const address = { subscription: "s", resourceGroup: "rg", zone: "example.com" };
const FIRST = "/zone/ALL?api-version=1";

const set = (name: string, etag = name): object => ({ name, type: "A", etag, properties: { ttl: 1, aRecords: [] } });

/** Pages by path; one that is asked for and not there is 404. */
function read(pages: Readonly<Record<string, unknown>>): Promise<readonly RecordSet[]> {
  const send = async ({ path }: { readonly path: string }): Promise<ZoneAnswer> => {
    const body = pages[path];
    return { status: body === undefined ? 404 : 200, body, doubtful: false };
  };
  return readWholeZone({ address, requests: { send }, path: FIRST }, AbortSignal.timeout(10_000));
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "read",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
}

describe("readWholeZone", () => {
  it("follows path and query of the links, and sends no token to the host that they name", async () => {
    const pages = {
      [FIRST]: { value: [set("b")], nextLink: "https://elsewhere.example/zone/ALL?api-version=1&%24skiptoken=x%2B1" },
      "/zone/ALL?api-version=1&%24skiptoken=x%2B1": { value: [set("a")] },
    };
    expect((await read(pages)).map(({ name }) => name)).toEqual(["a.example.com", "b.example.com"]);
  });

  it("counts a record set that stands on two pages once, as last seen", async () => {
    const pages = {
      [FIRST]: { value: [set("a", "old"), set("b")], nextLink: "https://x/2" },
      "/2": { value: [set("a", "new")], nextLink: "" },
    };
    expect((await read(pages)).map(({ name, etag }) => [name, etag])).toEqual([
      ["a.example.com", "new"],
      ["b.example.com", "b"],
    ]);
  });

  it("sorts by name, then type, as names and not as keys", async () => {
    const names = ["a-b", "a", "a.b", "a0", "*"];
    const value = names.flatMap((name) => [set(name), { ...set(name), type: "AAAA" }]);
    const found = await read({ [FIRST]: { value } });
    const sorted = [...found].sort((left, right) =>
      left.name === right.name ? (left.type < right.type ? -1 : 1) : left.name < right.name ? -1 : 1,
    );
    expect(found).toEqual(sorted);
  });

  it.each([
    ["a page without record sets", { [FIRST]: { nextLink: "https://x/2" } }],
    ["a page that is no object", { [FIRST]: "<html>" }],
    ["a record set that cannot be understood", { [FIRST]: { value: [set("a"), { type: "A" }] } }],
    ["a link that leads nowhere", { [FIRST]: { value: [], nextLink: "page two" } }],
    ["a link that is none", { [FIRST]: { value: [], nextLink: 7 } }],
    ["pages that lead in a circle", { [FIRST]: { value: [], nextLink: `https://x${FIRST}` } }],
    [
      "pages without end",
      Object.fromEntries(
        Array.from({ length: 1_100 }, (_, page) => [
          page === 0 ? FIRST : `/${page}`,
          { value: [], nextLink: `https://x/${page + 1}` },
        ]),
      ),
    ],
  ])("reads nothing of a zone with %s", async (_what, pages) => {
    expect(await codeOf(read(pages))).toBe("ZONE_UNREACHABLE");
  });

  it("reads nothing of a zone whose last page is gone", async () => {
    expect(await codeOf(read({ [FIRST]: { value: [set("a")], nextLink: "https://x/2" } }))).toBe("ZONE_NOT_FOUND");
  });
});
