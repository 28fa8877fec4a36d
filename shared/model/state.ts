/** Documents of the state store. Each is versioned by `schema`; one of a newer schema is never overwritten. */
import type { Listings } from "./kinds.ts";
import type { Placement } from "./placement.ts";
import type { VerificationResult } from "./verification.ts";

/** The last complete read of one cluster: what it claims while it cannot be read. Written when its digest changed. */
export type LastGood = {
  readonly cluster: string;
  readonly readAtMs: number;
  readonly digest: string;
  readonly listings: Listings;
  readonly istioVersion?: "v1" | "v1beta1";
};

/** Since when things are as they are, and the counters that rules need from one pass to the next. */
export type Since = {
  /** A read that lost too much, by cluster: counted until it is approved or the objects are back. */
  readonly shrunkReads: Readonly<Record<string, ShrunkRead>>;
  /** Names that lost a publisher lately, by `zone/name`, whether or not somebody wants them yet. */
  readonly handovers: Readonly<Record<string, Handover>>;
  /** Budget use by scope (`cluster/w1`, `zone/weu`). */
  readonly budgets: Readonly<Record<string, BudgetUse>>;
  /** Names that are not, or were lately not, as they should be in their zone, by `region|name|type`. */
  readonly records: Readonly<Record<string, RecordMark>>;
  /** Records that nobody claims, by `region|name|type`: since which complete read. */
  readonly garbage: Readonly<Record<string, GarbageMark>>;
};

/** What earlier passes saw of a name in its zone. */
export type RecordMark = {
  /** The content that was wanted: another one starts anew. */
  readonly wanted: string;
  readonly result: VerificationResult;
  /** Since when the result is the same. */
  readonly sinceMs: number;
  /** The first complete read of the zone while this content is wanted. */
  readonly firstReadAtMs: number;
  /** At that read ExternalDNS had not read yet what is wanted. What was there and went away is not awaited, it is missed. */
  readonly isNew: boolean;
  /** What stood there in turn, equal neighbours as one, the latest last. */
  readonly seen: readonly { readonly found: string; readonly atMs: number }[];
};

export type GarbageMark = {
  readonly firstSeenAtMs: number;
  /** The last pass that judged it and found it again, to some minutes. */
  readonly lastSeenAtMs: number;
};

export type ShrunkRead = {
  readonly digest: string;
  readonly firstSeenAtMs: number;
  readonly passes: number;
  readonly reason: string;
};

/** A name that a cluster published and does not any more: its ExternalDNS may still be writing the old content. */
export type Handover = {
  readonly zone: string;
  readonly name: string;
  /** What was published: another publisher of the same content need not wait. */
  readonly content: string;
  readonly from: string;
  /** When its DNSEndpoint was first seen gone. */
  readonly goneAtMs: number;
};

export type BudgetUse = {
  /** Names published when the first entry of the rolling hour was spent: the base of the share. */
  readonly baseNames: number;
  readonly spent: readonly BudgetEntry[];
};

export type BudgetEntry = {
  readonly atMs: number;
  readonly names: number;
  /**
   * Which names a pass was about to take: present from before its first write until its end. Where it stays, that pass
   * died, and nobody knows how far it came: a later pass that takes one of them pays for it here, not a second time.
   */
  readonly reserved?: readonly string[];
};

export type Approval = {
  readonly digest: string;
  readonly scope: string;
  readonly by: string;
  /** True when `by` came from an Entra principal; otherwise it is somebody's word. */
  readonly verified: boolean;
  readonly reason: string;
  readonly atMs: number;
};

export type Approvals = { readonly approvals: readonly Approval[] };

/** Regions, clusters and adopters in the order that breaks ties. Newcomers join at the end. */
export type Order = {
  readonly regions: readonly string[];
  readonly clusters: readonly string[];
  readonly adopters: readonly { readonly region: string; readonly cluster: string }[];
};

/** "Look again": never a payload to trust. */
export type RequestMark = {
  readonly id: string;
  readonly atMs: number;
  /** `eventgrid`, `http`, `cli`, `pass` … */
  readonly by: string;
};

export type Marks = {
  readonly requests: readonly RequestMark[];
  /** When the last pass started and ended, whatever came of it. */
  readonly lastPass?: { readonly startedAtMs: number; readonly endedAtMs: number; readonly complete: boolean };
};

export type DocumentTypes = {
  readonly placement: Placement;
  readonly "last-good": LastGood;
  readonly since: Since;
  readonly approvals: Approvals;
  readonly order: Order;
  readonly marks: Marks;
};

export type DocumentName = keyof DocumentTypes;

/**
 * A document as found. `version` is opaque and goes back with the next write.
 * `newer-schema`: written by a later version of this product; it must be kept and counts as lost for this run.
 */
export type Found<T> =
  | { readonly found: "value"; readonly value: T; readonly version: string }
  | { readonly found: "absent" }
  | { readonly found: "newer-schema"; readonly schema: number }
  | { readonly found: "unreadable"; readonly reason: string; readonly version: string };
