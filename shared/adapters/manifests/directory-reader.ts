/**
 * Reads a directory and its `.out` together: whole, for lists, and one object at a time, for writes.
 * A write must not walk thousands of files: it looks at the one file of the source and at those of the object in `.out`.
 */
import { ClusterUnreachableError, asError } from "../../errors.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import { openManifestFolder } from "./manifest-folder.ts";
import type { FolderReading, ManifestFolder } from "./manifest-folder.ts";
import { currentObject, indexSources, indexWritten, readWritten, visibleSource } from "./overlay.ts";
import type { SourceObject, SourcesIndex, Written, WrittenIndex } from "./overlay.ts";
import { writtenClassOf, writtenPath } from "./written-layout.ts";
import type { WrittenClass } from "./written-layout.ts";

export type DirectoryReading = { readonly sources: SourcesIndex; readonly written: WrittenIndex };

export type FoundObject = {
  /** As a list would show it; undefined when there is none. */
  readonly current: JsonObject | undefined;
  /** What stands in the sources and counts. */
  readonly source: SourceObject | undefined;
};

export type DirectoryReader = {
  /** Lists that ask at the same time share one walk. @throws ClusterUnreachableError, or the signal's reason. */
  read(signal: AbortSignal): Promise<DirectoryReading>;
  /** @throws ClusterUnreachableError, or the signal's reason. */
  find(kind: Kind, key: string, signal: AbortSignal): Promise<FoundObject>;
  /** To be called after every write: a walk that began before it must not answer lists that come after it. */
  forget(): void;
};

const WRITTEN_CLASSES: readonly WrittenClass[] = ["object", "status", "deleted"];

export function openDirectoryReader(options: {
  readonly cluster: string;
  readonly directory: string;
  readonly outDirectory: string;
}): DirectoryReader {
  const { cluster, directory, outDirectory } = options;
  const sourceFolder = openManifestFolder(directory);
  const outFolder = openManifestFolder(outDirectory, (path) => writtenClassOf(path) !== undefined);
  const sourcesOf = onceForEach((files: FolderReading) => indexSources(files, directory));
  const writtenOf = onceForEach((files: FolderReading) => indexWritten(files, `${directory}.out`));
  let underWay: Promise<DirectoryReading> | undefined;
  let latest: SourcesIndex | undefined;

  async function readSources(signal: AbortSignal): Promise<SourcesIndex> {
    const files = await reading(cluster, directory, () => sourceFolder.read(signal), signal);
    if (files === undefined) {
      throw new ClusterUnreachableError(cluster, `there is no directory ${directory}`);
    }
    latest = sourcesOf(files);
    return latest;
  }

  async function readNow(signal: AbortSignal): Promise<DirectoryReading> {
    const sources = await readSources(signal);
    const outFiles = await reading(cluster, outDirectory, () => outFolder.read(signal), signal);
    return { sources, written: writtenOf(outFiles ?? []) };
  }

  async function read(signal: AbortSignal): Promise<DirectoryReading> {
    signal.throwIfAborted();
    if (underWay !== undefined) {
      // Whoever began the walk may be told to stop; that is no reason for the others.
      return underWay.catch(() => readNow(signal));
    }
    const mine = readNow(signal).finally(() => {
      underWay = underWay === mine ? undefined : underWay;
    });
    underWay = mine;
    return mine;
  }

  const sourcesFromNowOn = coalesced(readSources);

  async function find(kind: Kind, key: string, signal: AbortSignal): Promise<FoundObject> {
    signal.throwIfAborted();
    const written = await findWritten(outFolder, kind, key);
    const source = await findSource({ kind, key, isWritten: written.object !== undefined }, signal);
    return {
      current: currentObject({ cluster, kind, key, source, written }),
      source: visibleSource(source, written),
    };
  }

  /**
   * From the last walk when its file is as it was then. A file that changed is a reason to walk again, and so is an object
   * that is nowhere yet: somebody may have added its manifest since.
   */
  async function findSource(
    object: { readonly kind: Kind; readonly key: string; readonly isWritten: boolean },
    signal: AbortSignal,
  ): Promise<SourceObject | undefined> {
    const { kind, key, isWritten } = object;
    const known = latest?.objects.get(kind)?.get(key);
    const isFresh =
      known === undefined
        ? latest !== undefined && isWritten
        : (await sourceFolder.readOne(known.file.path))?.stamp === known.file.stamp;
    return isFresh ? known : (await sourcesFromNowOn(signal)).objects.get(kind)?.get(key);
  }

  return {
    read,
    find,
    forget: () => {
      underWay = undefined;
    },
  };
}

async function findWritten(outFolder: ManifestFolder, kind: Kind, key: string): Promise<Written> {
  const [object, status, deleted] = await Promise.all(
    WRITTEN_CLASSES.map(async (written) => {
      const file = await outFolder.readOne(writtenPath(written, kind, key));
      return file === undefined ? undefined : readWritten(file, written)?.written;
    }),
  );
  return { ...object, ...status, ...deleted };
}

/**
 * Joins calls that come while one is under way into the next: each gets an answer that was begun after it asked, and many at
 * once cost two runs. Whoever is told to stop stops alone.
 */
function coalesced<T>(run: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  const unstoppable = new AbortController().signal;
  let next: Promise<T> | undefined;
  let before: Promise<unknown> = Promise.resolve();
  return async (signal) => {
    if (next === undefined) {
      next = before.then(() => {
        next = undefined;
        return run(unstoppable);
      });
      before = next.catch(() => undefined);
    }
    const result = await next;
    signal.throwIfAborted();
    return result;
  };
}

/** Aborts pass as they are; an I/O error of the folder itself means that nothing of the cluster can be known. */
async function reading<T>(cluster: string, folder: string, read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await read();
  } catch (caught) {
    signal.throwIfAborted();
    throw new ClusterUnreachableError(cluster, `cannot read ${folder}: ${asError(caught).message}`, caught);
  }
}

/** The folder answers with the same array while nothing changed; then the index is the same as well. */
function onceForEach<T extends object, R>(compute: (value: T) => R): (value: T) => R {
  const known = new WeakMap<T, { readonly result: R }>();
  return (value) => {
    const found = known.get(value) ?? { result: compute(value) };
    known.set(value, found);
    return found.result;
  };
}
