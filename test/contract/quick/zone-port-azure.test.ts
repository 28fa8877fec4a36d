/**
 * The Azure adapter against the contract, over TLS to a server with Azure's shapes. Somebody else writes past all rules, as
 * another caller would whose requests are fine.
 */
import { openAzureZone } from "../../../shared/adapters/azure-dns/azure-zone.ts";
import { DnsClients } from "../../../shared/adapters/azure-dns/dns-clients.ts";
import { createTestClock } from "../../support/clock.ts";
import {
  credentialOf,
  startPrivateDnsServer,
  TEST_SUBSCRIPTION,
} from "../../support/private-dns/private-dns-server.ts";
import { describeZonePort } from "../zone-port/zone-port-contract.ts";

describeZonePort("Azure Private DNS", async () => {
  const server = await startPrivateDnsServer();
  const { endpoint, caPem } = server;
  const clients = new DnsClients(credentialOf("service-router"), { endpoint, caPem });
  const clock = createTestClock();
  return {
    open: async (zone) => {
      const there = server.addZone({ resourceGroup: "rg-weu", zone });
      const relative = (name: string): string => (name === zone ? "@" : name.slice(0, -zone.length - 1));
      return {
        port: openAzureZone({
          address: { subscription: TEST_SUBSCRIPTION, resourceGroup: "rg-weu", zone },
          clients,
          clock,
        }),
        put: async (recordSets) => {
          for (const one of recordSets) there.putDirect({ ...one, name: relative(one.name) });
        },
        remove: async ({ name, type }) => void there.deleteDirect({ name: relative(name), type }),
        deny: (actions) => {
          server.assign({ at: there, permissions: [{ actions: ["*"], notActions: actions }] });
          return actions;
        },
      };
    },
    close: () => server.close(),
  };
});
