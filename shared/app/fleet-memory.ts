/**
 * What one pass needs of the store, and what it leaves there. Lost documents cost time, never correctness: what each
 * loss means is the table of docs/explanation/state.md.
 */
import { emptyOrder } from "../core/reading/stored-order.ts";
import { asError, StoreConflictError } from "../errors.ts";
import type { ClusterConfiguration } from "../model/fleet-configuration.ts";
import type { Placement } from "../model/placement.ts";
import type { Approval, DocumentName, DocumentTypes, Found, LastGood, Order, Since } from "../model/state.ts";
import type { StateStore } from "../ports.ts";
import type { FleetPorts } from "./fleet-ports.ts";

export type Remembered<T> = { readonly value: T; readonly version: string };

export type FleetMemory = {
  readonly placement: Placement;
  readonly since: Remembered<Since>;
  readonly order: Remembered<Order>;
  readonly approvals: readonly Approval[];
  readonly lastGood: ReadonlyMap<string, Remembered<LastGood>>;
  /** Documents that are there and cannot be read, by name (`since`, `last-good/w1`), with the version to write over. */
  readonly damaged: ReadonlyMap<string, string>;
  /** Documents that are lost, unreadable or of a newer schema, as sentences. */
  readonly notes: readonly string[];
  /** The store holds nothing at all: a first pass, a lost store, or another place than before. */
  readonly isBlank: boolean;
  /** Names of documents that must not be written over. */
  readonly untouchable: ReadonlySet<string>;
};

const approvalLastsMs = 24 * 60 * 60_000;
const absent = "absent";

const emptySince: Since = { shrunkReads: {}, handovers: {}, budgets: {}, records: {}, garbage: {} };
const emptyPlacement: Placement = { revision: 0, entries: [] };

export async function recall(ports: FleetPorts): Promise<FleetMemory> {
  const { store, clock } = ports;
  const [placement, since, order, approvals, ids] = await Promise.all([
    store.read("placement"),
    store.read("since"),
    store.read("order"),
    store.read("approvals"),
    store.ids("last-good"),
  ]);
  const known = new Set([...ports.configuration.clusters.map((cluster) => cluster.name), ...ids]);
  const lastGood = await Promise.all(
    [...known].sort().map(async (id) => [id, await store.read("last-good", id)] as const),
  );
  const notes: string[] = [];
  const untouchable = new Set<string>();
  const damaged = new Map<string, string>();
  const note = (name: string, found: Found<unknown>): void => {
    if (found.found === "newer-schema") {
      untouchable.add(name);
      notes.push(
        `${name} was written by a newer version of this product (schema ${found.schema}); it is kept and not used`,
      );
    }
    if (found.found === "unreadable") {
      damaged.set(name, found.version);
      notes.push(`${name} cannot be read (${found.reason}); it counts as lost and ${whatFollows(name)}`);
    }
  };
  note("placement", placement);
  note("since", since);
  note("order", order);
  note("approvals", approvals);
  for (const [id, found] of lastGood) note(`last-good/${id}`, found);
  return {
    placement: placement.found === "value" ? placement.value : emptyPlacement,
    since: remembered(since, emptySince),
    order: remembered(order, emptyOrder),
    approvals: (approvals.found === "value" ? approvals.value.approvals : []).filter((approval) =>
      isInForce(approval, clock.nowMs()),
    ),
    lastGood: new Map(
      lastGood.flatMap(([id, found]) =>
        found.found === "value" ? [[id, { value: found.value, version: found.version }] as const] : [],
      ),
    ),
    damaged,
    isBlank: [placement, since, order, approvals].every(({ found }) => found === "absent") && ids.length === 0,
    notes,
    untouchable,
  };
}

/** Every document that a pass writes is written again by the next one; the rest is for a person. */
function whatFollows(name: string): string {
  if (name === "placement") return "stays as it is; put it back, or delete it";
  return name.startsWith("last-good/")
    ? "is written again by the next apply that reads the cluster completely"
    : "is written again by the next apply";
}

