/**
 * The identity endpoint of App Service and Functions (plain HTTP, as there):
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity, REST endpoint, api-version 2019-08-01.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { send } from "./loopback-server.ts";

export const TOKEN_LIFETIME_SECONDS = 3_600;

export type TokenRequest = {
  /** What the caller sends as X-IDENTITY-HEADER. */
  readonly secret: string;
  readonly resource: string;
};

/** @returns undefined for a request that the endpoint refuses whoever sends it. */
export function tokenRequestOf(request: IncomingMessage): TokenRequest | undefined {
  const url = new URL(request.url ?? "/", "http://identity");
  const secret = request.headers["x-identity-header"];
  const resource = url.searchParams.get("resource") ?? "";
  if (typeof secret !== "string" || secret === "" || resource === "") return undefined;
  return url.searchParams.get("api-version") === "2019-08-01" ? { secret, resource } : undefined;
}

export function sendBadTokenRequest(response: ServerResponse): void {
  send(response, 400, { StatusCode: 400, Message: "Bad request" });
}

export function sendToken(response: ServerResponse, token: string, resource: string): void {
  const expiresOn = Math.floor(Date.now() / 1_000) + TOKEN_LIFETIME_SECONDS;
  send(response, 200, { access_token: token, expires_on: String(expiresOn), resource, token_type: "Bearer" });
}
