/**
 * Answers by which Azure refuses, in Azure's words where a recording or a report of them is public, else in likely ones
 * (marked "assumed"). Resource Manager itself wraps its errors in `error`; the DNS service behind it does not. Clients
 * have to read both.
 */
import { isIPv4, isIPv6 } from "node:net";
import { listedProperties, TXT_STRING_LENGTH, type RecordType, type WireProperties } from "./record-sets.ts";

export type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Who refuses: Resource Manager (`gateway`) or the DNS service. */
  readonly by: "gateway" | "service";
  readonly retryAfterSeconds?: number;
};

export const MOST_RECORDS_OF_A_SET = 20;
export const MOST_RECORD_SETS_OF_A_ZONE = 25_000;
const MOST_TXT_CHARACTERS = 4_096;
const LONGEST_TTL_SECONDS = 2_147_483_647;
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
const MOST_LABELS = 34;

export const gateway = (status: number, code: string, message: string): Refusal => ({
  status,
  code,
  message,
  by: "gateway",
});

export const service = (status: number, code: string, message: string): Refusal => ({
  status,
  code,
  message,
  by: "service",
});

export function bodyOf(refusal: Refusal): object {
  const { code, message } = refusal;
  return refusal.by === "gateway" ? { error: { code, message } } : { code, message };
}

export const unauthenticated = (): Refusal =>
  gateway(401, "InvalidAuthenticationToken", "The access token is invalid.");

