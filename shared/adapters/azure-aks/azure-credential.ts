/** The identity of the app: managed identity in Azure, the developer's login on a laptop. */
import type { AzureCredential } from "./token-cache.ts";

/**
 * @param managedIdentityClientId of a user-assigned identity; without it the system-assigned one.
 * The SDK is imported here because it costs start-up time that a fleet without Azure should not pay.
 */
export async function defaultAzureCredential(managedIdentityClientId?: string): Promise<AzureCredential> {
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential(managedIdentityClientId === undefined ? {} : { managedIdentityClientId });
}
