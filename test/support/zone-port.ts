/**
 * A DNS zone in memory behind the zone port, for unit tests and the simulation. It keeps what a real zone keeps: record sets
 * with etags that change with every write, refusals, preconditions. It passes the same contract suite as the real ones.
 */
import { recordSetOf, recordsOf, relativeName } from "../../shared/contracts/azure/record-set.ts";
import { pathText } from "../../shared/contracts/issues.ts";
import { checkedRecordSet, type FiledRecordSet } from "../../shared/contracts/zone-file.ts";
import { ForbiddenError, ObjectRefusedError, StaleObjectError, ZoneNotFoundError } from "../../shared/errors.ts";
import type { ZoneAction, ZoneVerb } from "../../shared/model/access.ts";
import type { ZoneConfiguration } from "../../shared/model/fleet-configuration.ts";
import type { RecordSet, RecordSetId, RecordSetType } from "../../shared/model/zone-records.ts";
import type { ZonePort, ZoneSource } from "../../shared/ports.ts";

/** Each may throw, or do something at that moment. Absent: nothing goes wrong. */
export type ZoneFaults = {
  list?: () => void | Promise<void>;
  get?: (id: RecordSetId) => void | Promise<void>;
  put?: (id: RecordSetId) => void | Promise<void>;
  remove?: (id: RecordSetId) => void | Promise<void>;
  deniedActions?: () => void | Promise<void>;
};

export type MemoryZone = {
  readonly port: ZonePort;
  readonly faults: ZoneFaults;
  /** What the port refuses, and says that it would. */
  readonly denied: Set<ZoneAction>;
  /** Sorted by name and type. */
  readonly recordSets: () => readonly RecordSet[];
  readonly get: (id: RecordSetId) => RecordSet | undefined;
  /** Writes as somebody else would: CNAMEs too, and without precondition. */
  readonly put: (recordSet: FiledRecordSet) => RecordSet;
  readonly remove: (id: RecordSetId) => void;
  /** The same content, etags and rights, to be continued apart. */
  readonly copy: () => MemoryZone;
};

export type RecordSetParts = Pick<FiledRecordSet, "name" | "type" | "values"> & Partial<FiledRecordSet>;

/** A record set with what is usual: TTL 300, no metadata. */
export function filed(parts: RecordSetParts): FiledRecordSet {
  return { ttlSeconds: 300, metadata: {}, ...parts };
}

export function createMemoryZone(zone: string, recordSets: Iterable<FiledRecordSet> = []): MemoryZone {
  const memory = open(zone, { stored: new Map(), denied: new Set(), writes: 0 });
  for (const recordSet of recordSets) memory.put(recordSet);
  return memory;
}

/** @param find the zone that a configuration means; undefined: there is none. */
export function memoryZoneSource(find: (zone: ZoneConfiguration) => ZonePort | undefined): ZoneSource {
  return {
    open: async (zone) => {
      const found = find(zone);
      if (found === undefined) throw new ZoneNotFoundError(zone.zone);
      return found;
    },
    close: async () => {},
  };
}

type State = { readonly stored: Map<string, RecordSet>; readonly denied: Set<ZoneAction>; writes: number };

function open(zone: string, state: State): MemoryZone {
  const faults: ZoneFaults = {};
  const { stored, denied } = state;
  const requireRight = (action: `${RecordSetType}/${ZoneVerb}` | "ALL/read"): void => {
    if (denied.has(`Microsoft.Network/privateDnsZones/${action}`)) throw new ForbiddenError(`zone ${zone}`, action);
  };
  const get = (id: RecordSetId): RecordSet | undefined => stored.get(keyOf(id));
  /** Made when it is asked for, and forgotten with the next write. */
  let sorted: readonly RecordSet[] | undefined;
  const recordSets = (): readonly RecordSet[] => {
    sorted ??= [...stored.values()].sort((left, right) =>
      left.name === right.name ? (left.type < right.type ? -1 : 1) : left.name < right.name ? -1 : 1,
    );
    return sorted;
  };
  const remove = (id: RecordSetId): void => {
    sorted = undefined;
    stored.delete(keyOf(id));
  };
  const put = (recordSet: FiledRecordSet): RecordSet => {
    state.writes += 1;
    sorted = undefined;
    const written = normalised(zone, recordSet, `etag-${state.writes}`);
    stored.set(keyOf(written), written);
    return written;
  };
  const port: ZonePort = {
    zone,
    list: async (signal) => {
      signal.throwIfAborted();
      await faults.list?.();
      requireRight("ALL/read");
      return recordSets();
    },
    get: async (id, signal) => {
      signal.throwIfAborted();
      await faults.get?.(id);
      requireRight(`${id.type}/read`);
      return get(id);
    },
    put: async (write, signal) => {
      signal.throwIfAborted();
      await faults.put?.(write);
      requireRight(`${write.type}/write`);
      const found = get(write);
      const expected = write.expected === "absent" ? undefined : write.expected.etag;
      if (found?.etag !== expected) throw stale(zone, write);
      return put(checked(zone, write, get({ name: write.name, type: "CNAME" })));
    },
    remove: async (target, signal) => {
      signal.throwIfAborted();
      await faults.remove?.(target);
      requireRight(`${target.type}/delete`);
      const found = get(target);
      if (found !== undefined && found.etag !== target.etag) throw stale(zone, target);
      remove(target);
    },
    deniedActions: async (actions, signal) => {
      signal.throwIfAborted();
      await faults.deniedActions?.();
      return actions.filter((action) => denied.has(action));
    },
  };
  return {
    port,
    faults,
    denied,
    recordSets,
    get,
    put,
    remove,
    copy: () => open(zone, { stored: new Map(stored), denied: new Set(denied), writes: state.writes }),
  };
}

/** In the spelling in which a list gives it. */
function normalised(
  zone: string,
  { name, type, ttlSeconds, values, metadata }: FiledRecordSet,
  etag: string,
): RecordSet {
  const fields = { ttl: ttlSeconds, metadata, ...recordsOf(type, values) };
  const relative = relativeName(name.toLowerCase(), zone);
  const recordSet = relative === undefined ? undefined : recordSetOf(zone, { name: relative, type, etag, fields });
  if (recordSet === undefined) throw new Error(`${name} does not lie in ${zone}`);
  return recordSet;
}

function checked(zone: string, write: FiledRecordSet, cname: RecordSet | undefined): FiledRecordSet {
  const refused = (detail: string): ObjectRefusedError =>
    new ObjectRefusedError(`zone ${zone}`, `${write.type} ${write.name}`, detail);
  const relative = relativeName(write.name, zone);
  if (relative === undefined) throw refused("its name does not lie in the zone");
  if (cname !== undefined) throw refused("a CNAME of that name stands alone");
  const read = checkedRecordSet(zone, write, relative);
  if (!read.ok) throw refused(read.faults.map(({ path, message }) => `${pathText(path)}: ${message}`).join("; "));
  return read.value;
}

function stale(zone: string, { name, type }: RecordSetId): StaleObjectError {
  return new StaleObjectError(`zone ${zone}`, `${type} ${name}`, "it was written meanwhile");
}

function keyOf({ name, type }: RecordSetId): string {
  return `${name} ${type}`;
}