export const forbidden = (caller: string, action: string, scope: string): Refusal =>
  gateway(
    403,
    "AuthorizationFailed",
    `The client '${caller}' with object id '${caller}' does not have authorization to perform action '${action}' over ` +
      `scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );

export const zoneMissing = (zone: string, resourceGroup: string): Refusal =>
  gateway(
    404,
    "ResourceNotFound",
    `The Resource 'Microsoft.Network/privateDnsZones/${zone}' under resource group '${resourceGroup}' was not found. ` +
      "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  );

export const parentMissing = (verb: "read" | "write" | "delete", type: string, zoneId: string): Refusal =>
  gateway(
    404,
    "ParentResourceNotFound",
    `Failed to perform '${verb}' on resource(s) of type 'privateDnsZones/${type}', because the parent resource ` +
      `'${zoneId}' could not be found.`,
  );

export const recordSetMissing = (name: string, resourceGroup: string, subscription: string): Refusal =>
  service(
    404,
    "NotFound",
    `The resource record '${name}' does not exist in resource group '${resourceGroup}' of subscription '${subscription}'.`,
  );

export const etagMismatch = (name: string): Refusal =>
  service(412, "PreconditionFailed", `The Record set ${name} has been modified (etag mismatch).`);

export const existsAlready = (name: string): Refusal =>
  service(412, "PreconditionFailed", `The Record set ${name} exists already and hence cannot be created again.`);

/** The words are assumed; that there is a Retry-After of 10 s is reported (kubernetes-sigs/external-dns#4839). */
export const throttled = (what: string, retryAfterSeconds: number): Refusal => ({
  ...service(
    429,
    "TooManyRequests",
    `Too many ${what} requests for this zone. Retry after ${retryAfterSeconds} seconds.`,
  ),
  retryAfterSeconds,
});

/** What is wrong with a name in this zone. The words are those of the public service. */
export function nameRefusal(name: string, zone: string): Refusal | undefined {
  const whole = name === "@" ? zone : `${name}.${zone}`;
  const labels = whole.split(".");
  const isValid =
    whole.length <= LONGEST_NAME &&
    labels.length <= MOST_LABELS &&
    labels.every((label, index) => isLabel(label) || (index === 0 && label === "*"));
  if (isValid) return undefined;
  const message = `The domain name '${whole}' is invalid. The provided record set relative name '${name}' is invalid.`;
  return service(400, "BadRequest", message);
}

const isLabel = (label: string): boolean => label.length <= LONGEST_LABEL && /^[a-z0-9_-]+$/i.test(label);

/** What is wrong with the content of one record set, by itself. */
export function contentRefusal(name: string, type: RecordType, properties: WireProperties): Refusal | undefined {
  return ttlRefusal(properties.ttl) ?? recordsRefusal(type, properties) ?? valuesRefusal(name, type, properties);
}

/** Assumed words. */
function ttlRefusal(ttl: unknown): Refusal | undefined {
  const isValid = typeof ttl === "number" && Number.isInteger(ttl) && ttl >= 1 && ttl <= LONGEST_TTL_SECONDS;
  if (isValid) return undefined;
  return service(
    400,
    "BadRequest",
    `The TTL '${JSON.stringify(ttl)}' is invalid: it must be between 1 and 2147483647.`,
  );
}

/** An empty set is valid. More than 20 records are a conflict (hashicorp/terraform-provider-azurerm#12406); assumed words. */
function recordsRefusal(type: RecordType, properties: WireProperties): Refusal | undefined {
  const expected = listedProperties(type, { ttl: 0 });
  const foreign = Object.entries(properties).find(
    ([field, value]) => /Records?$/.test(field) && value !== undefined && !isFieldOf(type, field, expected),
  );
  if (foreign !== undefined) {
    return service(400, "BadRequest", `The record set of type '${type}' must not have the property '${foreign[0]}'.`);
  }
  const lists: readonly unknown[] = Object.values(properties).find((value) => Array.isArray(value)) ?? [];
  if (lists.length > MOST_RECORDS_OF_A_SET) {
    return service(409, "Conflict", `A record set cannot have more than ${MOST_RECORDS_OF_A_SET} records.`);
  }
  const isRepeated = new Set(lists.map((value) => JSON.stringify(value))).size < lists.length;
  return isRepeated ? service(400, "BadRequest", "The record set contains the same record twice.") : undefined;
}

const isFieldOf = (type: RecordType, field: string, expected: object): boolean =>
  field in expected || (type === "CNAME" && field === "cnameRecord") || (type === "SOA" && field === "soaRecord");

function valuesRefusal(name: string, type: RecordType, properties: WireProperties): Refusal | undefined {
  const address =
    properties.aRecords?.find((record) => !isIPv4(record.ipv4Address))?.ipv4Address ??
    properties.aaaaRecords?.find((record) => !isIPv6(record.ipv6Address))?.ipv6Address;
  if (address !== undefined) return service(400, "BadRequest", `The provided ip address '${address}' is not valid.`);
  if (type === "CNAME" && name === "@") {
    // Assumed words; documented rule.
    return service(400, "BadRequest", "A CNAME record set cannot be created at the apex of a zone.");
  }
  const target = properties.cnameRecord?.cname;
  if (target !== undefined && !isTarget(target)) {
    return service(400, "BadRequest", `The domain name '${target}' is invalid.`);
  }
  return textRefusal(properties);
}

const isTarget = (target: string): boolean => {
  const bare = target.replace(/\.$/, "");
  return bare !== "" && bare.length <= LONGEST_NAME && bare.split(".").every(isLabel);
};

/** Assumed words; documented limits. */
function textRefusal(properties: WireProperties): Refusal | undefined {
  const strings = (properties.txtRecords ?? []).flatMap((record) => record.value);
  if (strings.some((text) => text.length > TXT_STRING_LENGTH)) {
    return service(
      400,
      "BadRequest",
      `A string of a TXT record cannot be longer than ${TXT_STRING_LENGTH} characters.`,
    );
  }
  const characters = strings.reduce((total, text) => total + text.length, 0);
  if (characters <= MOST_TXT_CHARACTERS) return undefined;
  return service(400, "BadRequest", `A TXT record set cannot hold more than ${MOST_TXT_CHARACTERS} characters.`);
}

/** @param others types that exist at the same name. */
export function coexistenceRefusal(type: RecordType, others: readonly RecordType[]): Refusal | undefined {
  if (type === "CNAME" && others.some((other) => other !== "CNAME")) {
    return service(
      409,
      "Conflict",
      "The CNAME record could not be created because another record with the same name already exists in this zone.",
    );
  }
  if (type === "CNAME" || !others.includes("CNAME")) return undefined;
  return service(
    409,
    "Conflict",
    "The record could not be created because a CNAME record with the same name already exists in this zone.",
  );
}
