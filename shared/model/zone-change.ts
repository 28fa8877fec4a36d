/**
 * Changes of zones that a person looks at and approves: garbage that goes, ownership TXTs that are written. Data only; what
 * passes write to clusters is in change.ts.
 */
import type { Person } from "./pass.ts";
import type { RecordSet, RecordSetId } from "./zone-records.ts";

/** `garbage`: what nobody wants goes. `repair`: orphans get their TXT. `copy-ownership`: TXTs of other prefixes are copied. */
export type ZoneTask = "garbage" | "repair" | "copy-ownership";

/** What a person asks of the zones. */
export type ZoneRequest = {
  readonly task: ZoneTask;
  /** Only this region; all unless given. */
  readonly region?: string;
  /** Of `copy-ownership`: owners besides the region's own whose records become the region's. */
  readonly fromOwners?: readonly string[];
};

/** A person's yes to one list of changes. */
export type ApprovedZoneRequest = ZoneRequest & {
  /** Of the common list, or of one group that is held. */
  readonly digest: string;
  readonly person: Person;
  readonly reason: string;
  /** How long each round waits for a running pass, in milliseconds; not at all unless given. */
  readonly waitForLeaseMs?: number;
};

/** One record set written or deleted. */
export type ZoneWrite = RecordSetId & {
  /** DNS name of the zone that holds it. */
  readonly zone: string;
  /** As it was read: its etag goes back as If-Match. Absent: it must not exist (If-None-Match). */
  readonly before?: RecordSet;
  /** Absent: it is deleted. */
  readonly after?: Pick<RecordSet, "ttlSeconds" | "values">;
};

/**
 * - `delete-record`: an address or CNAME record with its ownership TXTs. - `delete-ownership`: a TXT whose record is gone.
 * - `delete-old-ownership`: a TXT of an earlier prefix; the record has another one. - `write-ownership`: a TXT that is missing.
 */
export type ZoneChangeKind = "delete-record" | "delete-ownership" | "delete-old-ownership" | "write-ownership";

export type ZoneChange = {
  /** `weu|delete-record|CNAME old.example.com`: region, kind, and the record set that is written first. */
  readonly id: string;
  readonly kind: ZoneChangeKind;
  readonly region: string;
  /** In this order: the record first, its TXTs after it; the first TXT is the one that decides about the record. */
  readonly writes: readonly ZoneWrite[];
  /** Record sets, other than those written, that must still be as they were read. */
  readonly unchanged: readonly (RecordSet & { readonly zone: string })[];
  /** Records that a deleted TXT could be about: where one is there afterwards, the TXT is put back. */
  readonly about: readonly (RecordSetId & { readonly zone: string })[];
  /** A name that stops resolving, or leads elsewhere once ExternalDNS keeps its record again: what budgets count. */
  readonly takesName?: string;
  /** Of `write-ownership`: where ExternalDNS will lead the record once it is its own; nowhere where nobody publishes it. */
  readonly leadsTo?: readonly string[];
  readonly reason: string;
  /** Of garbage and orphans: the first pass that saw it (absent: none has yet), and when its grace time is over. */
  readonly firstSeenAtMs?: number;
  readonly dueAtMs?: number;
};

export type HeldZoneChanges = {
  /** `zone/weu` */
  readonly scope: string;
  readonly code: "BudgetExceeded" | "OldOwnership";
  readonly reason: string;
  /** Of these changes alone: approving it carries out nothing else. */
  readonly digest: string;
  readonly changes: readonly ZoneChange[];
};

/** Regions that could not be judged; without a region: none could. */
export type NotJudged = { readonly region?: string; readonly reason: string };

/** A record that the task could be about and leaves alone. */
export type LeftOut = RecordSetId & { readonly region: string; readonly reason: string };

/** What would be written to zones, and what would not and why. Lists are sorted by region, name and type. */
export type ZonePlan = {
  readonly task: ZoneTask;
  /** When the fleet and its zones were read. */
  readonly atMs: number;
  /** Of `changes`, sorted: all that a person says yes to, as `changeText` has it. Etags are not part of it. */
  readonly digest: string;
  /** Due, within the budgets, in regions that may be written to. */
  readonly changes: readonly ZoneChange[];
  /** To be approved each by its own digest. */
  readonly held: readonly HeldZoneChanges[];
  /** Garbage and orphans whose grace time is not over. */
  readonly waiting: readonly ZoneChange[];
  /** Due in regions with `zoneWrites: observe`: never written. */
  readonly observed: readonly ZoneChange[];
  readonly notJudged: readonly NotJudged[];
  readonly leftOut: readonly LeftOut[];
  /** Faults that belong to no record, as in the report of a pass. */
  readonly notes: readonly string[];
};

/**
 * - `done`. - `stale`: somebody wrote there since it was read; nothing more was written. - `refused`: the zone will not.
 * - `throttled`: the zone asked for fewer writes for longer than this run waits. - `failed`: no usable answer.
 * - `not-started`: the run ended before it, or it is not as it was approved any more.
 * `took`: whether any of its writes was made, and with it the name that it takes: `unknown` where one got no answer.
 * `left`: what was begun and is not finished, or may be; a later run finds it.
 */
export type ZoneChangeOutcome =
  | { readonly kind: "done" }
  | {
      readonly kind: "stale" | "refused" | "throttled" | "failed" | "not-started";
      readonly code: string;
      readonly reason: string;
      readonly took: "name" | "nothing" | "unknown";
      readonly left?: string;
    };

export type ZoneChangeResult = { readonly change: ZoneChange; readonly outcome: ZoneChangeOutcome };

/**
 * - `ran`: what became of each approved change. - `unknown-digest`: nothing was written; `plan` is what is there now, and
 *   `newlyDue` what became due since, where that is all the difference.
 */
export type ZoneRun =
  | {
      readonly kind: "ran";
      readonly task: ZoneTask;
      readonly digest: string;
      readonly startedAtMs: number;
      readonly endedAtMs: number;
      readonly results: readonly ZoneChangeResult[];
      readonly ended:
        | { readonly kind: "complete" }
        | { readonly kind: "stopped"; readonly code: string; readonly reason: string };
      readonly notes: readonly string[];
    }
  | {
      readonly kind: "unknown-digest";
      readonly digest: string;
      readonly plan: ZonePlan;
      readonly newlyDue?: readonly ZoneChange[];
    };
