/** The zone in memory against the contract that Azure passes too. */
import { createMemoryZone } from "../../support/zone-port.ts";
import { describeZonePort } from "../zone-port/zone-port-contract.ts";

describeZonePort("a zone in memory", async () => ({
  open: async (zone) => {
    const memory = createMemoryZone(zone);
    return {
      port: memory.port,
      put: async (recordSets) => recordSets.forEach((one) => memory.put(one)),
      remove: async (id) => memory.remove(id),
      deny: (actions) => {
        for (const action of actions) memory.denied.add(action);
        return actions;
      },
    };
  },
  close: async () => {},
}));
