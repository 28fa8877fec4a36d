/** Gives Azure's refusals their meaning for the fleet: which zone, what was asked, and what a person has to grant or correct. */
import { refusalOf } from "../../contracts/azure/request-failure.ts";
import {
  type FleetError,
  ForbiddenError,
  ObjectRefusedError,
  ZoneNotFoundError,
  ZoneUnreachableError,
} from "../../errors.ts";

/** Where a zone is in Azure. */
export type ZoneAddress = {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** DNS name, lower case. */
  readonly zone: string;
};

export type RequestMeaning = {
  readonly address: ZoneAddress;
  /** `read record sets`, `write A api.example.com`: follows "not allowed to". */
  readonly what: string;
  /** The record set of a write. */
  readonly object?: string;
};

/** Codes of a 404 that is about the zone, or what it is in, and not about a record set. */
const ZONE_MISSING: ReadonlySet<string> = new Set([
  "ParentResourceNotFound",
  "ResourceGroupNotFound",
  "SubscriptionNotFound",
]);

/** For messages: names differ by resource group, not by zone. */
export function labelOf({ resourceGroup, zone }: ZoneAddress): string {
  return `${resourceGroup}/${zone}`;
}

export function placeOf(address: ZoneAddress): string {
  return `zone ${labelOf(address)}`;
}

export function zoneId({ subscription, resourceGroup, zone }: ZoneAddress): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/privateDnsZones/${zone}`;
}

/** Of a get or delete, a 404 with another code says that the record set is gone. */
export function saysZoneIsMissing(body: unknown): boolean {
  return ZONE_MISSING.has(refusalOf(body).code);
}

/** @returns what to throw for an answer that the caller could not use. */
export function refusedRequest(
  answer: { readonly status: number; readonly body: unknown },
  { address, what, object }: RequestMeaning,
): FleetError {
  const { code, sentence } = refusalOf(answer.body);
  const said = [String(answer.status), code].filter((part) => part !== "").join(" ");
  const cause = new Error(sentence === "" ? said : `${said}: ${sentence}`);
  switch (answer.status) {
    case 401: {
      const detail = `Azure refused the token (${said}); check the managed identity (${what})`;
      return new ZoneUnreachableError(labelOf(address), detail, cause, "gives no usable answer");
    }
    case 403: {
      const role = object === undefined ? "Reader" : "Private DNS Zone Contributor";
      return new ForbiddenError(placeOf(address), what, cause, `the role "${role}" on ${zoneId(address)}`);
    }
    case 404:
      return new ZoneNotFoundError(labelOf(address), cause);
    case 400:
    case 409:
    case 422:
      if (object !== undefined) return new ObjectRefusedError(placeOf(address), object, cause.message, cause);
      return unusable(address, `${cause.message} (${what})`, cause);
    default:
      return unusable(address, `${cause.message} (${what})`, cause);
  }
}

export function unusable(address: ZoneAddress, detail: string, cause?: Error): ZoneUnreachableError {
  return new ZoneUnreachableError(labelOf(address), detail, cause, "gives no usable answer");
}
