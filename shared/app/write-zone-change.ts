/**
 * Carries out one change of a zone. The order makes it safe to be killed at any line: the record before its TXT, so that no
 * record is ever left without ownership by us; a TXT that stays behind alone is found again as garbage. Afterwards the record
 * is read again: a DNSEndpoint that came back in between makes ExternalDNS write it, and our delete of the TXT would leave it
 * an orphan for ever (measured), so the TXT is put back.
 */
import { asError, FleetError, StaleObjectError, ThrottledError } from "../errors.ts";
import type { ZoneChange, ZoneChangeOutcome, ZoneWrite } from "../model/zone-change.ts";
import type { RecordSet, RecordSetId } from "../model/zone-records.ts";
import type { Clock, ZonePort } from "../ports.ts";
import { limits } from "./pass-limits.ts";

/** A record set and the zone that holds it. */
type Placed = RecordSetId & { readonly zone: string };

export type ZoneWriter = {
  readonly open: (zone: string) => Promise<ZonePort>;
  /** Asked before every write. @throws LeaseLostError, StoreUnavailableError */
  readonly ensureRoom: () => Promise<void>;
  readonly clock: Pick<Clock, "sleep">;
};

/** What was begun is finished even where the zone asks for patience, but not for longer than this. */
const patience = { attempts: 4, longestMs: 20_000 } as const;

type Done = Extract<ZoneChangeOutcome, { readonly kind: "done" }>;
type Undone = Exclude<ZoneChangeOutcome, Done>;
/** What the change came to, but for what it took, which its steps know. */
type Ended = Done | Omit<Undone, "took">;

export async function writeZoneChange(writer: ZoneWriter, change: ZoneChange): Promise<ZoneChangeOutcome> {
  const steps = new Steps(writer);
  const ended = await carriedOut(steps, change).catch((caught: unknown) => failure(caught, steps.left(change)));
  return ended.kind === "done" ? ended : { ...ended, took: steps.took };
}

async function carriedOut(steps: Steps, change: ZoneChange): Promise<Ended> {
  const moved = await steps.firstMoved(change);
  if (moved !== undefined) return stale(`${moved.type} ${moved.name} was written or deleted since it was read`);
  switch (change.kind) {
    case "delete-record":
      return deleteRecord(steps, change);
    case "delete-ownership":
    case "delete-old-ownership":
      return deleteOwnership(steps, change);
    case "write-ownership":
      return writeOwnership(steps, change);
  }
}

async function deleteRecord(steps: Steps, { writes }: ZoneChange): Promise<Ended> {
  const [record, ...txts] = writes;
  if (record === undefined) return done;
  await steps.remove(record);
  const rewritten: string[] = [];
  for (const txt of txts) if (!(await steps.removeUnlessWritten(txt))) rewritten.push(txt.name);
  if ((await steps.get(record)) !== undefined) return putBack(steps, record, txts[0]);
  if (rewritten.length === 0) return done;
  return stale(`${record.type} ${record.name} is deleted; ${rewritten.join(", ")} was written meanwhile and stays`);
}

async function deleteOwnership(steps: Steps, { writes, about }: ZoneChange): Promise<Ended> {
  const [txt] = writes;
  if (txt === undefined) return done;
  await steps.remove(txt);
  for (const record of about) {
    if ((await steps.get(record)) !== undefined) return putBack(steps, record, txt);
  }
  return done;
}

/** Without a TXT nobody would ever touch the record again. Where ExternalDNS wrote one meanwhile, that one counts. */
async function putBack(steps: Steps, record: Placed, txt: ZoneWrite | undefined): Promise<Ended> {
  const again = `${record.type} ${record.name} was written again while it was deleted`;
  steps.returned = again;
  if (txt?.before === undefined || (await steps.get(txt)) !== undefined) return returned(again);
  await steps.create(txt, txt.before);
  return returned(`${again}; its ownership TXT ${txt.name} was put back`);
}

async function writeOwnership(steps: Steps, { writes, about }: ZoneChange): Promise<Ended> {
  const [txt] = writes;
  if (txt?.after === undefined) return done;
  const written = await steps.create(txt, txt.after);
  for (const record of about) {
    if (written === undefined || (await steps.get(record)) !== undefined) continue;
    await steps.remove({ ...txt, before: written });
    return stale(`${record.type} ${record.name} was deleted meanwhile; its ownership TXT was taken away again`);
  }
  return written === undefined ? stale(`${txt.name} exists by now`) : done;
}

/** The writes of one change, each with room under the lease, and which of them were made. */
class Steps {
  readonly #writer: ZoneWriter;
  readonly #made = new Set<string>();
  /** Those that got no answer: they may have been made all the same. */
  readonly #doubtful = new Set<string>();
  /** That a record came back while it was deleted, as a sentence. */
  returned: string | undefined;
  constructor(writer: ZoneWriter) {
    this.#writer = writer;
  }

