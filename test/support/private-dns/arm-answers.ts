/**
 * Carries out one request on the zones and says what Azure would answer. No I/O: the server around it reads and sends.
 * Order as in Azure: permission, then the zone, then the rate, then the content.
 */
import { admit, type Limits } from "./limits.ts";
import { actionOf, verbOf, type Operation } from "./operations.ts";
import { wireRecordSet, type RecordType, type StoredRecordSet } from "./record-sets.ts";
import {
  bodyOf,
  forbidden,
  gateway,
  MOST_RECORD_SETS_OF_A_ZONE,
  parentMissing,
  service,
  zoneMissing,
  type Refusal,
} from "./refusals.ts";
import { isAllowed, permissionsOf, type Roles } from "./roles.ts";
import {
  isRefusal,
  keyOf,
  missing,
  page,
  parseBody,
  patch,
  put,
  remove,
  type Change,
  type Conditions,
  type Counted,
  type Zone,
} from "./zone.ts";

export type ArmRequest = {
  readonly operation: Operation;
  readonly caller: string;
  readonly query: URLSearchParams;
  readonly conditions: Conditions;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
};

export type ArmAnswer = {
  readonly status: number;
  readonly body: object | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly change?: Change;
};

export type World = {
  /** By `zoneKey`. */
  readonly zones: ReadonlyMap<string, Zone>;
  readonly roles: Roles;
  readonly limits: Limits;
  readonly nowMs: number;
  /** Record sets on a page, at most. */
  readonly pageSize: number;
  /** Start of the links to next pages. */
  readonly endpoint: string;
};

type Where = { readonly subscription: string; readonly resourceGroup: string; readonly zone: string };

export const zoneKey = (where: Where): string =>
  `${where.subscription}/${where.resourceGroup}/${where.zone}`.toLowerCase();

export function answerOf(world: World, request: ArmRequest): ArmAnswer {
  const { operation, query, caller } = request;
  if (!query.has("api-version")) {
    const message = "The api-version query parameter (?api-version=) is required for all requests.";
    return refuse(gateway(400, "MissingApiVersionParameter", message));
  }
  if (!isAllowed(world.roles, caller, operation))
    return refuse(forbidden(caller, actionOf(operation), scopeOf(operation)));
  if (operation.kind === "list-zones") return listZones(world, operation);
  const zone = world.zones.get(zoneKey(operation));
  if (zone === undefined) {
    const { kind, type, resourceGroup } = operation;
    const isZoneItself = kind === "get-zone" || kind === "permissions";
    return refuse(
      isZoneItself
        ? zoneMissing(operation.zone, resourceGroup)
        : parentMissing(verbOf(operation), type, scopeOf({ ...operation, name: "", type: "ALL" })),
    );
  }
  if (operation.kind === "permissions") return listPermissions(world, zone, request);
  if (operation.kind === "get-zone") return ok(zoneBody(zone), zone.etag);
  const throttled = admit(zone, countedAs(zone, operation), world.limits, world.nowMs);
  return throttled === undefined ? carryOut(world, zone, request) : refuse(throttled);
}

export function refuse(refusal: Refusal): ArmAnswer {
  const { status, by, retryAfterSeconds } = refusal;
  const headers = {
    ...(by === "gateway" ? { "x-ms-failure-cause": "gateway" } : {}),
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  };
  return { status, body: bodyOf(refusal), headers };
}

const ok = (body: object, etag?: string): ArmAnswer => ({
  status: 200,
  body,
  headers: etag === undefined ? {} : { etag },
});

function scopeOf(operation: Operation): string {
  const { subscription, resourceGroup, zone, type, name } = operation;
  const group = resourceGroup === "" ? "" : `/resourceGroups/${resourceGroup}`;
  const below = zone === "" ? "" : `/providers/Microsoft.Network/privateDnsZones/${zone}`;
  return `/subscriptions/${subscription}${group}${below}${name === "" ? "" : `/${type}/${name}`}`;
}

function countedAs(zone: Zone, operation: Operation): Counted {
  const { kind, type, name } = operation;
  if (kind === "delete" || kind === "get") return kind;
  if (kind === "put" || kind === "patch") {
    return type !== "ALL" && zone.sets.has(keyOf({ name, type })) ? "update" : "create";
  }
  return "list";
}

