/**
 * Conditions, shared by the status files of this family. Reasons are the operator's (docs/reference/conditions.md) plus ours.
 * Messages hold no counters, ages or times, so that an unchanged fleet gets no write.
 */
import type { DesiredCondition, DesiredStatus } from "../../model/desired.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Kind } from "../../model/kinds.ts";
import type { ObjectMeta } from "../../model/object-meta.ts";
import type { Place } from "../../model/place.ts";
import type { ObservedStatus, RejectedObject } from "../../model/resources.ts";
import { objectKey } from "../naming/item-id.ts";

export function condition(
  type: string,
  status: DesiredCondition["status"],
  reason: string,
  message: string,
): DesiredCondition {
  return { type, status, reason, message };
}

type Resource = { readonly meta: ObjectMeta; readonly status: ObservedStatus };

export type StatusBody = {
  readonly fields: JsonObject;
  readonly conditions: readonly DesiredCondition[];
  readonly needs?: DesiredStatus["needs"];
};

export function statusOf(place: Place, kind: Kind, resource: Resource, body: StatusBody): DesiredStatus {
  const key = objectKey(resource.meta);
  const status: DesiredStatus = {
    place,
    kind,
    key,
    uid: resource.meta.uid,
    generation: resource.meta.generation,
    fields: body.fields,
    conditions: body.conditions,
    needs: body.needs ?? noNeeds,
    observed: resource.status,
  };
  for (const { status: state, reason, message } of body.conditions) {
    if (state !== "False" || !refusalReasons.has(reason)) continue;
    return { ...status, refusal: { place, kind, key, code: reason, reason: message } };
  }
  return status;
}

const noNeeds: DesiredStatus["needs"] = [];

/** Conditions that refuse something are also reported in one list: a person should not have to look through statuses. */
const refusalReasons: ReadonlySet<string> = new Set([
  "ValidationFailed",
  "InvalidSpec",
  "SingletonViolation",
  "IdentityMismatch",
  "RegionNotFound",
  "HostConflict",
  "TargetConflict",
  "NotAllowedByGateway",
  "NoUsableControllers",
  "AdoptedRegionNotFound",
  "GatewayNotFound",
  "DNSPolicyNotFound",
  "IstioGatewayGenerationFailed",
]);

/**
 * Status of an object that exists but does not parse: says every fault, and that what it published stays, unless it is a route
 * whose status knows of nothing. What else its status says stays too: it is all that is known of it. But not what it says of
 * a zone, which goes on changing: whoever knows the names of the object says that anew.
 */
export function rejectedStatus(place: Place, kind: Kind, rejected: RejectedObject): DesiredStatus {
  const reason = kind === "ClusterIdentity" || kind === "DNSConfiguration" ? "InvalidSpec" : "ValidationFailed";
  const never = kind === "ServiceRoute" && (rejected.status["dnsEndpoint"] ?? "") === "";
  const message = `${rejected.issues.join("; ").slice(0, 1000)}${never ? "" : "; what it published before stays"}`;
  const { conditions = [], ...fields } = rejected.status;
  const others = conditions
    .filter(({ type }) => type !== "Ready" && type !== "DNSVerified")
    .map((other) => condition(other.type, other.status, other.reason, other.message));
  return statusOf(place, kind, rejected, {
    fields: kind === "DNSConfiguration" ? {} : { ...(fields as JsonObject), phase: "Failed" },
    conditions: [condition("Ready", "False", reason, message), ...others],
  });
}
