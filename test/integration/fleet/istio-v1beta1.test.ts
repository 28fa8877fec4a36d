/** A cluster whose Istio serves its Gateways as v1beta1 only, through its life and through the update of Istio. */
import { afterAll, beforeAll, expect, describe, it } from "vitest";
import { installCrds, istioGatewayCrd } from "../../support/components/crds.ts";
import { list, remove } from "../../support/components/test-cluster.ts";
import { istioHostsIn, ours, statusIn } from "../../support/fleet/cluster-picture.ts";
import { applyAll, gateway, hostOf, policy, route, setUpPlatform } from "../../support/fleet/fleet-objects.ts";
import { failuresOf, outcomesOf } from "../../support/fleet/pass-outcomes.ts";
import { type RealFleet, startRealFleet } from "../../support/fleet/real-fleet.ts";

let fleet: RealFleet;

beforeAll(async () => {
  fleet = await startRealFleet({ name: "w1", istio: [istioGatewayCrd(["v1beta1"])] });
});
afterAll(() => fleet.close());

const server = () => fleet.cluster("w1").server;
const hosts = (): Promise<unknown> => istioHostsIn(server(), "v1beta1");

async function converge(): Promise<void> {
  await fleet.reset();
  await setUpPlatform(server(), { region: "weu", cluster: "aks01", address: "10.1.0.10", regions: ["weu"] });
  await applyAll(server(), policy("shop"), route("shop", "cart"), route("shop", "web"));
  expect(failuresOf(await fleet.pass())).toEqual([]);
  fleet.cluster("w1").writes();
}

describe("a cluster that serves Istio Gateways as v1beta1 only", () => {
  it("gets them in that version, and no write in the next pass", async () => {
    await converge();
    expect(await hosts()).toEqual({ "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "web")] });
    expect(await statusIn(server(), "Gateway", "istio-system/public")).toMatchObject({
      phase: "Active",
      conditions: { Ready: "True ReconciliationSucceeded" },
    });
    const second = await fleet.pass();
    expect(second.plan.changes).toEqual([]);
    expect(second.statusesDue).toBe(0);
    expect(fleet.cluster("w1").writes()).toEqual([]);
  });

  it("has hosts added, moved off a Gateway that became unusable, and the object deleted with its last host", async () => {
    await converge();
    await applyAll(
      server(),
      gateway("second", { targetPostfix: "second" }),
      route("shop", "new"),
      route("shop", "web", { gatewayName: "second" }),
      gateway("public", { targetPostfix: "Not-A-Postfix" }),
    );
    const moved = await fleet.pass();
    expect(failuresOf(moved)).toEqual([]);
    expect(await hosts()).toEqual({
      "istio-system/public": [hostOf("shop", "cart")],
      "istio-system/second": [hostOf("shop", "web")],
    });
    await applyAll(server(), gateway());
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await hosts()).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "new")],
      "istio-system/second": [hostOf("shop", "web")],
    });
    await remove(server(), ours("ServiceRoute", "shop/web"));
    await fleet.pass();
    expect(outcomesOf(await fleet.pass())).toEqual(["w1 delete IstioGateway istio-system/second: done"]);
    expect(await hosts()).toEqual({ "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "new")] });
  });

  it("goes on without a write when Istio is updated under a running app, and its objects are written as v1 from then on", async () => {
    await converge();
    // The last test of this file: an API server does not let go of a version that it has stored.
    await installCrds(server(), istioGatewayCrd(["v1", "v1beta1"]));
    expect((await fleet.pass()).plan.changes).toEqual([]);
    expect(fleet.cluster("w1").writes()).toEqual([]);
    await applyAll(server(), route("shop", "new"));
    expect(failuresOf(await fleet.pass())).toEqual([]);
    expect(await istioHostsIn(server())).toEqual({
      "istio-system/public": [hostOf("shop", "cart"), hostOf("shop", "new"), hostOf("shop", "web")],
    });
    expect(await writtenAs()).toEqual(["service-router networking.istio.io/v1"]);
    expect((await fleet.pass()).plan.changes).toEqual([]);
  });
});

/** The API version of each claim on the main resource's fields. */
async function writtenAs(): Promise<readonly string[]> {
  const [object] = await list(server(), { apiVersion: "networking.istio.io/v1", kind: "Gateway" });
  const { managedFields = [] } = (object?.metadata ?? {}) as unknown as {
    readonly managedFields?: readonly { readonly manager: string; readonly apiVersion: string }[];
  };
  return managedFields.map(({ manager, apiVersion }) => `${manager} ${apiVersion}`);
}
