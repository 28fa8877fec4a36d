/** A list of Azure about one zone, page by page to the last one, or an error: half a list is none. */
import { refusedRequest, unusable, type ZoneAddress } from "./zone-errors.ts";
import type { ZoneRequests } from "./zone-requests.ts";

/** A zone holds at most 25,000 record sets, 250 pages; more than this is a fault of the far side. */
const MAX_PAGES = 1_000;

export type PagedList = {
  readonly address: ZoneAddress;
  readonly requests: Pick<ZoneRequests, "send">;
  /** Of the first page, with query. */
  readonly path: string;
  /** What is listed, in the plural: `record sets`. */
  readonly of: string;
};

/** The entries of one page after another. @throws as ZonePort's list does. */
export async function* readPages(list: PagedList, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
  const { address, requests, of } = list;
  const what = `read ${of}`;
  const seen = new Set<string>();
  let path: string | undefined = list.path;
  while (path !== undefined) {
    if (seen.has(path)) throw unusable(address, `the list of ${of} leads in a circle, at page ${seen.size}`);
    if (seen.size >= MAX_PAGES) throw unusable(address, `the list of ${of} has more than ${MAX_PAGES} pages`);
    seen.add(path);
    const answer = await requests.send({ method: "GET", path, what }, signal);
    if (answer.status !== 200) throw refusedRequest(answer, { address, what });
    const { body } = answer;
    if (typeof body !== "object" || body === null || !("value" in body) || !Array.isArray(body.value)) {
      throw unusable(address, `a page of its list holds no ${of}`);
    }
    yield body.value;
    path = "nextLink" in body ? pathOf(address, body.nextLink) : undefined;
  }
}

/** Only path and query of the link are followed: a token is not sent to wherever an answer says. */
function pathOf(address: ZoneAddress, link: unknown): string | undefined {
  if (link === undefined || link === null || link === "") return undefined;
  const url = typeof link === "string" ? URL.parse(link) : null;
  if (url === null) throw unusable(address, "its list does not say where the next page is");
  return `${url.pathname}${url.search}`;
}
