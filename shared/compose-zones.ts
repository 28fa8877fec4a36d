/** Part of compose: zones by their configuration. One identity and one client per subscription for all Azure zones. */
import { openAzureZone } from "./adapters/azure-dns/azure-zone.ts";
import { DnsClients } from "./adapters/azure-dns/dns-clients.ts";
import { writeWholeFile } from "./adapters/manifests/write-file.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { openZoneFile } from "./adapters/zone-files/zone-file.ts";
import { azureCredential } from "./compose-store.ts";
import type { Settings } from "./config.ts";
import type { ZoneConfiguration } from "./model/fleet-configuration.ts";
import type { ZonePort, ZoneSource } from "./ports.ts";

/** Nobody is asked, and no SDK loaded, before the first use of a zone. */
export function openZoneSources(settings: Settings): ZoneSource {
  const clients = new DnsClients(azureCredential(settings));
  const opened = new Map<string, ZonePort>();
  return {
    open: async (zone) => {
      const key = keyOf(zone);
      const port = opened.get(key) ?? openZone(zone, clients);
      opened.set(key, port);
      return port;
    },
    // Connections of the SDK are Node's own and end when they are idle.
    close: async () => opened.clear(),
  };
}

function openZone(zone: ZoneConfiguration, clients: DnsClients): ZonePort {
  switch (zone.kind) {
    case "azure": {
      const { kind: _, ...address } = zone;
      return openAzureZone({ address, clients, clock: systemClock });
    }
    case "file":
      return openZoneFile({ zone: zone.zone, file: zone.file, writeWholeFile });
  }
}

function keyOf(zone: ZoneConfiguration): string {
  const parts =
    zone.kind === "azure" ? [zone.subscription.toLowerCase(), zone.resourceGroup.toLowerCase()] : [zone.file];
  return JSON.stringify([zone.kind, ...parts, zone.zone]);
}
