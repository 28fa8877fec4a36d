/** Which operation of Microsoft.Network/privateDnsZones a request asks for. Paths are read without regard to case, as in Azure. */
import { gateway, type Refusal } from "./refusals.ts";
import { RECORD_TYPES, type RecordType } from "./record-sets.ts";

/** `permissions`: what the caller may do on the zone (Microsoft.Authorization). */
export type OperationKind = "list-zones" | "get-zone" | "permissions" | "list" | "get" | "put" | "patch" | "delete";

export type Operation = {
  readonly kind: OperationKind;
  readonly subscription: string;
  /** Empty for the zones of a whole subscription. */
  readonly resourceGroup: string;
  /** Lower case; empty for lists of zones. */
  readonly zone: string;
  /** `ALL` in a listing of every type. */
  readonly type: RecordType | "ALL";
  /** As it was sent, decoded; empty where there is none. */
  readonly name: string;
};

const PATH =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/providers\/Microsoft\.Network\/privateDnsZones(?:\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?)?\/?$/i;

const PERMISSIONS = /\/providers\/Microsoft\.Authorization\/permissions\/?$/i;

export function operationOf(method: string, path: string): Operation | Refusal {
  if (!PERMISSIONS.test(path)) return zoneOperationOf(method, path);
  const zone = zoneOperationOf(method, path.replace(PERMISSIONS, ""));
  if (!("kind" in zone)) return zone;
  if (zone.kind === "get-zone") return { ...zone, kind: "permissions" };
  return gateway(404, "InvalidResourceType", "Permissions are served for zones alone.");
}

function zoneOperationOf(method: string, path: string): Operation | Refusal {
  const found = PATH.exec(path);
  if (!isDecodable(path)) return gateway(400, "BadRequest", `The path '${path}' is not encoded as it should be.`);
  if (found === null) return gateway(404, "InvalidResourceType", `The resource type of '${path}' could not be found.`);
  const [subscription = "", resourceGroup = "", zone = "", wanted = "", name = ""] = found
    .slice(1)
    .map((part: string | undefined) => decodeURIComponent(part ?? ""));
  const type = typeOf(wanted);
  const kind = kindOf(method, { zone, type: wanted, name });
  if (type === undefined) {
    return gateway(404, "InvalidResourceType", `The resource type 'privateDnsZones/${wanted}' could not be found.`);
  }
  if (kind === undefined) {
    return gateway(405, "MethodNotAllowed", `The requested resource does not support http method '${method}'.`);
  }
  return { kind, subscription, resourceGroup, zone: zone.toLowerCase(), type, name };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function typeOf(wanted: string): RecordType | "ALL" | undefined {
  const upper = wanted.toUpperCase();
  if (upper === "" || upper === "ALL") return "ALL";
  return RECORD_TYPES.find((type) => type === upper);
}

function kindOf(
  method: string,
  path: { readonly zone: string; readonly type: string; readonly name: string },
): OperationKind | undefined {
  const isRead = method === "GET";
  if (path.zone === "") return isRead ? "list-zones" : undefined;
  if (path.type === "") return isRead ? "get-zone" : undefined;
  if (path.name === "") return isRead ? "list" : undefined;
  if (isRead) return "get";
  if (method === "PUT") return "put";
  if (method === "PATCH") return "patch";
  return method === "DELETE" ? "delete" : undefined;
}

/** The permission that Azure asks for. */
export function actionOf(operation: Operation): string {
  const { kind, type } = operation;
  const provider = "Microsoft.Network/privateDnsZones";
  if (kind === "permissions") return "Microsoft.Authorization/permissions/read";
  if (kind === "list-zones" || kind === "get-zone") return `${provider}/read`;
  return `${provider}/${type}/${verbOf(operation)}`;
}

export type Verb = "read" | "write" | "delete";

export function verbOf(operation: Operation): Verb {
  if (operation.kind === "put" || operation.kind === "patch") return "write";
  return operation.kind === "delete" ? "delete" : "read";
}
