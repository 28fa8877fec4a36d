/**
 * What each place should hold, and what each resource's status should say: the output of the families.
 * Data only, serialisable; sorting is the planner's.
 */
import type { JsonObject } from "./json.ts";
import type { Kind } from "./kinds.ts";
import type { Place } from "./place.ts";

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
  | { readonly want: "present"; readonly body: JsonObject; readonly stages?: readonly ItemStage[] }
  | { readonly want: "kept" }
);

export type ItemStage = {
  readonly phase: Phase;
  readonly body: JsonObject;
  /** Names that leave with this stage: (zone, name). */
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

/**
 * The status of one resource for the outcome "every due change succeeds".
 * `needs` names the items this depends on (place id, kind, key joined by `|`, see core/naming/item-id): when one of them did not
 * end as wanted, `otherwise` conditions replace those of the same type.
 */
export type DesiredStatus = {
  readonly place: Place;
  readonly kind: Kind;
  readonly key: string;
  readonly generation: number;
  /** Fields other than conditions; a field that should not be there is absent. */
  readonly fields: JsonObject;
  readonly conditions: readonly DesiredCondition[];
  readonly needs: readonly string[];
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

export type Desired = {
  readonly items: readonly DesiredItem[];
  readonly statuses: readonly DesiredStatus[];
  readonly refusals: readonly Refusal[];
};
