/**
 * What each place should hold, and what each resource's status should say: the output of the families.
 * Data only, serialisable; sorting is the planner's.
 */
import type { Claim } from "./claim.ts";
import type { JsonObject } from "./json.ts";
import type { Kind } from "./kinds.ts";
import type { Place } from "./place.ts";
import type { ObservedStatus } from "./resources.ts";

/** 1 open · 2 withdraw and fence · 3 publish · 4 close · 5 release. A barrier between phases, across all places. */
export type Phase = "open" | "withdraw" | "publish" | "close" | "release";

/** Label that says who may change an object. Per item, never one constant in planning or list selectors. */
export type Marker = { readonly label: string; readonly value: string };

/**
 * A name that an item publishes into a DNS zone, or serves as a host (zone `istio/<cluster>/<controller>`).
 * `content` is type, target and TTL in one string: equal content never conflicts.
 */
export type PublishedName = {
  readonly zone: string;
  readonly name: string;
  readonly content: string;
  /** The source object is gone: what leaves with it never counts for budgets. */
  readonly vanished?: true;
};

/** Why an item is wanted: the source object, for messages and Kubernetes Events. */
export type Because = {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly reason: string;
};

/**
 * One object in one place.
 * - `present`: the object should be as `body` says. `stages` are bodies on the way there (hosts that must leave or
 *   join in an earlier phase); the last state is always `body`.
 * - `kept`: whatever is there stays, unchanged; nothing is created. For sources that lost a precondition.
 * - `absent`: what is there goes, for the reason given. What is there, carries the marker and has no item goes too.
 * `waits`: nothing may join yet (a claim that vanished one read ago still keeps others off).
 */
export type DesiredItem = {
  readonly place: Place;
  readonly kind: Kind;
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  readonly key: string;
  readonly marker: Marker;
  readonly phase: Phase;
  readonly names: readonly PublishedName[];
  readonly because: Because;
} & (
  | {
      readonly want: "present";
      /** Made when it is compared: most bodies equal what is there and are not kept. */
      readonly body: () => JsonObject;
      readonly stages?: readonly ItemStage[];
      readonly waits?: { readonly code: "SecondRead"; readonly reason: string };
    }
  | { readonly want: "kept" }
  | { readonly want: "absent"; readonly stages?: readonly ItemStage[] }
);

/** One step of an object that changes in more than one phase. Without a body the object goes. */
export type ItemStage = {
  readonly phase: Phase;
  /** Order within the phase: 0 before 1. */
  readonly step: 0 | 1;
  readonly body?: JsonObject;
  /** Ids of items whose first stage must be done before (a host leaves one Istio Gateway before it joins another). */
  readonly dependsOn: readonly string[];
  /** Names that leave with this stage. */
  readonly leaves: readonly PublishedName[];
  /** Names that join with this stage. */
  readonly joins: readonly PublishedName[];
};

export type DesiredCondition = {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
};

/** A status depends on items of its place: when one did not end as wanted, these conditions turn False with this reason. */
export type StatusNeed = {
  readonly kind: Kind;
  /** `namespace/name` of each. */
  readonly keys: readonly string[];
  readonly conditions: readonly string[];
  readonly reason: string;
};

/** The status of one resource for the outcome "every due change succeeds"; `needs` say what corrects it. */
export type DesiredStatus = {
  readonly place: Place;
  readonly kind: Kind;
  readonly key: string;
  readonly uid: string;
  readonly generation: number;
  /** Fields other than conditions; a field that should not be there is absent. */
  readonly fields: JsonObject;
  readonly conditions: readonly DesiredCondition[];
  readonly needs: readonly StatusNeed[];
  /** What is written now. */
  readonly observed: ObservedStatus;
  /** The status says no: why, for the one list of refusals that a person reads. */
  readonly refusal?: Refusal;
};

/** A change or resource that we will not act on, with code and reason. */
export type Refusal = {
  readonly place: Place;
  readonly kind: Kind;
  readonly key: string;
  /** One of the condition reasons. */
  readonly code: string;
  readonly reason: string;
};

/** What one place should hold, each item and status made when it is reached: most are as they should be and not kept. */
export type PlaceDesired = {
  readonly items: Iterable<DesiredItem>;
  readonly statuses: Iterable<DesiredStatus>;
  /** Refusals that no status can carry, because the object that should be there is missing. */
  readonly refusals?: readonly Refusal[];
};

/**
 * A place with a function that works out what it should hold: pure, so it may be called again. Planning goes place by place
 * and drops what is as it should be: a converged fleet of 250,000 routes never has all its bodies in memory.
 */
export type DesiredPlace = { readonly place: Place; readonly project: () => PlaceDesired };

export type Desired = {
  readonly places: readonly DesiredPlace[];
  /** Claims of clusters that are not written to now (observed, frozen, operator running): they count as published. */
  readonly claimedElsewhere: readonly Claim[];
  /** What this family manages: an object of such a kind with such a marker that has no item is no longer wanted. */
  readonly managed: readonly { readonly kind: Kind; readonly marker: Marker }[];
};
