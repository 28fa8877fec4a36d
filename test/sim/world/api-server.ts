/**
 * One API server in memory: objects as they are stored, versions, field ownership, deletion with finalizers, the status
 * subresource, admission that refuses. As much of it as the product's writes can tell apart, and no more.
 * Stored objects are never changed in place, so a clone of the server is a copy of its maps.
 */
import {
  FieldConflictError,
  KindNotServedError,
  ObjectRefusedError,
  StaleObjectError,
} from "../../../shared/errors.ts";
import { kindTable, kinds, storedKind, type Parsed } from "../../../shared/contracts/kinds.ts";
import type { Json, JsonObject } from "../../../shared/model/json.ts";
import type { Kind, KindObjects } from "../../../shared/model/kinds.ts";
import type { ObjectDelete, ObjectWrite, ReadList, ResourceEvent, StatusUpdate } from "../../../shared/ports.ts";
import {
  applyFields,
  copyOf,
  endSharing,
  entriesOf,
  fieldsOf,
  leavesOf,
  metadataOf,
  ownersOf,
  sameJson,
  updateEntries,
  type ManagedEntry,
} from "./field-ownership.ts";

/** Who writes: a field manager, and for the product the run that the write belongs to. */
export type Writer = { readonly manager: string; readonly run?: RunLabel };

/** Enough of a run for a mutation to be traced to it; app/run-context.ts is the rest. */
export type RunLabel = { readonly id: string };

/** One object changed. Absent `before`: it was made; absent `after`: it is gone. */
export type Mutation = {
  readonly server: string;
  readonly kind: Kind;
  readonly key: string;
  readonly before?: JsonObject;
  readonly after?: JsonObject;
  readonly part: "object" | "status";
  readonly writer: Writer;
};

export type StoredEvent = { readonly event: ResourceEvent; readonly count: number };

/** Why an object is refused; undefined when it is not. */
export type Admission = (kind: Kind, body: JsonObject) => string | undefined;

export type Propagation = "Background" | "Foreground" | "Orphan";

const foreground = "foregroundDeletion";

export class ApiServer {
  readonly name: string;
  readonly #nowMs: () => number;
  readonly #objects = new Map<Kind, Map<string, JsonObject>>();
  /** `#objects` by key, made when it is asked for and forgotten with the next write of the kind. */
  readonly #sorted = new Map<Kind, readonly JsonObject[]>();
  readonly #events = new Map<string, StoredEvent>();
  #revision = 1;
  #incarnation: string;
  /** Kinds whose CRD is not installed. */
  readonly notServed = new Set<Kind>();
  istioVersion: "v1" | "v1beta1" | undefined = "v1";
  admission: Admission = () => undefined;
  watch: (mutation: Mutation) => void = () => {};

  /** @param incarnation part of every uid, so that a rebuilt server never gives one out twice. */
  constructor(name: string, nowMs: () => number, incarnation = "0") {
    this.name = name;
    this.#nowMs = nowMs;
    this.#incarnation = incarnation;
    for (const kind of kinds) this.#objects.set(kind, new Map());
  }

  /** Rises with every write. */
  get revision(): number {
    return this.#revision;
  }

