/**
 * A cluster as its directory shows it: the sources, and over them what was written to `<directory>.out/` before.
 * Pure. An object that two manifests describe, or that cannot be named, makes its kind unknown; a file that cannot be parsed
 * makes every kind unknown, because any object could stand in it.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import { metadataOf, textOf } from "./json-fields.ts";
import { identifyObject } from "./manifest-kinds.ts";
import type { ManifestFile } from "./manifest-folder.ts";
import { digestOf, sourceDigest, splitSourceDigest, writtenClassOf, writtenPath } from "./written-layout.ts";
import type { WrittenClass } from "./written-layout.ts";

/** A fault that names its file. Without a kind it concerns every kind. */
export type ReadingFault = { readonly kind?: Kind; readonly detail: string };

/** An object of the sources, and where it stands. */
export type SourceObject = {
  readonly body: JsonObject;
  readonly digest: string;
  readonly file: ManifestFile;
  readonly line: number;
};

/** What `<directory>.out/` says about one object. */
export type Written = {
  readonly object?: { readonly body: JsonObject; readonly digest: string };
  readonly status?: { readonly uid: string; readonly status: Json };
  /** Digest of the source object that was deleted. */
  readonly deleted?: { readonly digest: string };
};

type ByKind<T> = ReadonlyMap<Kind, ReadonlyMap<string, T>>;

export type SourcesIndex = { readonly objects: ByKind<SourceObject>; readonly faults: readonly ReadingFault[] };
export type WrittenIndex = { readonly objects: ByKind<Written>; readonly faults: readonly ReadingFault[] };

/** @param folder the directory as configured, for messages. */
export function indexSources(files: readonly ManifestFile[], folder: string): SourcesIndex {
  const objects = new Map<Kind, Map<string, SourceObject>>();
  const faults: ReadingFault[] = files.flatMap((file) => textFaults(file, folder));
  for (const file of files) {
    for (const object of file.objects) {
      const location = locationOf(folder, file.path, object.line);
      const found = identifyObject(object);
      if (found.is === "other") {
        continue;
      }
      if (found.is === "fault") {
        faults.push({ kind: found.kind, detail: `${location} ${found.reason}` });
        continue;
      }
      const ofKind = mapAt(objects, found.kind);
      const other = ofKind.get(found.key);
      if (other === undefined) {
        ofKind.set(found.key, { body: object.body, digest: sourceDigest(object.body), file, line: object.line });
      } else {
        const detail = `${locationOf(folder, other.file.path, other.line)} and ${location} both hold ${found.kind} ${found.key}; remove one`;
        faults.push({ kind: found.kind, detail });
      }
    }
  }
  return { objects, faults };
}

/** @param folder `<directory>.out`, for messages. Files at other places than the layout's are left alone. */
export function indexWritten(files: readonly ManifestFile[], folder: string): WrittenIndex {
  const objects = new Map<Kind, Map<string, Written>>();
  const faults: ReadingFault[] = files.flatMap((file) => textFaults(file, folder));
  for (const file of files) {
    const written = writtenClassOf(file.path);
    const read = written === undefined ? undefined : readWritten(file, written);
    if (read !== undefined) {
      const ofKind = mapAt(objects, read.kind);
      ofKind.set(read.key, { ...ofKind.get(read.key), ...read.written });
    }
  }
  return { objects, faults };
}

/** What one out file says, provided that it stands where the layout puts it. */
export function readWritten(
  file: ManifestFile,
  written: WrittenClass,
): { readonly kind: Kind; readonly key: string; readonly written: Written } | undefined {
  const [object] = file.objects;
  const found = object === undefined ? undefined : identifyObject(object);
  if (object === undefined || found?.is !== "ours" || writtenPath(written, found.kind, found.key) !== file.path) {
    return undefined;
  }
  const { kind, key } = found;
  if (written === "object") {
    return { kind, key, written: { object: splitSourceDigest(object.body) } };
  }
  if (written === "status") {
    const uid = textOf(metadataOf(object.body).uid);
    return { kind, key, written: { status: { uid, status: object.body.status ?? {} } } };
  }
  return { kind, key, written: { deleted: { digest: splitSourceDigest(object.body).digest } } };
}

/** The source as it counts: one that we deleted does not, as long as it is as it was then. */
export function visibleSource(
  source: SourceObject | undefined,
  written: Written | undefined,
): SourceObject | undefined {
  return source !== undefined && written?.deleted?.digest === source.digest ? undefined : source;
}

/**
 * The object as the cluster would show it, undefined when there is none: with uid, resourceVersion and generation.
 * What we wrote counts only over the source that it was made over, so that a later edit of the source is seen.
 */
export function currentObject(options: {
  readonly cluster: string;
  readonly kind: Kind;
  readonly key: string;
  readonly source: SourceObject | undefined;
  readonly written: Written | undefined;
}): JsonObject | undefined {
  const { cluster, kind, key, written } = options;
  const source = visibleSource(options.source, written);
  const counts = written?.object !== undefined && written.object.digest === (source?.digest ?? "");
  const body = counts ? written.object?.body : source?.body;
  if (body === undefined) {
    return undefined;
  }
  const metadata = metadataOf(body);
  const uid = textOf(metadata.uid) === "" ? uidOf(cluster, kind, key) : textOf(metadata.uid);
  const generation = typeof metadata.generation === "number" ? metadata.generation : 1;
  const status = written?.status?.uid === uid ? written.status.status : body.status;
  const content = { ...body, ...(status === undefined ? {} : { status }) };
  const resourceVersion = digestOf(JSON.stringify(content)).slice(0, 16);
  return { ...content, metadata: { ...metadata, uid, generation, resourceVersion } };
}

/** Every object of a kind, sorted by key. */
export function currentObjects(options: {
  readonly cluster: string;
  readonly kind: Kind;
  readonly sources: SourcesIndex;
  readonly written: WrittenIndex;
}): readonly JsonObject[] {
  const { cluster, kind } = options;
  const sources = options.sources.objects.get(kind);
  const written = options.written.objects.get(kind);
  const keys = new Set([...(sources?.keys() ?? []), ...(written?.keys() ?? [])]);
  return [...keys]
    .sort()
    .map((key) => currentObject({ cluster, kind, key, source: sources?.get(key), written: written?.get(key) }))
    .filter((object) => object !== undefined);
}

/** Looks like the uid of an API server; the same object of the same cluster has the same one in every run. */
function uidOf(cluster: string, kind: Kind, key: string): string {
  const hex = digestOf(`${cluster}\n${kind}\n${key}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

function textFaults(file: ManifestFile, folder: string): readonly ReadingFault[] {
  return file.faults.map((fault) => ({ detail: `${locationOf(folder, file.path, fault.line)} ${fault.reason}` }));
}

/** `clusters/w1/teams/orders/routes.yaml:12`; without a line where the whole file is meant. */
function locationOf(folder: string, path: string, line?: number): string {
  const file = path === "" ? folder : `${folder}/${path}`;
  return line === undefined ? file : `${file}:${line}`;
}

function mapAt<T>(maps: Map<Kind, Map<string, T>>, kind: Kind): Map<string, T> {
  const found = maps.get(kind) ?? new Map<string, T>();
  maps.set(kind, found);
  return found;
}