  get took(): Undone["took"] {
    if (this.#made.size > 0) return "name";
    return this.#doubtful.size > 0 ? "unknown" : "nothing";
  }

  async firstMoved({ unchanged }: ZoneChange): Promise<RecordSet | undefined> {
    for (const set of unchanged) if ((await this.get(set))?.etag !== set.etag) return set;
    return undefined;
  }

  async get({ zone, name, type }: Placed): Promise<RecordSet | undefined> {
    const port = await this.#writer.open(zone);
    return port.get({ name, type }, AbortSignal.timeout(limits.writeMs));
  }

  async remove({ zone, name, type, before }: ZoneWrite): Promise<void> {
    if (before === undefined) return;
    const { etag } = before;
    await this.#write({ zone, name, type }, (port, signal) => port.remove({ name, type, etag }, signal));
  }

  /** Somebody who wrote the TXT since needs it. @returns false where it stays for that. */
  async removeUnlessWritten(write: ZoneWrite): Promise<boolean> {
    try {
      await this.remove(write);
      return true;
    } catch (caught) {
      if (!(caught instanceof StaleObjectError)) throw caught;
      return false;
    }
  }

  /** @returns undefined where there is one by now. */
  async create(
    { zone, name }: Placed,
    { ttlSeconds, values, metadata = {} }: Pick<RecordSet, "ttlSeconds" | "values"> & Partial<RecordSet>,
  ): Promise<RecordSet | undefined> {
    const write = { name, type: "TXT", ttlSeconds, values, metadata, expected: "absent" } as const;
    try {
      return await this.#write({ zone, name, type: "TXT" }, (port, signal) => port.put(write, signal));
    } catch (caught) {
      if (caught instanceof StaleObjectError) return undefined;
      throw caught;
    }
  }

  /** What is left half done, or may be, as a sentence; undefined when nothing is. */
  left({ kind, writes }: ZoneChange): string | undefined {
    const [first, ...rest] = writes;
    if (first === undefined || this.took === "nothing") return undefined;
    const what = textOf(first);
    if (kind === "write-ownership") {
      return this.#made.has(what)
        ? `${what} is written, and its record may be gone: a later garbage run finds it then`
        : `nobody knows whether ${what} is written: look at the list again`;
    }
    if (this.returned !== undefined) {
      return `${this.returned}, and may be without its ownership TXT: service-router dns repair finds it then`;
    }
    if (!this.#made.has(what))
      return `nobody knows whether ${what} is deleted: a later garbage run finds what is there`;
    const stay = rest.filter((txt) => !this.#made.has(textOf(txt)));
    if (stay.length === 0) return `${what} is deleted, and nobody looked whether it came back: the next pass does`;
    const names = stay.map(({ name }) => name).join(", ");
    return stay.some((txt) => this.#doubtful.has(textOf(txt)))
      ? `${what} is deleted, nobody knows whether its ownership TXT ${names} is: a later garbage run finds it if not`
      : `${what} is deleted, its ownership TXT ${names} is not: a later garbage run finds it`;
  }

  /** The first write of a change is not waited for: the next round tries it again. */
  async #write<T>(placed: Placed, send: (port: ZonePort, signal: AbortSignal) => Promise<T>): Promise<T> {
    const port = await this.#writer.open(placed.zone);
    const attempts = this.#made.size > 0 ? patience.attempts : 1;
    for (let attempt = 1; ; attempt += 1) {
      // Last before the write: whatever takes time in between would be taken from the margin.
      await this.#writer.ensureRoom();
      try {
        const sent = await send(port, AbortSignal.timeout(limits.writeMs));
        this.#made.add(textOf(placed));
        return sent;
      } catch (caught) {
        if (kindOf(codeOf(asError(caught))) === "failed") this.#doubtful.add(textOf(placed));
        if (!(caught instanceof ThrottledError) || attempt >= attempts) throw caught;
        await this.#writer.clock.sleep(Math.min(caught.retryAfterMs, patience.longestMs));
      }
    }
  }
}

function textOf({ type, name }: RecordSetId): string {
  return `${type} ${name}`;
}

const done: Done = { kind: "done" };

function stale(reason: string): Ended {
  return { kind: "stale", code: "STALE_OBJECT", reason };
}

function returned(reason: string): Ended {
  return { kind: "stale", code: "RECORD_RETURNED", reason };
}

function failure(caught: unknown, left: string | undefined): Ended {
  const error = asError(caught);
  const code = codeOf(error);
  const kind = kindOf(code);
  const reason = error.name === "TimeoutError" ? `no answer within ${limits.writeMs} ms` : error.message;
  if (left === undefined) return { kind, code, reason };
  return { kind: kind === "not-started" ? "failed" : kind, code, reason, left };
}

function codeOf(error: Error): string {
  if (error.name === "TimeoutError") return "ZONE_UNREACHABLE";
  return error instanceof FleetError ? error.code : "UNEXPECTED";
}

function kindOf(code: string): Undone["kind"] {
  switch (code) {
    case "STALE_OBJECT":
      return "stale";
    case "OBJECT_REFUSED":
    case "FORBIDDEN":
    case "ZONE_NOT_FOUND":
      return "refused";
    case "THROTTLED":
      return "throttled";
    case "LEASE_LOST":
    case "STORE_UNAVAILABLE":
      return "not-started";
    default:
      return "failed";
  }
}
