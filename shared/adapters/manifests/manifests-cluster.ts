/**
 * A directory of manifests as a cluster: for a preview in a pull request, for a demo, and where there is no network.
 * Sources are read and never written. What a pass writes goes to `<directory>.out/` and is read back over them, so a second
 * pass finds its own work. The layout, and what counts when both differ, is in written-layout.ts and overlay.ts.
 */
import { resolve } from "node:path";
import { kindTable, storedKind } from "../../contracts/kinds.ts";
import { readStatus } from "../../contracts/object-meta.ts";
import { IncompleteListError } from "../../errors.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind, KindObjects } from "../../model/kinds.ts";
import type { RejectedObject } from "../../model/resources.ts";
import type { ClusterPort, ReadList } from "../../ports.ts";
import { openDirectoryReader } from "./directory-reader.ts";
import { isSelected } from "./manifest-kinds.ts";
import { openManifestWrites } from "./manifest-writes.ts";
import { nameIssues } from "./object-names.ts";
import { currentObjects } from "./overlay.ts";
import type { ReadingFault } from "./overlay.ts";

/** Faults named in one message; the count of the others follows. */
const MAX_NAMED_FAULTS = 5;

/**
 * Opens the directory; nothing is read before the first call, so a missing directory is told there
 * (ClusterUnreachableError).
 * @param directory absolute, or relative to the working directory; messages name it as it is given here.
 */
export function openManifestsCluster(options: { readonly name: string; readonly directory: string }): ClusterPort {
  const { name } = options;
  const directory = options.directory.replace(/(?<=.)[/\\]+$/, "");
  const outDirectory = `${resolve(directory)}.out`;
  const reader = openDirectoryReader({ cluster: name, directory, outDirectory });
  const writes = openManifestWrites({ cluster: name, outDirectory, reader });

  async function list<K extends Kind>(kind: K, signal: AbortSignal): Promise<ReadList<KindObjects[K]>> {
    writes.forgetSteps();
    const { sources, written } = await reader.read(signal);
    const stored = storedKind(kind);
    const faults = [...sources.faults, ...written.faults].filter((fault) => (fault.kind ?? stored) === stored);
    if (faults.length > 0) {
      throw new IncompleteListError(name, kind, faultText(faults));
    }
    const current = currentObjects({ cluster: name, kind: stored, sources, written });
    const selected = current.filter((body) => isSelected(kind, body));
    return parseAll(kind, selected);
  }

  return {
    name,
    list,
    istioVersion,
    ...writes.port,
    deniedRights: (_rights, signal) => answer([], signal),
    serverTimeMs: (signal) => answer(undefined, signal),
    close: () => Promise.resolve(),
  };
}

/** No API server says what it serves; manifests are written under the preferred version. */
function istioVersion(signal: AbortSignal): Promise<"v1"> {
  return answer("v1", signal);
}

/** What is known without reading: a directory refuses nobody and has no clock. */
function answer<T>(known: T, signal: AbortSignal): Promise<T> {
  return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve(known);
}

function parseAll<K extends Kind>(kind: K, bodies: readonly JsonObject[]): ReadList<KindObjects[K]> {
  const objects: KindObjects[K][] = [];
  const rejected: RejectedObject[] = [];
  for (const body of bodies) {
    const parsed = kindTable[kind].parse(body);
    const misnamed = nameIssues(storedKind(kind), body);
    if (!parsed.ok) {
      rejected.push({ ...parsed.rejected, issues: [...misnamed, ...parsed.rejected.issues] });
    } else if (misnamed.length > 0) {
      rejected.push({ meta: parsed.value.meta, issues: misnamed, status: readStatus(body) });
    } else {
      objects.push(parsed.value);
    }
  }
  return { objects, rejected };
}

function faultText(faults: readonly ReadingFault[]): string {
  const named = faults.slice(0, MAX_NAMED_FAULTS).map((fault) => fault.detail);
  const more = faults.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
