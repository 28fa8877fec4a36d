/**
 * One folder of manifests on disk, read whole: every file to its objects, parsed again only when it changed.
 * A pass lists many kinds; the folder is walked for each, but a file is opened only when its inode, size or times moved.
 * Hidden files and folders are skipped (`.git`, our own unfinished `.tmp` files); symbolic links are followed.
 */
import { lstat, readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { asError } from "../../errors.ts";
import { readManifestText } from "./manifest-text.ts";
import type { ManifestText } from "./manifest-text.ts";

/** Deeper folders are a loop of symbolic links. */
const MAX_DEPTH = 16;
/** Files of one folder; a cluster of 20,000 routes with two records each, one file per object, stays below. */
const MAX_FILES = 200_000;
/** YAML is read at about 1 MB a second, in which nothing else runs; etcd takes objects up to 1.5 MB. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Files opened at the same time. */
const PARALLEL_READS = 16;

const MANIFEST_NAME = /\.(?:ya?ml|json)$/;
/** Says how kustomize joins files; it is none of the cluster's objects and may lack apiVersion and kind. */
const KUSTOMIZATION_NAME = /^kustomization\.ya?ml$/;

/** One file as last read. `path` is relative to the folder, with `/`. */
export type ManifestFile = ManifestText & {
  readonly path: string;
  /** Changes when the file does. */
  readonly stamp: string;
};

/** All files by path. The array is the same one as before when nothing changed. */
export type FolderReading = readonly ManifestFile[];

export type ManifestFolder = {
  /** @returns undefined when there is no such folder. @throws only the signal's reason, or Node's own I/O error of the folder itself. */
  read(signal: AbortSignal): Promise<FolderReading | undefined>;
  /** One file, past the walk; undefined when it is not there. */
  readOne(path: string): Promise<ManifestFile | undefined>;
};

/** @param accepts which paths count, besides the endings; all when absent. */
export function openManifestFolder(root: string, accepts: (path: string) => boolean = () => true): ManifestFolder {
  let files: ReadonlyMap<string, ManifestFile> = new Map();
  let reading: FolderReading = [];

  async function readOne(path: string): Promise<ManifestFile | undefined> {
    return readUnlessUnchanged(join(root, path), path, files.get(path));
  }

  async function read(signal: AbortSignal): Promise<FolderReading | undefined> {
    const walked = await walk(root, signal);
    if (walked === undefined) {
      files = new Map();
      reading = [];
      return undefined;
    }
    const next: ManifestFile[] = [...walked.faults];
    const paths = walked.paths.filter((path) => accepts(path));
    for (let start = 0; start < paths.length; start += PARALLEL_READS) {
      signal.throwIfAborted();
      const batch = await Promise.all(paths.slice(start, start + PARALLEL_READS).map((path) => readOne(path)));
      next.push(...batch.filter((file) => file !== undefined));
    }
    next.sort((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
    if (!sameFiles(reading, next)) {
      reading = next;
      files = new Map(next.map((file) => [file.path, file]));
    }
    return reading;
  }

  return { read, readOne };
}

function sameFiles(left: FolderReading, right: FolderReading): boolean {
  return (
    left.length === right.length &&
    left.every((file, index) => file.path === right[index]?.path && file.stamp === right[index]?.stamp)
  );
}

/** The known file when its stamp is as before, else the file read anew; one that cannot be read is a fault, one that went is gone. */
async function readUnlessUnchanged(
  file: string,
  path: string,
  known: ManifestFile | undefined,
): Promise<ManifestFile | undefined> {
  try {
    const found = await stat(file, { bigint: true });
    const stamp = `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
    if (known?.stamp === stamp) {
      return known;
    }
    if (!found.isFile()) {
      // Reading a pipe or a device may never end.
      return brokenFile(path, "is not a regular file; remove it, or give it another ending", stamp);
    }
    if (found.size > MAX_FILE_BYTES) {
      const reason = `is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB; split it, or move it out of the directory`;
      return brokenFile(path, reason, stamp);
    }
    return { path, stamp, ...readManifestText(await readFile(file, "utf8")) };
  } catch (caught) {
    if (isMissing(caught) && !(await exists(file))) {
      return undefined;
    }
    const reason = isMissing(caught)
      ? "is a symbolic link that leads nowhere"
      : `cannot be read: ${asError(caught).message}`;
    return brokenFile(path, reason);
  }
}

/** Without following a link: a link is there although what it names is not. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function brokenFile(path: string, reason: string, stamp = ""): ManifestFile {
  return { path, stamp: `${stamp}!${reason}`, objects: [], faults: [{ reason }] };
}

type Walked = { readonly paths: readonly string[]; readonly faults: readonly ManifestFile[] };

/** Paths of all manifests below the folder. A sub-folder that cannot be listed is a fault: anything could be in it. */
async function walk(root: string, signal: AbortSignal): Promise<Walked | undefined> {
  const paths: string[] = [];
  const faults: ManifestFile[] = [];
  const pending: { readonly path: string; readonly depth: number }[] = [{ path: "", depth: 0 }];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const entries = await listFolder(join(root, folder.path));
    if (entries instanceof Error) {
      if (folder.path === "") {
        return missingOrThrow(entries);
      }
      faults.push(brokenFile(folder.path, `cannot be listed: ${entries.message}`));
      continue;
    }
    const above = folder.path === "" ? "" : `${folder.path}/`;
    const manifests = entries.filter((entry) => !entry.folder && isManifest(entry.name));
    paths.push(...manifests.map((entry) => above + entry.name));
    const folders = entries.filter((entry) => entry.folder).map((entry) => above + entry.name);
    if (folder.depth >= MAX_DEPTH && folders.length > 0) {
      faults.push(brokenFile(folder.path, `has folders more than ${MAX_DEPTH} levels deep`));
    } else {
      pending.push(...folders.map((path) => ({ path, depth: folder.depth + 1 })));
    }
    if (paths.length > MAX_FILES) {
      faults.push(brokenFile(folder.path, `is where the count of files passed ${MAX_FILES}`));
      break;
    }
  }
  return { paths, faults };
}

function missingOrThrow(error: Error): undefined {
  if (isMissing(error)) {
    return undefined;
  }
  throw error;
}

function isManifest(name: string): boolean {
  return MANIFEST_NAME.test(name) && !KUSTOMIZATION_NAME.test(name);
}

type Entry = { readonly name: string; readonly folder: boolean };

async function listFolder(path: string): Promise<readonly Entry[] | Error> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const visible = entries.filter((entry) => !entry.name.startsWith("."));
    return await Promise.all(
      visible.map(async (entry) => ({
        name: entry.name,
        folder: entry.isSymbolicLink() ? await leadsToFolder(join(path, entry.name)) : entry.isDirectory(),
      })),
    );
  } catch (caught) {
    return asError(caught);
  }
}

/** A link that leads nowhere counts as a file: reading it says what is wrong. */
async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** ENOENT, and ENOTDIR where a folder was replaced by a file of its name. */
export function isMissing(caught: unknown): boolean {
  const code = caught instanceof Error && "code" in caught ? caught.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
