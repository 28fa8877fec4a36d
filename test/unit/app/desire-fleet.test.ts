/** The order that was lost, through whole passes: who publishes a name today keeps it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reconcileFleet } from "../../../shared/app/reconcile-fleet.ts";
import type { Order } from "../../../shared/model/state.ts";
import { emptyOrder } from "../../../shared/core/reading/stored-order.ts";
import { anyFleet, calm, runs } from "../../support/builders/arbitraries.ts";
import type { World } from "../../support/builders/fleet.ts";
import { planLines, runPass, settle } from "../../support/builders/pass.ts";
import { publications } from "../../support/builders/published.ts";
import { configuredCluster, givenFleet, hostOf, keysIn, putRoute, type Given } from "./given-fleet.ts";

const regions = { w1: "weu", w2: "weu" };

/** Both clusters want one host; w1 publishes it, and fleet.yaml lists w2 first by now. */
async function lostOrder(): Promise<Given> {
  const given = givenFleet({ regions, routes: [] });
  for (const name of ["w1", "w2"]) putRoute(given.server(name), "api", { environment: "prod" });
  for (let pass = 0; pass < 2; pass += 1) {
    await reconcileFleet(given.ports, { mode: "apply" });
    await given.clock.advance(75_000);
  }
  given.store.files.delete("order.json");
  return given;
}

const turned = [configuredCluster("w2"), configuredCluster("w1")];

async function orderOf({ store }: Given): Promise<Order | undefined> {
  const found = await store.read("order");
  return found.found === "value" ? found.value : undefined;
}

describe("desireFleet", () => {
  it("leaves a name with its publisher after the order was lost, and remembers the order made anew", async () => {
    const given = await lostOrder();
    expect(hostOf("prod", "api")).toBe("api-ns-p-prod-shop.example.com");
    const ports = { ...given.ports, configuration: { ...given.ports.configuration, clusters: turned } };
    const report = await reconcileFleet(ports, { mode: "apply" });
    expect(report.plan.changes).toEqual([]);
    expect(keysIn(given.server("w1"), "DNSEndpoint")).toContain("shop/api-external-dns-weu");
    expect((await orderOf(given))?.clusters).toEqual(["w1", "w2"]);
  });

  it("does so too while the stored order belongs to a newer version, and leaves that alone", async () => {
    const given = await lostOrder();
    const newer = Buffer.from(JSON.stringify({ schema: 99, document: {} }));
    given.store.files.set("order.json", newer);
    const ports = {
      ...given.ports,
      store: given.store.reopen(),
      configuration: { ...given.ports.configuration, clusters: turned },
    };
    expect((await reconcileFleet(ports, { mode: "apply" })).plan.changes).toEqual([]);
    expect(given.store.files.get("order.json")).toBe(newer);
  });

  it("remembers an order only when every cluster was read: one that was not may publish names of its own", async () => {
    const given = givenFleet({ regions, routes: ["cart"] });
    given.faults.list = (name) => {
      if (name === "w1") throw new TypeError("no");
    };
    await reconcileFleet(given.ports, { mode: "apply" });
    expect(await orderOf(given)).toBeUndefined();
    delete given.faults.list;
    await reconcileFleet(given.ports, { mode: "apply" });
    expect((await orderOf(given))?.clusters).toEqual(["w1", "w2"]);
  });

  it("takes no name from anybody in a fleet at rest, whatever it is and however fleet.yaml lists it after the loss", () => {
    fc.assert(
      fc.property(anyFleet(), fc.boolean(), (world, turn) => {
        const { world: rested, passes } = settle(calm(world), 12);
        fc.pre(passes.at(-1)?.plan.changes.length === 0);
        const { plan, order } = runPass(withoutOrder(rested, turn));
        // An adopter that publishes nothing in its region leaves no trace: another may start there.
        fc.pre(JSON.stringify(order.adopters) === JSON.stringify(rested.memory.order.adopters));
        const published = new Set(publications(rested).map(({ zone, name }) => `${zone} ${name}`));
        const taken = plan.changes.filter(
          ({ kind, operation, joins }) =>
            kind === "DNSEndpoint" &&
            (operation !== "create" || joins.some(({ zone, name }) => published.has(`${zone} ${name}`))),
        );
        expect(planLines({ changes: taken })).toEqual([]);
        expect(plan.held).toEqual([]);
      }),
      runs,
    );
  });
});

function withoutOrder(world: World, turn: boolean): World {
  const clusters = turn ? world.clusters.toReversed() : world.clusters;
  const configuration = { ...world.configuration, clusters: clusters.map(({ configured }) => configured) };
  return { ...world, clusters, configuration, memory: { ...world.memory, order: emptyOrder } };
}
