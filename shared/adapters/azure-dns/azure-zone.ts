/**
 * An Azure Private DNS zone as a ZonePort. A list is read page by page to the last one, or not at all; a write replaces one
 * whole record set, and only as long as it is as it was read.
 * Beware of the lost answer: a write that succeeded and is sent again fails its precondition. So where an earlier try may
 * have been carried out, the record set is read back before it is called stale.
 */
import { readRecordSet, recordFieldsOf, relativeName } from "../../contracts/azure/record-set.ts";
import { type FleetError, ObjectRefusedError, StaleObjectError } from "../../errors.ts";
import type { ZoneAction } from "../../model/access.ts";
import type { RecordSet, RecordSetDelete, RecordSetId, RecordSetWrite } from "../../model/zone-records.ts";
import type { Clock, ZonePort } from "../../ports.ts";
import { deniedActions } from "./denied-actions.ts";
import type { DnsClients } from "./dns-clients.ts";
import { readWholeZone } from "./read-whole-zone.ts";
import { paceOf } from "./write-pace.ts";
import { placeOf, refusedRequest, saysZoneIsMissing, unusable, type ZoneAddress, zoneId } from "./zone-errors.ts";
import { DEFAULT_REQUEST_POLICY, type RequestPolicy, type ZoneAnswer, ZoneRequests } from "./zone-requests.ts";

export const API_VERSION = "2024-06-01";

export type AzureZoneOptions = {
  readonly address: ZoneAddress;
  readonly clients: DnsClients;
  readonly clock: Clock;
  readonly policy?: Partial<RequestPolicy>;
  /** In [0, 1); default chance. */
  readonly random?: () => number;
  /** Record sets on a page (`$top`). Without it Azure decides: 100, which is the most that is documented. */
  readonly pageSize?: number;
};

/** Asks nobody yet. */
export function openAzureZone(options: AzureZoneOptions): ZonePort {
  return new AzureZone(options);
}

class AzureZone implements ZonePort {
  readonly zone: string;
  readonly #address: ZoneAddress;
  readonly #requests: ZoneRequests;
  readonly #pageSize: number | undefined;
  constructor({ address, clients, clock, policy, random = Math.random, pageSize }: AzureZoneOptions) {
    this.zone = address.zone;
    this.#address = address;
    this.#pageSize = pageSize;
    this.#requests = new ZoneRequests({
      address,
      clients,
      clock,
      random,
      policy: { ...DEFAULT_REQUEST_POLICY, ...policy },
      pace: paceOf(clock, zoneId(address).toLowerCase()),
    });
  }

  async list(signal: AbortSignal): Promise<readonly RecordSet[]> {
    const top = this.#pageSize === undefined ? "" : `&$top=${this.#pageSize}`;
    const path = `${pathOf(this.#address)}/ALL?api-version=${API_VERSION}${top}`;
    return await readWholeZone({ address: this.#address, requests: this.#requests, path }, signal);
  }

  async get(id: RecordSetId, signal: AbortSignal): Promise<RecordSet | undefined> {
    const path = this.#pathOf(id);
    if (path === undefined) return undefined;
    const what = "read record sets";
    const answer = await this.#requests.send({ method: "GET", path, what }, signal);
    if (answer.status === 200) return this.#recordSetOf(answer);
    if (answer.status === 404 && !saysZoneIsMissing(answer.body)) return undefined;
    throw refusedRequest(answer, { address: this.#address, what });
  }

  async put(write: RecordSetWrite, signal: AbortSignal): Promise<RecordSet> {
    const { expected } = write;
    const object = objectOf(write);
    const path = this.#pathOf(write);
    if (path === undefined) {
      throw new ObjectRefusedError(placeOf(this.#address), object, "its name does not lie in the zone");
    }
    const isNew = expected === "absent";
    const answer = await this.#requests.send(
      {
        method: "PUT",
        path,
        headers: isNew ? { "if-none-match": "*" } : { "if-match": expected.etag },
        body: { properties: recordFieldsOf(write) },
        counts: isNew ? "create" : "update",
        what: `write ${object}`,
      },
      signal,
    );
    if (answer.status === 200 || answer.status === 201) return this.#recordSetOf(answer);
    if (answer.status === 412) return await this.#afterPreconditionFailed(write, answer, signal);
    if (answer.status === 404 && !isNew && !saysZoneIsMissing(answer.body)) throw this.#stale(write, "it is gone");
    throw this.#refused(answer, `write ${object}`, object);
  }

  async remove(target: RecordSetDelete, signal: AbortSignal): Promise<void> {
    const object = objectOf(target);
    const path = this.#pathOf(target);
    if (path === undefined) return;
    const what = `delete ${object}`;
    const headers = { "if-match": target.etag };
    const answer = await this.#requests.send({ method: "DELETE", path, headers, counts: "delete", what }, signal);
    if (answer.status === 200 || answer.status === 204) return;
    if (answer.status === 404 && !saysZoneIsMissing(answer.body)) return;
    if (answer.status !== 412) throw this.#refused(answer, what, object);
    if ((await this.get(target, signal)) !== undefined) throw this.#stale(target, "it was written meanwhile");
  }

  async deniedActions(actions: readonly ZoneAction[], signal: AbortSignal): Promise<readonly ZoneAction[]> {
    const zone = { address: this.#address, requests: this.#requests, zonePath: pathOf(this.#address) };
    return await deniedActions(zone, actions, signal);
  }

  /** @returns the record set where it is ours after all. */
  async #afterPreconditionFailed(write: RecordSetWrite, answer: ZoneAnswer, signal: AbortSignal): Promise<RecordSet> {
    const found = answer.doubtful ? await this.get(write, signal) : undefined;
    if (found !== undefined && hasContentOf(found, write)) return found;
    throw this.#stale(write, write.expected === "absent" ? "it exists by now" : "it was written or deleted meanwhile");
  }

  #recordSetOf(answer: ZoneAnswer): RecordSet {
    const read = readRecordSet(this.zone, answer.body);
    if (read.is === "record-set") return read.recordSet;
    throw unusable(this.#address, read.is === "fault" ? read.detail : "a record set of another type");
  }

  #pathOf({ name, type }: RecordSetId): string | undefined {
    const relative = relativeName(name, this.zone);
    if (relative === undefined) return undefined;
    // ARM and the SDK leave `@` as it is.
    const last = relative === "@" ? relative : encodeURIComponent(relative);
    return `${pathOf(this.#address)}/${type}/${last}?api-version=${API_VERSION}`;
  }

  #refused(answer: ZoneAnswer, what: string, object: string): FleetError {
    return refusedRequest(answer, { address: this.#address, what, object });
  }

  #stale(id: RecordSetId, detail: string): StaleObjectError {
    return new StaleObjectError(placeOf(this.#address), objectOf(id), detail);
  }
}

function pathOf({ subscription, resourceGroup, zone }: ZoneAddress): string {
  return zoneId({
    subscription: encodeURIComponent(subscription),
    resourceGroup: encodeURIComponent(resourceGroup),
    zone: encodeURIComponent(zone),
  });
}

function objectOf({ name, type }: RecordSetId): string {
  return `${type} ${name}`;
}

function hasContentOf(found: RecordSet, { ttlSeconds, values, metadata }: RecordSetWrite): boolean {
  return (
    found.ttlSeconds === ttlSeconds &&
    sameTexts(found.values, values.toSorted()) &&
    sameTexts(entriesOf(found.metadata), entriesOf(metadata))
  );
}

function entriesOf(metadata: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(metadata)
    .map((entry) => JSON.stringify(entry))
    .toSorted();
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}