  get events(): readonly StoredEvent[] {
    return [...this.#events.values()];
  }

  /** The same content under another clock. Objects are shared, which is safe because they are never changed in place. */
  /** Its own clock. */
  nowMs(): number {
    return this.#nowMs();
  }

  clone(nowMs: () => number): ApiServer {
    const copy = new ApiServer(this.name, nowMs, this.#incarnation);
    copy.#takeOver(this);
    copy.istioVersion = this.istioVersion;
    for (const kind of this.notServed) copy.notServed.add(kind);
    copy.admission = this.admission;
    return copy;
  }

  /**
   * Goes back to what another server held, as after the restore of a backup: uids are those of then, new versions stay
   * above all that were ever given out (etcd --bump-revision). Objects are copies: who wrote them is no longer known.
   */
  restore(backup: ApiServer): void {
    const revision = Math.max(this.#revision, backup.#revision) + 1000;
    const before = this.#everything();
    this.#takeOver(backup);
    for (const objects of this.#objects.values()) for (const [key, object] of objects) objects.set(key, copyOf(object));
    this.#sorted.clear();
    this.#revision = revision;
    this.#incarnation = `${this.#incarnation}r`;
    this.#tellReplaced(before);
  }

  /** Empties it, as a new cluster under the old name. */
  rebuild(): void {
    const before = this.#everything();
    for (const objects of this.#objects.values()) objects.clear();
    this.#sorted.clear();
    this.#events.clear();
    this.#incarnation = `${this.#incarnation}n`;
    this.#revision += 1;
    this.#tellReplaced(before);
  }

  #everything(): ReadonlyMap<Kind, ReadonlyMap<string, JsonObject>> {
    return new Map([...this.#objects].map(([kind, objects]) => [kind, new Map(objects)]));
  }

  /** One mutation per object that came, went or is another one by now. */
  #tellReplaced(before: ReadonlyMap<Kind, ReadonlyMap<string, JsonObject>>): void {
    const writer = { manager: "infrastructure" };
    for (const [kind, now] of this.#objects) {
      const old = before.get(kind) ?? new Map<string, JsonObject>();
      for (const key of new Set([...old.keys(), ...now.keys()])) {
        const [was, is] = [old.get(key), now.get(key)];
        if (was !== undefined && is !== undefined && sameJson(was, is)) continue;
        this.watch({
          server: this.name,
          kind,
          key,
          ...(was === undefined ? {} : { before: was }),
          ...(is === undefined ? {} : { after: is }),
          part: "object",
          writer,
        });
      }
    }
  }

  #takeOver(other: ApiServer): void {
    this.#sorted.clear();
    for (const [kind, objects] of other.#objects) this.#objects.set(kind, new Map(objects));
    this.#events.clear();
    for (const [id, event] of other.#events) this.#events.set(id, event);
    this.#revision = other.#revision;
  }

  /** As stored, sorted by key as etcd gives them. */
  stored(kind: Kind): readonly JsonObject[] {
    const known = this.#sorted.get(kind);
    if (known !== undefined) return known;
    const sorted = [...this.#of(kind)].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
    this.#sorted.set(kind, sorted);
    return sorted;
  }

  get(kind: Kind, key: string): JsonObject | undefined {
    return this.#of(kind).get(key);
  }

  /** As the product's lists see it. */
  list<K extends Kind>(kind: K): ReadList<KindObjects[K]> {
    if (this.notServed.has(kind)) throw new KindNotServedError(this.name, kind);
    const objects: KindObjects[K][] = [];
    const rejected: ReadList<KindObjects[K]>["rejected"][number][] = [];
    for (const object of this.stored(storedKind(kind))) {
      if (!isSelected(kind, object)) continue;
      const parsed = parsedOf(kind, object);
      if (parsed.ok) objects.push(parsed.value);
      else rejected.push(parsed.rejected);
    }
    return { objects, rejected };
  }

  /** Makes an object, or replaces the one that is there, as `kubectl` or a controller does. @returns it as stored. */
  put(kind: Kind, body: JsonObject, manager: string): JsonObject {
    const key = keyOf(body);
    const before = this.get(kind, key);
    const entries = updateEntries(before, body, manager);
    const status = before?.["status"] ?? body["status"];
    return this.#store(
      { kind, key, before, body: status === undefined ? body : { ...body, status }, entries },
      { manager },
    );
  }

  /** Changes an object that is there; the copy may be changed in place. Nothing happens when it is not there. */
  edit(kind: Kind, key: string, manager: string, change: (copy: Record<string, Json>) => void): void {
    const before = this.get(kind, key);
    if (before === undefined) return;
    const copy = copyOf(before) as Record<string, Json>;
    change(copy);
    const entries = updateEntries(before, copy, manager);
    this.#store({ kind, key, before, body: copy, entries }, { manager });
  }

  /** Status as a controller other than the product sets it (the load balancer of a Service). */
  setStatus(kind: Kind, key: string, status: JsonObject, manager: string): void {
    const before = this.get(kind, key);
    if (before === undefined || sameJson(before["status"], status)) return;
    this.#replace({ kind, key, before, after: { ...before, status }, part: "status" }, { manager });
  }

  /** Server-side apply by the product's rules (adapters/kubernetes/write). @throws as ClusterPort.apply */
  apply(write: ObjectWrite, writer: Writer): void {
    const { kind, key, body, force, precondition } = write;
    const before = this.get(kind, key);
    const object = `${kind} ${key}`;
    const place = `cluster/${this.name}`;
    if (precondition === undefined && before !== undefined) {
      throw new StaleObjectError(place, object, "somebody else made it meanwhile");
    }
    if (precondition !== undefined && uidOf(before) !== precondition.uid) {
      throw new StaleObjectError(place, object, "it was deleted or made again meanwhile");
    }
    const namespace = metadataOf(body)["namespace"];
    if (typeof namespace === "string" && this.get("Namespace", namespace) === undefined) {
      throw new StaleObjectError(place, object, "its namespace does not exist");
    }
    const base = before ?? bareObject(body);
    const applied = applyFields(body, { manager: writer.manager, before: base, force });
    if (applied.result === "conflict") throw new FieldConflictError(place, object, applied);
    const refused = this.admission(kind, applied.object);
    if (refused !== undefined) throw new ObjectRefusedError(place, object, refused);
    const entries = force ? endSharing(applied.entries, writer.manager) : applied.entries;
    const after = { ...applied.object, apiVersion: body["apiVersion"] };
    if (before !== undefined && sameObject(before, after) && sameJson(entriesOf(before), entries)) return;
    this.#store({ kind, key, before, body: after, entries }, writer);
  }

  /** @throws as ClusterPort.remove */
  remove({ kind, key, precondition }: ObjectDelete, writer: Writer): void {
    const before = this.get(kind, key);
    if (before === undefined) return;
    const same = uidOf(before) === precondition.uid && versionOf(before) === precondition.resourceVersion;
    if (!same) throw new StaleObjectError(`cluster/${this.name}`, `${kind} ${key}`, "it was changed or made again");
    this.delete(kind, key, { writer });
  }

  /** @returns false when there is nothing of that name. */
  delete(
    kind: Kind,
    key: string,
    { writer, propagation = "Background" }: { readonly writer: Writer; readonly propagation?: Propagation },
  ): boolean {
    const before = this.get(kind, key);
    if (before === undefined) return false;
    if (propagation === "Orphan") this.#orphan(before, writer);
    const finalizers = finalizersOf(before);
    const waits = propagation === "Foreground" ? [...new Set([...finalizers, foreground])] : finalizers;
    if (waits.length === 0) {
      this.#drop({ server: this.name, kind, key, before, part: "object", writer });
      return true;
    }
    if (metadataOf(before)["deletionTimestamp"] !== undefined) return true;
    const metadata = { ...metadataOf(before), finalizers: waits, deletionTimestamp: timestamp(this.#nowMs()) };
    this.#replace({ kind, key, before, after: { ...before, metadata }, part: "object" }, writer);
    return true;
  }

  /** Ends one finalizer; the object goes when it was the last and it is being deleted. */
  finalize(kind: Kind, key: string, finalizer: string, writer: Writer): void {
    const before = this.get(kind, key);
    if (before === undefined) return;
    const left = finalizersOf(before).filter((one) => one !== finalizer);
    const after = { ...before, metadata: { ...metadataOf(before), finalizers: left } };
    if (left.length > 0 || metadataOf(before)["deletionTimestamp"] === undefined) {
      this.#replace({ kind, key, before, after, part: "object" }, writer);
      return;
    }
    this.#drop({ server: this.name, kind, key, before, part: "object", writer });
  }

  /** @throws as ClusterPort.writeStatus */
  writeStatus({ kind, key, uid, fields, conditions }: StatusUpdate, writer: Writer): void {
    const before = this.get(kind, key);
    if (before === undefined || uidOf(before) !== uid) {
      throw new StaleObjectError(`cluster/${this.name}`, `${kind} ${key}`, "it does not exist any more");
    }
    const status = { ...fields, conditions: conditions as unknown as readonly JsonObject[] };
    if (sameJson(before["status"], status)) return;
    const others = entriesOf(before).filter((entry) => entry.subresource === undefined);
    const entry = { manager: writer.manager, operation: "Update", subresource: "status", leaves: [] } as const;
    const metadata = { ...metadataOf(before), managedFields: [...others, entry] as unknown as Json };
    this.#replace({ kind, key, before, after: { ...before, metadata, status }, part: "status" }, writer);
  }

  recordEvent(event: ResourceEvent): void {
    const id = JSON.stringify([event.uid, event.type, event.reason, event.message]);
    this.#events.set(id, { event, count: (this.#events.get(id)?.count ?? 0) + 1 });
  }

  #store(
    stored: {
      readonly kind: Kind;
      readonly key: string;
      readonly before: JsonObject | undefined;
      readonly body: JsonObject;
      readonly entries: readonly ManagedEntry[];
    },
    writer: Writer,
  ): JsonObject {
    const { kind, key, before, body, entries } = stored;
    const metadata = metadataOf(before ?? {});
    const generation = typeof metadata["generation"] === "number" ? metadata["generation"] : 0;
    const changed = before === undefined || !sameJson(before["spec"], body["spec"]);
    const after = {
      ...body,
      metadata: {
        ...metadataOf(body),
        uid: before === undefined ? `${this.name}-${this.#incarnation}-${this.#revision}` : (metadata["uid"] ?? ""),
        creationTimestamp:
          before === undefined
            ? (metadataOf(body)["creationTimestamp"] ?? timestamp(this.#nowMs()))
            : (metadata["creationTimestamp"] ?? ""),
        generation: changed ? generation + 1 : generation,
        managedFields: entries as unknown as Json,
      },
    };
    return this.#replace({ kind, key, ...(before === undefined ? {} : { before }), after, part: "object" }, writer);
  }

  #drop(mutation: Mutation): void {
    this.#of(mutation.kind).delete(mutation.key);
    this.#sorted.delete(mutation.kind);
    this.#revision += 1;
    this.watch(mutation);
  }

  #replace(
    change: Pick<Mutation, "kind" | "key" | "before" | "part"> & { readonly after: JsonObject },
    writer: Writer,
  ): JsonObject {
    this.#revision += 1;
    const metadata = { ...metadataOf(change.after), resourceVersion: String(this.#revision) };
    const after: JsonObject = { ...change.after, metadata };
    this.#of(change.kind).set(change.key, after);
    this.#sorted.delete(change.kind);
    this.watch({ server: this.name, ...change, after, writer });
    return after;
  }

  #orphan(owner: JsonObject, writer: Writer): void {
    for (const kind of kinds) {
      for (const object of this.stored(kind)) {
        const owners = ownersOf(object);
        if (!owners.some((reference) => reference["uid"] === uidOf(owner))) continue;
        this.edit(kind, keyOf(object), writer.manager, (copy) => {
          const metadata = copy["metadata"] as Record<string, Json>;
          metadata["ownerReferences"] = owners.filter((reference) => reference["uid"] !== uidOf(owner));
        });
      }
    }
  }

  #of(kind: Kind): Map<string, JsonObject> {
    const objects = this.#objects.get(kind);
    if (objects === undefined) throw new Error(`${kind} is no kind`);
    return objects;
  }
}

export function keyOf(object: JsonObject): string {
  const { namespace, name } = metadataOf(object);
  return typeof namespace === "string" ? `${namespace}/${String(name)}` : String(name);
}

export function uidOf(object: JsonObject | undefined): string {
  return String(metadataOf(object ?? {})["uid"] ?? "");
}

export function versionOf(object: JsonObject): string {
  return String(metadataOf(object)["resourceVersion"] ?? "");
}

export function labelsOf(object: JsonObject): Readonly<Record<string, string>> {
  return fieldsOf(metadataOf(object)["labels"]) as Readonly<Record<string, string>>;
}

export function isDeleting(object: JsonObject): boolean {
  return metadataOf(object)["deletionTimestamp"] !== undefined;
}

export function finalizersOf(object: JsonObject): readonly string[] {
  const finalizers = metadataOf(object)["finalizers"];
  return Array.isArray(finalizers) ? finalizers.map(String) : [];
}

export const foregroundFinalizer = foreground;

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

function bareObject(body: JsonObject): JsonObject {
  const { name, namespace } = metadataOf(body);
  return {
    apiVersion: body["apiVersion"],
    kind: body["kind"],
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

function sameObject(before: JsonObject, after: JsonObject): boolean {
  return (
    before["apiVersion"] === after["apiVersion"] &&
    sameJson(Object.fromEntries(leavesOf(before)), Object.fromEntries(leavesOf(after)))
  );
}

function isSelected(kind: Kind, object: JsonObject): boolean {
  const { labelSelector, fieldSelector } = kindTable[kind];
  if (labelSelector !== undefined && labelsOf(object)[labelSelector] === undefined) return false;
  return fieldSelector === undefined || fieldSelector === `metadata.name=${String(metadataOf(object)["name"])}`;
}

const parsed = new Map<Kind, WeakMap<JsonObject, unknown>>(kinds.map((kind) => [kind, new WeakMap()]));

/** Parsed by the product's own contract, once per stored object. */
export function parsedOf<K extends Kind>(kind: K, object: JsonObject): Parsed<KindObjects[K]> {
  const known = parsed.get(kind)?.get(object);
  if (known !== undefined) return known as Parsed<KindObjects[K]>;
  const made: Parsed<KindObjects[K]> = kindTable[kind].parse(object);
  parsed.get(kind)?.set(object, made);
  return made;
}
