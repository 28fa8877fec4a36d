import { describe, expect, it } from "vitest";
import { findGateways } from "../../../../shared/core/service-routing/gateways.ts";
import { txtPrefixes } from "../../../../shared/core/service-routing/txt-prefixes.ts";
import { cluster, fleet, type FleetOptions, type World } from "../../../support/builders/fleet.ts";
import {
  CREATED_AT_MS,
  gateway,
  dnsConfiguration,
  ingressService,
  younger,
  type WorldObject,
} from "../../../support/builders/objects.ts";
import { fleetCluster } from "../../../support/builders/pass.ts";

const found = (objects: readonly WorldObject[], bare = false, options: FleetOptions = {}) =>
  findGatewaysOf(fleet([cluster("w1", { objects, bare })], options));
function findGatewaysOf(world: World) {
  const read = fleetCluster(world, "w1");
  return findGateways(read, txtPrefixes(read, world.configuration.regions));
}
const one = (...objects: readonly WorldObject[]) => [...found(objects).values()][0];

describe("findGateways", () => {
  it("finds the host and the sorted addresses of a Gateway", () =>
    expect(one(gateway(), ingressService(["10.0.0.2", "fd00::1", "10.0.0.1", "10.0.0.2"]))).toMatchObject({
      key: "istio-system/internal",
      state: "usable",
      host: "w1-weu-internal.example.com",
      addresses: ["10.0.0.1", "10.0.0.2", "fd00::1"],
    }));

  it.each(["Internal", "int_ernal", "-internal", "internal-", "a--b", "a.b", "", "intern al"])(
    "fails the postfix '%s'",
    (targetPostfix) =>
      expect(one(gateway("istio-system/internal", { targetPostfix }))).toMatchObject({
        state: "failed",
        code: "ValidationFailed",
        reason: expect.stringContaining("spec.targetPostfix"),
      }),
  );

  it.each(["internal", "a", "0", "public-v2", "a-b-c"])("accepts the postfix '%s'", (targetPostfix) =>
    expect(one(gateway("istio-system/internal", { targetPostfix }))?.state).toBe("usable"),
  );

  it("fails a postfix with which the host has no room", () =>
    expect(one(gateway("istio-system/internal", { targetPostfix: "a".repeat(60) }))).toMatchObject({
      state: "failed",
      code: "ValidationFailed",
      reason: expect.stringContaining("DNS allows 63"),
    }));

  it("waits without a ClusterIdentity, and fails a bad postfix all the same", () => {
    const [good, bad] = [
      ...found([gateway(), gateway("istio-system/x", { targetPostfix: "X" }), dnsConfiguration()], true).values(),
    ];
    expect(good).toMatchObject({ state: "waiting", code: "ClusterIdentityNotAvailable" });
    expect(good).not.toHaveProperty("host");
    expect(bad).toMatchObject({ state: "failed", code: "ValidationFailed" });
  });

  it("keeps a postfix with the older of two Gateways of different controllers", () => {
    const gateways = found([
      gateway("edge/young", { controller: "edge", targetPostfix: "internal" }, younger()),
      gateway("istio-system/old", { targetPostfix: "internal" }),
    ]);
    expect(gateways.get("istio-system/old")?.state).toBe("usable");
    expect(gateways.get("edge/young")).toMatchObject({
      state: "failed",
      code: "TargetConflict",
      reason: expect.stringContaining("Gateway istio-system/old is older"),
    });
    expect(gateways.get("edge/young")).not.toHaveProperty("host");
  });

  it("lets several Gateways of one controller share a postfix: they share the address as well", () => {
    const gateways = found([gateway("a/one", { targetPostfix: "x" }), gateway("b/two", { targetPostfix: "x" })]);
    expect([...gateways.values()].map(({ state, host }) => `${state} ${host}`)).toEqual([
      "usable w1-weu-x.example.com",
      "usable w1-weu-x.example.com",
    ]);
  });
});

describe("the Service of a Gateway", () => {
  const second = (addresses: readonly string[], ageMs = 60_000, key = "istio-system/second") =>
    ingressService(addresses, { key, meta: { createdAtMs: CREATED_AT_MS + ageMs } });

  it.each<[string, readonly WorldObject[], string | undefined]>([
    ["none", [], undefined],
    ["of another controller", [ingressService(["10.0.0.1"], { controller: "edge" })], undefined],
    ["not of type LoadBalancer", [ingressService(["10.0.0.1"], { type: "ClusterIP" })], undefined],
    ["the only one", [ingressService()], "ingress"],
    ["in any namespace", [ingressService(["10.0.0.1"], { key: "elsewhere/lb" })], "lb"],
    ["the older of two with addresses", [second(["10.0.0.2"]), ingressService()], "ingress"],
    ["the one with addresses, though it is younger", [ingressService([]), second(["10.0.0.2"])], "second"],
    ["the older of two without addresses", [second([]), ingressService([])], "ingress"],
    ["the lower key of two equally old", [second(["10.0.0.2"], 0, "a/z"), second(["10.0.0.1"], 0, "a/b")], "b"],
  ])("is %s", (_what, services, name) => expect(one(gateway(), ...services)?.service?.meta.name).toBe(name));

  it("is named when several match, with the others", () => {
    expect(one(gateway(), ingressService(), second(["10.0.0.2"]))?.ambiguous).toBe(
      "Service istio-system/ingress is used; istio-system/second match as well",
    );
    expect(one(gateway(), ingressService())).not.toHaveProperty("ambiguous");
  });

  it("gives no address while it has none, or only host names", () =>
    expect(one(gateway(), ingressService([]))?.addresses).toEqual([]));
});

describe("the host of a Gateway", () => {
  const options = { regions: ["weu"], txtPrefix: "weu-dev-" };
  const full = (length: number, address: string) => [
    gateway("istio-system/internal", { targetPostfix: "p".repeat(length) }),
    ingressService([address]),
  ];

  it.each([
    // weu-dev-a-w1-weu- takes 17 characters of a label's 63.
    [46, "10.0.0.1", "usable"],
    [47, "10.0.0.1", "failed"],
    [43, "fd00::1", "usable"],
    [44, "fd00::1", "failed"],
  ])(
    "with a postfix of %i and the address %s is %s: its ownership record has to fit as well",
    (length, address, state) =>
      expect([...found(full(length, address), false, options).values()][0]?.state).toBe(state),
  );
});