function carryOut(world: World, zone: Zone, request: ArmRequest): ArmAnswer {
  const { operation, conditions } = request;
  const { kind, name, type } = operation;
  if (kind === "list") return listRecordSets(world, zone, request);
  if (type === "ALL") return refuse(gateway(405, "MethodNotAllowed", "A record set needs its type."));
  const key = { name, type };
  if (kind === "get") {
    const found = zone.sets.get(keyOf(key));
    return found === undefined ? refuse(missing(zone, key)) : ok(recordSetBody(zone, found), found.etag);
  }
  if (kind === "delete") {
    const removed = remove(zone, key, conditions);
    if (isRefusal(removed)) return refuse(removed);
    const wasThere = removed.before !== undefined;
    return { status: wasThere ? 200 : 204, body: undefined, headers: {}, ...(wasThere ? { change: removed } : {}) };
  }
  const given = parseBody(request.body);
  if (isRefusal(given)) return refuse(given);
  const changed = kind === "put" ? put(zone, key, given, conditions) : patch(zone, key, given, conditions);
  return isRefusal(changed) ? refuse(changed) : written(zone, changed);
}

function written(zone: Zone, change: Change): ArmAnswer {
  const { before, after } = change;
  if (after === undefined) throw new Error(`a write of ${change.name} left nothing`);
  const headers = { etag: after.etag };
  return { status: before === undefined ? 201 : 200, body: recordSetBody(zone, after), headers, change };
}

const recordSetBody = (zone: Zone, set: StoredRecordSet): object =>
  wireRecordSet(set, { id: zone.id, name: zone.address.zone });

function zoneBody(zone: Zone): object {
  return {
    id: zone.id,
    name: zone.address.zone,
    type: "Microsoft.Network/privateDnsZones",
    etag: zone.etag,
    location: "global",
    tags: {},
    properties: {
      maxNumberOfRecordSets: MOST_RECORD_SETS_OF_A_ZONE,
      maxNumberOfVirtualNetworkLinks: 1_000,
      maxNumberOfVirtualNetworkLinksWithRegistration: 100,
      numberOfRecordSets: zone.sets.size,
      numberOfVirtualNetworkLinks: 1,
      numberOfVirtualNetworkLinksWithRegistration: 0,
      provisioningState: "Succeeded",
    },
  };
}

function listZones(world: World, operation: Operation): ArmAnswer {
  const { subscription, resourceGroup } = operation;
  const wanted = [...world.zones.values()].filter(
    ({ address }) =>
      address.subscription.toLowerCase() === subscription.toLowerCase() &&
      (resourceGroup === "" || address.resourceGroup.toLowerCase() === resourceGroup.toLowerCase()),
  );
  return ok({ value: wanted.map(zoneBody) });
}

/** Azure's are few and stand on one page as a rule; a test makes pages small. */
function listPermissions(world: World, zone: Zone, { operation, caller, query }: ArmRequest): ArmAnswer {
  const from = Number(query.get("$skiptoken") ?? 0);
  const to = from + world.pageSize;
  const all = permissionsOf(world.roles, caller, operation);
  const value = all.slice(from, to);
  if (to >= all.length) return ok({ value });
  const next = new URLSearchParams(query);
  next.set("$skiptoken", String(to));
  const path = `${zone.id}/providers/Microsoft.Authorization/permissions`;
  return ok({ value, nextLink: `${world.endpoint}${path}?${next.toString()}` });
}

function listRecordSets(world: World, zone: Zone, request: ArmRequest): ArmAnswer {
  const { operation, query } = request;
  const { type } = operation;
  const suffix = query.get("$recordsetnamesuffix")?.toLowerCase() ?? "";
  const isWanted = (set: StoredRecordSet): boolean => isOfType(set, type) && set.name.toLowerCase().endsWith(suffix);
  const asked = Number(query.get("$top") ?? world.pageSize);
  const size = Number.isInteger(asked) && asked > 0 ? Math.min(asked, world.pageSize) : world.pageSize;
  const token = query.get("$skiptoken");
  const from = readSkipToken(token);
  if (token !== null && from === undefined) return refuse(service(400, "BadRequest", "The skip token is invalid."));
  const read = page(zone, from?.after, size, isWanted);
  const value = read.sets.map((set) => recordSetBody(zone, set));
  if (read.next === undefined) return ok({ value });
  const next = new URLSearchParams(query);
  next.set("$skiptoken", skipToken(read.next, pageOf(query) + 1));
  return ok({ value, nextLink: `${world.endpoint}${zone.id}/${type}?${next.toString()}` });
}

const isOfType = (set: StoredRecordSet, type: RecordType | "ALL"): boolean => type === "ALL" || set.type === type;

type SkipToken = { readonly after: string; readonly page: number };

const skipToken = (after: string, page: number): string =>
  Buffer.from(JSON.stringify({ after, page })).toString("base64url");

function readSkipToken(token: string | null): SkipToken | undefined {
  if (token === null) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    const isToken = typeof read === "object" && read !== null && "after" in read && "page" in read;
    if (!isToken || typeof read.after !== "string" || typeof read.page !== "number") return undefined;
    return { after: read.after, page: read.page };
  } catch {
    return undefined;
  }
}

/** Which page of a listing a query asks for, from 1. */
export function pageOf(query: URLSearchParams): number {
  return readSkipToken(query.get("$skiptoken"))?.page ?? 1;
}
