/** Every record set of a zone, to the last page, or an error: what is missing from half a list would look deleted. */
import { readRecordSet } from "../../contracts/azure/record-set.ts";
import type { RecordSet } from "../../model/zone-records.ts";
import { refusedRequest, unusable, type ZoneAddress } from "./zone-errors.ts";
import type { ZoneRequests } from "./zone-requests.ts";

/** A zone holds at most 25,000 record sets, 250 pages; more than this is a fault of the far side. */
const MAX_PAGES = 1_000;
const WHAT = "read record sets";

export type ZoneToRead = {
  readonly address: ZoneAddress;
  readonly requests: Pick<ZoneRequests, "send">;
  /** Of the first page, with query. */
  readonly path: string;
};

/** Sorted by name and type. A record set that stands on two pages, because others came and went, counts as last seen. */
export async function readWholeZone(zone: ZoneToRead, signal: AbortSignal): Promise<readonly RecordSet[]> {
  const { address, requests } = zone;
  const found = new Map<string, RecordSet>();
  const seen = new Set<string>();
  let path: string | undefined = zone.path;
  while (path !== undefined) {
    if (seen.has(path)) throw unusable(address, `the list of record sets leads in a circle, at page ${seen.size}`);
    if (seen.size >= MAX_PAGES) throw unusable(address, `the list of record sets has more than ${MAX_PAGES} pages`);
    seen.add(path);
    const answer = await requests.send({ method: "GET", path, what: WHAT }, signal);
    if (answer.status !== 200) throw refusedRequest(answer, { address, what: WHAT });
    path = readPage(address, answer.body, found);
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** @returns where the next page is. */
function readPage(address: ZoneAddress, body: unknown, found: Map<string, RecordSet>): string | undefined {
  if (typeof body !== "object" || body === null || !("value" in body) || !Array.isArray(body.value)) {
    throw unusable(address, "a page of its list holds no record sets");
  }
  const entries: readonly unknown[] = body.value;
  for (const entry of entries) {
    const read = readRecordSet(address.zone, entry);
    if (read.is === "fault") throw unusable(address, read.detail);
    // A space sorts before every character of a name, so that keys sort by name, then type.
    if (read.is === "record-set") found.set(`${read.recordSet.name} ${read.recordSet.type}`, read.recordSet);
  }
  return "nextLink" in body ? pathOf(address, body.nextLink) : undefined;
}

/** Only path and query of the link are followed: a token is not sent to wherever an answer says. */
function pathOf(address: ZoneAddress, link: unknown): string | undefined {
  if (link === undefined || link === null || link === "") return undefined;
  const url = typeof link === "string" ? URL.parse(link) : null;
  if (url === null) throw unusable(address, "its list does not say where the next page is");
  return `${url.pathname}${url.search}`;
}
