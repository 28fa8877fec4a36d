import { describe, expect, it } from "vitest";
import { readingOnce } from "../../../shared/app/read-once.ts";
import { ForbiddenError, InvariantError } from "../../../shared/errors.ts";
import { createMemoryZone, filed } from "../../support/zone-port.ts";
import { configuredCluster, errorOf, givenFleet } from "./given-fleet.ts";

const signal = new AbortController().signal;
const zone = { kind: "azure", subscription: "s", resourceGroup: "rg-weu", zone: "example.com" } as const;

function given() {
  const fleet = givenFleet({
    configuration: {
      regions: [
        {
          name: "weu",
          zones: [zone],
          zoneWrites: "apply",
          externalDns: { ownerId: "o", txtPrefix: "p.", intervalSeconds: 60 },
        },
      ],
    },
  });
  fleet.zones.set("weu/example.com", createMemoryZone("example.com"));
  return fleet;
}

describe("readingOnce", () => {
  it("answers every list with what was there first, whatever comes meanwhile", async () => {
    const fleet = given();
    const once = readingOnce(fleet.ports);
    const read = async () => {
      const cluster = await once.clusters.open(configuredCluster("w1"));
      const port = await once.zones.open(zone);
      return [(await cluster.list("ServiceRoute", signal)).objects.length, (await port.list(signal)).length];
    };
    expect(await read()).toEqual([1, 0]);
    fleet.server("w1").delete("ServiceRoute", "shop/cart", { writer: { manager: "kubectl" } });
    fleet.zones.get("weu/example.com")?.put(filed({ name: "a.example.com", type: "A", values: ["10.0.0.1"] }));
    expect(await read()).toEqual([1, 0]);
  });

  it("answers with the first error as well", async () => {
    const fleet = given();
    let asked = 0;
    fleet.faults.list = () => {
      asked += 1;
      throw new ForbiddenError("cluster/w1", "list");
    };
    const cluster = await readingOnce(fleet.ports).clusters.open(configuredCluster("w1"));
    for (let time = 0; time < 2; time += 1) {
      expect(await errorOf(cluster.list("ServiceRoute", signal))).toBeInstanceOf(ForbiddenError);
    }
    expect(asked).toBe(1);
  });

  it("lets nobody write: neither to clusters, nor to zones, nor to the store", async () => {
    const fleet = given();
    const once = readingOnce(fleet.ports);
    const cluster = await once.clusters.open(configuredCluster("w1"));
    const port = await once.zones.open(zone);
    const writes = [
      cluster.apply({ kind: "DNSEndpoint", key: "a/b", body: {}, force: false }, signal),
      cluster.remove({ kind: "DNSEndpoint", key: "a/b", precondition: { uid: "u" } }, signal),
      port.remove({ name: "a.example.com", type: "A", etag: "e" }, signal),
      once.store.write("marks", { requests: [] }, "absent"),
      once.store.acquireLease("reconcile", "me", 60_000),
    ];
    for (const write of writes) expect(await errorOf(write)).toBeInstanceOf(InvariantError);
    expect(fleet.journal).toEqual([]);
  });
});
