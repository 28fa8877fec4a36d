/**
 * Kubernetes Events of a directory: one file, one line each, newest last. The same event again raises its count.
 * Events that come while the file is being written go into the next write together, so a pass with many costs few writes.
 */
import { readFile, stat } from "node:fs/promises";
import { parse } from "yaml";
import type { Json } from "../../model/json.ts";
import type { ResourceEvent } from "../../ports.ts";
import { fieldsOf, textOf } from "./json-fields.ts";
import { isMissing } from "./manifest-folder.ts";
import { writeWholeFile } from "./write-file.ts";

/** An API server forgets Events after an hour; here the oldest leave. */
const MAX_EVENTS = 1_000;

/** One line of the file. Times are RFC 3339. */
type EventLine = {
  readonly last: string;
  readonly first: string;
  readonly count: number;
  readonly type: string;
  readonly reason: string;
  /** `ServiceRoute orders/checkout`. */
  readonly object: string;
  readonly uid: string;
  readonly message: string;
};

export type EventLog = {
  /** Resolves when the event stands in the file. */
  record(event: ResourceEvent): Promise<void>;
};

export function openEventLog(path: string): EventLog {
  let queued: ResourceEvent[] = [];
  /** The write that will take what is queued now; it starts when the one before has ended. */
  let next: Promise<void> | undefined;
  let before: Promise<void> = Promise.resolve();
  /** As last written by us; read again when another process wrote meanwhile. */
  let known: { readonly stamp: string; readonly lines: readonly EventLine[] } = { stamp: "", lines: [] };

  async function writeQueued(): Promise<void> {
    const events = queued;
    queued = [];
    next = undefined;
    const stamp = await stampOf(path);
    const lines = withEvents(stamp === known.stamp ? known.lines : await readLines(path), events);
    await writeWholeFile(path, logText(lines));
    known = { stamp: await stampOf(path), lines };
  }

  async function record(event: ResourceEvent): Promise<void> {
    queued.push(event);
    if (next === undefined) {
      next = before.then(writeQueued);
      // A failed write is told to those who wait for it; the one after it tries anew.
      before = next.catch(() => undefined);
    }
    return next;
  }

  return { record };
}

function withEvents(lines: readonly EventLine[], events: readonly ResourceEvent[]): readonly EventLine[] {
  const byIdentity = new Map(lines.map((line) => [identityOf(line), line]));
  for (const event of events) {
    const { uid, reason, message, type } = event;
    const last = new Date(event.atMs).toISOString();
    const object = `${event.kind} ${event.key}`;
    const before = byIdentity.get(identityOf({ uid, reason, message }));
    const count = (before?.count ?? 0) + 1;
    byIdentity.delete(identityOf({ uid, reason, message }));
    const line = { last, first: before?.first ?? last, count, type, reason, object, uid, message };
    byIdentity.set(identityOf(line), line);
  }
  return [...byIdentity.values()].slice(-MAX_EVENTS);
}

function identityOf(event: { readonly uid: string; readonly reason: string; readonly message: string }): string {
  return JSON.stringify([event.uid, event.reason, event.message]);
}

async function stampOf(path: string): Promise<string> {
  try {
    const found = await stat(path, { bigint: true });
    return `${found.ino}:${found.size}:${found.mtimeNs}`;
  } catch (caught) {
    if (isMissing(caught)) {
      return "";
    }
    throw caught;
  }
}

/** Events are for people and decide nothing: a file that cannot be understood is begun anew. */
async function readLines(path: string): Promise<readonly EventLine[]> {
  const text = await readFile(path, "utf8").catch((caught: unknown) => {
    if (isMissing(caught)) {
      return "";
    }
    throw caught;
  });
  const read = parsedLines(text);
  return read.map((entry) => eventLine(entry)).filter((line) => line !== undefined);
}

function parsedLines(text: string): readonly unknown[] {
  try {
    const read: unknown = parse(text);
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function eventLine(entry: unknown): EventLine | undefined {
  const fields = fieldsOf(entry);
  if (fields === undefined) {
    return undefined;
  }
  return {
    last: textOf(fields.last),
    first: textOf(fields.first),
    count: typeof fields.count === "number" ? fields.count : 1,
    type: textOf(fields.type),
    reason: textOf(fields.reason),
    object: textOf(fields.object),
    uid: textOf(fields.uid),
    message: textOf(fields.message),
  };
}

/** Flow mappings with JSON values: valid YAML, one line per event, and a hundred times faster to write than block YAML. */
function logText(lines: readonly EventLine[]): string {
  const head = "# Generated. Kubernetes Events that service-router recorded, newest last.\n";
  const rows = lines.map((line) => {
    const fields = Object.entries(line).map(([field, value]: [string, Json]) => `${field}: ${JSON.stringify(value)}`);
    return `- { ${fields.join(", ")} }\n`;
  });
  return head + rows.join("");
}
