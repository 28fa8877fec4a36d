/** Part of compose: the state store and the fleet document, by configuration. SDKs are loaded on first use. */
import type { TokenCredential } from "@azure/identity";
import { documentAdvice } from "./adapters/storage/blob-faults.ts";
import { openBlobStateStore, openFileStateStore } from "./adapters/storage/open-state-store.ts";
import { systemClock } from "./adapters/system/clock.ts";
import type { Settings } from "./config.ts";
import { ConfigurationError } from "./errors.ts";
import type { StoreConfiguration } from "./model/fleet-configuration.ts";
import type { StateStore } from "./ports.ts";

export function openStore(store: StoreConfiguration, settings: Settings): StateStore {
  switch (store.kind) {
    case "file":
      return openFileStateStore({ directory: store.directory, clock: systemClock });
    case "blob": {
      const account = { kind: "identity", url: store.accountUrl, credential: azureCredential(settings) } as const;
      return openBlobStateStore({ account, container: store.container, clock: systemClock });
    }
    case "blob-connection": {
      const connectionString = settings.secret(store.connectionStringSetting);
      if (connectionString === undefined) {
        const message = `names the setting ${store.connectionStringSetting}, which is not set in the environment`;
        throw new ConfigurationError("fleet configuration", [{ path: "store.blobConnection.setting", message }]);
      }
      const account = { kind: "connection-string", connectionString } as const;
      return openBlobStateStore({ account, container: store.container, clock: systemClock });
    }
  }
}

/** The identity of this deployment, loaded when the first token is asked for. */
export function azureCredential(settings: Settings): TokenCredential {
  let credential: Promise<TokenCredential> | undefined;
  const load = async (): Promise<TokenCredential> => {
    const { DefaultAzureCredential } = await import("@azure/identity");
    const { identityClientId } = settings;
    return new DefaultAzureCredential(
      identityClientId === undefined ? {} : { managedIdentityClientId: identityClientId },
    );
  };
  return {
    getToken: async (scopes, options) => (await (credential ??= load())).getToken(scopes, options),
  };
}

/** @throws ConfigurationError when the blob cannot be read. */
export async function readFleetBlob(url: string, settings: Settings): Promise<string> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    const message = "is no address of a blob; write https://<account>.blob.core.windows.net/<container>/<blob>";
    throw new ConfigurationError("SERVICE_ROUTER_FLEET_BLOB", [{ path: "", message }]);
  }
  try {
    const { BlobClient } = await import("@azure/storage-blob");
    return (await new BlobClient(url, azureCredential(settings)).downloadToBuffer()).toString("utf8");
  } catch (caught) {
    const message = `cannot be read: ${documentAdvice(caught)}`;
    // The SDK's own error is no cause to keep: it carries the request with its token.
    throw new ConfigurationError(url, [{ path: "", message }]);
  }
}
