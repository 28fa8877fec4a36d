/**
 * Typed documents over stored bytes: schema numbers, parsing, and what was read last.
 * Three answers besides a value: absent; unreadable (kept until somebody writes over it with its version); of a newer
 * schema (kept always: no version is handed out, so no conditional write can hit it).
 * Values are kept per process by version, so that reading an unchanged document costs one small request (304, or one read
 * of a file) and no parsing. They are handed out as they are: state is readonly, and a written value belongs to the store.
 */
import { stateDocuments } from "../../contracts/state/documents.ts";
import type { StateDocument } from "../../contracts/state/state-document.ts";
import { InvariantError, StoreConflictError, StoreNewerSchemaError } from "../../errors.ts";
import type { DocumentName, DocumentTypes, Found } from "../../model/state.ts";
import type { Lease, StateStore } from "../../ports.ts";
import { documentId, documentPath } from "./document-path.ts";
import type { DocumentStorage } from "./document-storage.ts";
import { open, seal } from "./envelope.ts";

/** More ids than a fleet has clusters; beyond it the longest unread value goes. */
const KEPT_PER_NAME = 200;

type Kept<T> = { readonly version: string; readonly value: T };

export class DocumentStateStore implements StateStore {
  readonly #storage: DocumentStorage;
  readonly #kept: { readonly [D in DocumentName]: Map<string, Kept<DocumentTypes[D]>> } = {
    approvals: new Map(),
    "last-good": new Map(),
    marks: new Map(),
    order: new Map(),
    placement: new Map(),
    since: new Map(),
  };

  constructor(storage: DocumentStorage) {
    this.#storage = storage;
  }

  async read<D extends DocumentName>(name: D, id?: string): Promise<Found<DocumentTypes[D]>> {
    const contract: StateDocument<DocumentTypes[D]> = stateDocuments[name];
    const path = documentPath(name, contract, id);
    const kept = this.#kept[name].get(path);
    const stored = await this.#storage.read(path, kept?.version);
    if (stored.found === "absent") {
      this.#kept[name].delete(path);
      return { found: "absent" };
    }
    if (stored.found === "unchanged") {
      if (kept === undefined) throw new InvariantError(`${path} was called unchanged, but nothing was known of it`);
      this.#keep(name, path, kept);
      return { found: "value", value: kept.value, version: kept.version };
    }
    const found = interpret(contract, stored.bytes, stored.version);
    if (found.found === "value") this.#keep(name, path, found);
    else this.#kept[name].delete(path);
    return found;
  }

  async write<D extends DocumentName>(
    name: D,
    value: DocumentTypes[D],
    expected: string,
    id?: string,
  ): Promise<string> {
    const contract: StateDocument<DocumentTypes[D]> = stateDocuments[name];
    const path = documentPath(name, contract, id);
    const bytes = seal(contract.schema, value, contract.packed);
    const written = contract.packed ? value : readBack(contract, path, bytes);
    try {
      const version = await this.#storage.write(path, bytes, expected);
      this.#keep(name, path, { version, value: written });
      return version;
    } catch (caught) {
      if (caught instanceof StoreConflictError) throw await this.#explainConflict(name, path, caught);
      throw caught;
    }
  }

  async ids(name: DocumentName): Promise<readonly string[]> {
    const contract = stateDocuments[name];
    if (!contract.keyed) return [];
    const files = await this.#storage.list(name);
    return files
      .map((file) => documentId(file, contract))
      .filter((id) => id !== undefined)
      .toSorted();
  }

  acquireLease(name: "reconcile" | "placement", holder: string, ttlMs: number): Promise<Lease> {
    return this.#storage.acquireLease(name, holder, ttlMs);
  }

  /** A lost race, or a document of a later version that must stay: the second needs a person, so it gets its own error. */
  async #explainConflict(name: DocumentName, path: string, conflict: StoreConflictError): Promise<Error> {
    this.#kept[name].delete(path);
    const stored = await this.#storage.read(path);
    if (stored.found !== "bytes") return conflict;
    const { packed, schema } = stateDocuments[name];
    const opened = open(stored.bytes, packed);
    if (opened.kind === "unreadable" || opened.schema <= schema) return conflict;
    return new StoreNewerSchemaError(path, opened.schema, conflict);
  }

  #keep<D extends DocumentName>(name: D, path: string, kept: Kept<DocumentTypes[D]>): void {
    const all: Map<string, Kept<DocumentTypes[D]>> = this.#kept[name];
    all.delete(path);
    all.set(path, { version: kept.version, value: kept.value });
    const oldest = all.keys().next().value;
    if (all.size > KEPT_PER_NAME && oldest !== undefined) all.delete(oldest);
  }
}

function interpret<T>(contract: StateDocument<T>, bytes: Uint8Array, version: string): Found<T> {
  const opened = open(bytes, contract.packed);
  if (opened.kind === "unreadable") return { found: "unreadable", reason: opened.reason, version };
  if (opened.schema > contract.schema) return { found: "newer-schema", schema: opened.schema };
  if (opened.schema < (contract.oldest ?? contract.schema)) {
    return { found: "unreadable", reason: `schema ${opened.schema} is older than any this version reads`, version };
  }
  const parsed = contract.parse(opened.document);
  if (!parsed.ok) return { found: "unreadable", reason: parsed.issues.join("; "), version };
  return { found: "value", value: parsed.value, version };
}

/** A value that could not be read back (NaN became null) would be lost in silence; better to stop here. */
function readBack<T>(contract: StateDocument<T>, path: string, bytes: Uint8Array): T {
  const found = interpret(contract, bytes, "");
  if (found.found === "value") return found.value;
  throw new InvariantError(
    `${path} would not be readable: ${found.found === "unreadable" ? found.reason : found.found}`,
  );
}
