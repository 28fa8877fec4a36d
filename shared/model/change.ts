/** A change is one create, update or delete of one object, with before and after; a plan orders them. */
import type { Because, Phase, PublishedName, Refusal } from "./desired.ts";
import type { JsonObject } from "./json.ts";
import type { Kind } from "./kinds.ts";
import type { Place } from "./place.ts";

export type Precondition = { readonly uid: string; readonly resourceVersion?: string };

/** `adopt`: the object carries our marker but was written by the predecessor; field ownership is forced once. */
export type Operation = "create" | "adopt" | "update" | "delete";

export type Change = {
  /** Place, kind and key, and the step when one object changes twice in a pass. Stable across passes. */
  readonly id: string;
  /** Id of the item (without the step): what statuses refer to. */
  readonly item: string;
  readonly place: Place;
  readonly kind: Kind;
  readonly key: string;
  readonly operation: Operation;
  readonly phase: Phase;
  /** Comparable form (core/planning/normalise); absent for a create. */
  readonly before?: JsonObject;
  /** What is sent; absent for a delete. */
  readonly after?: JsonObject;
  /**
   * Present for update, adopt and delete: the object as it was read. Deletes carry both to the API server. A later step of
   * one object has no resourceVersion: the step before changed it.
   */
  readonly precondition?: Precondition;
  /** Names that this change takes away or redirects; a failed change blocks later phases of the same name. */
  readonly leaves: readonly PublishedName[];
  readonly joins: readonly PublishedName[];
  /** Ids of changes that must have been done before: a host leaves one Istio Gateway before it joins another. */
  readonly dependsOn: readonly string[];
  readonly because: Because;
};

/** Changes that a budget keeps until their digest is approved. One group per scope. */
export type HeldChanges = {
  /** `cluster/w1`, `zone/weu`, or `read/w1` for a read that lost too much. */
  readonly scope: string;
  readonly code: "BudgetExceeded" | "LastAddress" | "ManyGateways" | "ShrunkRead" | "NeverRead";
  /** Sentence with numbers: what would happen, what the limit is. */
  readonly reason: string;
  /** Binds an approval to exactly these changes: kind, key, before, after, sorted. 12 hex characters. */
  readonly digest: string;
  readonly changes: readonly Change[];
  /** A person said yes; what is missing now is only time (a doubted read must also stand for a while). */
  readonly approved?: true;
};

/** A change that only time, or somebody else's step, permits. */
export type WaitingChange = {
  readonly change: Change;
  readonly code: "Handover" | "Contended" | "SecondRead";
  readonly reason: string;
  /** Absent when it is not a matter of time. */
  readonly dueAtMs?: number;
};

export type Plan = {
  /** Of all due changes: same fleet, same digest. */
  readonly digest: string;
  /** Sorted by phase, place, kind, key, step. */
  readonly changes: readonly Change[];
  readonly held: readonly HeldChanges[];
  /** What would change in places that are only observed (`writes: observe`, the operator still running): never applied. */
  readonly observed: readonly Change[];
  readonly waiting: readonly WaitingChange[];
  readonly refusals: readonly Refusal[];
};

/** What became of one change. */
export type ChangeOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: string; readonly reason: string; readonly retryable: boolean }
  | { readonly kind: "blocked"; readonly by: string }
  | { readonly kind: "not-started"; readonly reason: string };

export type ChangeResult = { readonly change: Change; readonly outcome: ChangeOutcome };
