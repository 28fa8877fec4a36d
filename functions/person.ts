/**
 * Who approves. Where App Service authentication (Entra ID) is on, the platform puts the signed-in principal into
 * `x-ms-client-principal*` and removes what a caller sends under those names. Where it is off nobody removes them: then
 * anybody with the function key could write any name there, so they only count when the platform says it is on.
 */
import type { HttpRequest } from "@azure/functions";
import type { Person } from "../shared/model/pass.ts";

const NAME_CLAIMS: readonly string[] = [
  "preferred_username",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
  "name",
  "appid",
];
const MAX_NAME = 200;

/**
 * @param claimed a name from the request body: somebody's word.
 * @param trusted the platform authenticates callers (see above).
 */
export function personOf(request: Pick<HttpRequest, "headers">, claimed: string | undefined, trusted: boolean): Person {
  const principal = trusted ? principalName(request.headers) : undefined;
  return principal === undefined
    ? { name: claimed ?? "unverified", verified: false }
    : { name: principal, verified: true };
}

function principalName(headers: HttpRequest["headers"]): string | undefined {
  const encoded = headers.get("x-ms-client-principal");
  if (encoded === null) {
    return undefined;
  }
  const principal = decoded(encoded);
  if (principal === undefined) {
    return undefined;
  }
  const nameType = principal["name_typ"];
  const types = [...(typeof nameType === "string" ? [nameType] : []), ...NAME_CLAIMS];
  const claims = new Map(claimPairs(principal["claims"]));
  const candidates = [headers.get("x-ms-client-principal-name"), ...types.map((type) => claims.get(type))];
  return candidates.map(cleaned).find((name) => name !== "");
}

/** Base64 of a JSON object; anything else is nobody. */
function decoded(encoded: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function claimPairs(claims: unknown): readonly (readonly [string, string])[] {
  const list: readonly unknown[] = Array.isArray(claims) ? claims : [];
  return list.flatMap((claim): readonly (readonly [string, string])[] => {
    const { typ, val }: { readonly typ?: unknown; readonly val?: unknown } =
      typeof claim === "object" && claim !== null ? claim : {};
    return typeof typ === "string" && typeof val === "string" ? [[typ, val]] : [];
  });
}

/** Names go into stores, logs and messages: one line, bounded. */
function cleaned(name: string | null | undefined): string {
  return (name ?? "")
    .replaceAll(/\p{C}+/gu, " ")
    .trim()
    .slice(0, MAX_NAME);
}
