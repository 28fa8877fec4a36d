/**
 * The writing half of the cluster port on a directory: every write is one whole file in `<directory>.out/`.
 * Preconditions are judged against what a list would show now, as an API server does.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { asError, DirectoryNotWrittenError, FieldConflictError, StaleObjectError } from "../../errors.ts";
import type { Precondition } from "../../model/change.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import type { ClusterPort, ObjectDelete, ObjectWrite, StatusUpdate } from "../../ports.ts";
import type { DirectoryReader } from "./directory-reader.ts";
import { openEventLog } from "./event-log.ts";
import { metadataOf, textOf } from "./json-fields.ts";
import { trackOwnSteps } from "./own-steps.ts";
import type { OwnSteps } from "./own-steps.ts";
import { applyBody } from "./server-side-apply.ts";
import { writeWholeFile } from "./write-file.ts";
import { EVENTS_PATH, objectText, statusText, tombstoneText, writtenPath } from "./written-layout.ts";

export type ManifestWrites = {
  readonly port: Pick<ClusterPort, "apply" | "remove" | "writeStatus" | "recordEvent">;
  /** To be called when a list begins. */
  forgetSteps(): void;
};

type Writing = {
  readonly cluster: string;
  readonly outDirectory: string;
  readonly reader: DirectoryReader;
  readonly steps: OwnSteps;
};

export function openManifestWrites(options: {
  readonly cluster: string;
  readonly outDirectory: string;
  readonly reader: DirectoryReader;
}): ManifestWrites {
  const writing: Writing = { ...options, steps: trackOwnSteps() };
  const events = openEventLog(join(options.outDirectory, EVENTS_PATH));
  return {
    port: {
      apply: (write, signal) => apply(writing, write, signal),
      remove: (target, signal) => remove(writing, target, signal),
      writeStatus: (update, signal) => writeStatus(writing, update, signal),
      recordEvent: async (event, signal) => {
        signal.throwIfAborted();
        await inOutDirectory(writing, () => events.record(event));
      },
    },
    forgetSteps: () => writing.steps.forget(),
  };
}

async function apply(writing: Writing, write: ObjectWrite, signal: AbortSignal): Promise<void> {
  const { reader, steps } = writing;
  const { kind, key, body, force, precondition } = write;
  const id = `${kind} ${key}`;
  const { current, source } = await reader.find(kind, key, signal);
  const earlier = steps.ledTo(id, versionOf(current));
  if (precondition !== undefined) {
    requireUnchanged({ writing, id, current, earlier }, precondition);
  } else if (current !== undefined) {
    throw stale(writing, id, "it exists by now");
  }
  const applied = applyBody({ current, source: source?.body, body, force });
  if (applied.result === "conflict") {
    const { managers, fields } = applied;
    throw new FieldConflictError(placeOf(writing), id, { managers, fields });
  }
  await put(writing, writtenPath("object", kind, key), objectText(applied.body, source?.digest ?? ""));
  const after = await reader.find(kind, key, signal);
  const from = new Set([
    ...earlier,
    ...(precondition?.resourceVersion === undefined ? [] : [precondition.resourceVersion]),
  ]);
  steps.add(id, { from, to: versionOf(after.current) });
}

async function remove(writing: Writing, target: ObjectDelete, signal: AbortSignal): Promise<void> {
  const { kind, key, precondition } = target;
  const { current, source } = await writing.reader.find(kind, key, signal);
  if (current === undefined) {
    return;
  }
  requireUnchanged({ writing, id: `${kind} ${key}`, current }, precondition);
  // The tombstone first: once it stands, what was written over the source counts no more.
  if (source !== undefined) {
    const text = tombstoneText(source.body, precondition.uid, source.digest);
    await put(writing, writtenPath("deleted", kind, key), text);
  }
  await inOutDirectory(writing, () => rm(objectFile(writing, kind, key), { force: true }));
}

async function writeStatus(writing: Writing, update: StatusUpdate, signal: AbortSignal): Promise<void> {
  const { kind, key, uid, fields, conditions } = update;
  const { current } = await writing.reader.find(kind, key, signal);
  if (current === undefined || uidOf(current) !== uid) {
    throw stale(writing, `${kind} ${key}`, current === undefined ? "it is gone" : "it is another object by now");
  }
  await put(writing, writtenPath("status", kind, key), statusText(current, uid, { ...fields, conditions }));
}

/**
 * @param found.earlier versions from which our own applies led to the present one, and nothing else did.
 * @throws StaleObjectError when the object is not the one that was read.
 */
function requireUnchanged(
  found: {
    readonly writing: Writing;
    readonly id: string;
    readonly current: JsonObject | undefined;
    readonly earlier?: ReadonlySet<string>;
  },
  expected: Precondition,
): void {
  const { writing, id, current, earlier } = found;
  if (current === undefined) {
    throw stale(writing, id, "it is gone");
  }
  if (uidOf(current) !== expected.uid) {
    throw stale(writing, id, "it is another object by now");
  }
  const { resourceVersion } = expected;
  if (resourceVersion === undefined || versionOf(current) === resourceVersion) return;
  if (earlier?.has(resourceVersion) !== true) {
    throw stale(writing, id, "it was changed meanwhile");
  }
}

function stale(writing: Writing, id: string, detail: string): StaleObjectError {
  return new StaleObjectError(placeOf(writing), id, detail);
}

function placeOf({ cluster }: Writing): string {
  return `cluster/${cluster}`;
}

function versionOf(current: JsonObject | undefined): string {
  return textOf(metadataOf(current ?? {}).resourceVersion);
}

function uidOf(current: JsonObject): string {
  return textOf(metadataOf(current).uid);
}

function objectFile({ outDirectory }: Writing, kind: Kind, key: string): string {
  return join(outDirectory, writtenPath("object", kind, key));
}

function put(writing: Writing, path: string, text: string): Promise<void> {
  return inOutDirectory(writing, () => writeWholeFile(join(writing.outDirectory, path), text));
}

/** A full disk or a folder that may not be written is this cluster's trouble, and may pass. */
async function inOutDirectory({ cluster, outDirectory, reader }: Writing, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (caught) {
    throw new DirectoryNotWrittenError(cluster, outDirectory, asError(caught));
  } finally {
    reader.forget();
  }
}
