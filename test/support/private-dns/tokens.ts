/**
 * Bearer tokens that name their caller. A token speaks for itself and not for the server that gave it out: SDKs cache tokens
 * for the whole process, and a test file may start several servers.
 */
import { TOKEN_LIFETIME_SECONDS } from "../azure/identity-endpoint.ts";

export const ARM_RESOURCE = "https://management.azure.com";
const MARK = "private-dns-test";

/** @param resource audience, e.g. Resource Manager's. */
export function tokenFor(caller: string, resource: string): string {
  const content = { caller, resource: resource.replace(/\/$/, "") };
  return `${MARK}.${Buffer.from(JSON.stringify(content)).toString("base64url")}`;
}

/** @returns undefined for what is no token of ours. */
export function readToken(
  authorization: string | undefined,
): { readonly caller: string; readonly resource: string } | undefined {
  const [mark, content] = authorization?.replace(/^Bearer /i, "").split(".") ?? [];
  if (mark !== MARK || content === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(content, "base64url").toString("utf8"));
    const isToken = typeof read === "object" && read !== null && "caller" in read && "resource" in read;
    if (!isToken || typeof read.caller !== "string" || typeof read.resource !== "string") return undefined;
    return { caller: read.caller, resource: read.resource };
  } catch {
    return undefined;
  }
}

/** What `@azure/arm-privatedns` takes as a credential; shaped like TokenCredential. */
export type TestCredential = {
  readonly getToken: () => Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>;
};

export function credentialOf(caller: string): TestCredential {
  const token = tokenFor(caller, ARM_RESOURCE);
  return {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + TOKEN_LIFETIME_SECONDS * 1_000 }),
  };
}