/** An approval lasts a day: later the fleet is another one, even where the digest is not. */
export function isInForce(approval: Approval, nowMs: number): boolean {
  return nowMs - approval.atMs < approvalLastsMs;
}

function remembered<T>(found: Found<T>, empty: T): Remembered<T> {
  if (found.found === "value") return { value: found.value, version: found.version };
  return { value: empty, version: found.found === "unreadable" ? found.version : absent };
}

/** Clusters that the store knows and the configuration does not: unreachable, never gone. */
export function missingClusters(
  memory: FleetMemory,
  configured: readonly ClusterConfiguration[],
): readonly ClusterConfiguration[] {
  const names = new Set(configured.map((cluster) => cluster.name));
  return [...memory.lastGood]
    .filter(([name, { value }]) => !names.has(name) && Object.keys(value.listings).length > 0)
    .map(([name]) => ({
      name,
      source: { kind: "missing" },
      writes: "observe",
      gatewayNamespace: "istio-system",
      operatorStopped: false,
    }));
}

type WriteInput<D extends DocumentName> = {
  readonly name: D;
  readonly id?: string;
  readonly value: DocumentTypes[D];
  /** Undefined: nothing is known of it, because it is not there or cannot be read. */
  readonly before: Remembered<DocumentTypes[D]> | undefined;
  /** Who wrote it meanwhile is right: nothing is written then, and nothing thrown. */
  readonly yields?: true;
};

/**
 * The one way in which a pass writes what it recalled: over the version that was found, damaged or not, and never over
 * what a later version of this product left (that is noted).
 * @returns what is remembered now.
 * @throws StoreConflictError when somebody wrote it meanwhile, unless this write yields.
 */
export async function writeDocument<D extends DocumentName>(
  store: StateStore,
  memory: FleetMemory,
  { name, id, value, before, yields }: WriteInput<D>,
): Promise<Remembered<DocumentTypes[D]> | undefined> {
  const label = labelOf(name, id);
  if (memory.untouchable.has(label)) return before;
  try {
    const version = before?.version ?? memory.damaged.get(label) ?? absent;
    return { value, version: await store.write(name, value, version, id) };
  } catch (caught) {
    if (yields !== true || !(caught instanceof StoreConflictError)) throw caught;
    return before;
  }
}

/**
 * Writes a document when it differs from what was read; a damaged one even where its value is the empty one.
 * @returns what is remembered now.
 * @throws StoreConflictError when a newer pass wrote: that one knows more, and nothing that builds on ours may follow.
 */
export async function remember<D extends DocumentName>(
  store: StateStore,
  memory: FleetMemory,
  write: WriteInput<D> & { readonly before: Remembered<DocumentTypes[D]> },
): Promise<Remembered<DocumentTypes[D]>> {
  const { name, id, value, before } = write;
  // Written once, it has another version and is not the damaged one any more.
  const isDamaged = memory.damaged.get(labelOf(name, id)) === before.version;
  if (!isDamaged && JSON.stringify(before.value) === JSON.stringify(value)) return before;
  return (await writeDocument(store, memory, write)) ?? before;
}

function labelOf(name: DocumentName, id: string | undefined): string {
  return id === undefined ? name : `${name}/${id}`;
}

const writeAttempts = 5;

/** Adds to a document that several writers share (approvals, marks), reading it again when another was faster. */
export async function amend<D extends "approvals" | "marks">(
  store: StateStore,
  name: D,
  change: (value: DocumentTypes[D] | undefined) => DocumentTypes[D],
): Promise<void> {
  let last: unknown;
  for (let attempt = 0; attempt < writeAttempts; attempt += 1) {
    const found = await store.read(name);
    const version = found.found === "value" || found.found === "unreadable" ? found.version : absent;
    try {
      await store.write(name, change(found.found === "value" ? found.value : undefined), version);
      return;
    } catch (caught) {
      if (!(caught instanceof StoreConflictError)) throw caught;
      last = caught;
    }
  }
  throw asError(last);
}
