import { describe, expect, it } from "vitest";
import { backendsOf } from "../../../../shared/core/failover/backends.ts";
import type { GatewayEntrance } from "../../../../shared/model/coverage.ts";
import type { Kind, Listings } from "../../../../shared/model/kinds.ts";
import { cluster, listingsOf } from "../../../support/builders/fleet.ts";
import {
  backend,
  destinationService,
  endpointSlice,
  hostOf,
  virtualService,
  type WorldObject,
} from "../../../support/builders/objects.ts";

const kinds: readonly Kind[] = ["VirtualService", "DestinationService", "EndpointSlice"];
const entrance: GatewayEntrance = {
  key: "istio-system/internal",
  postfix: "internal",
  addresses: ["10.0.0.1"],
  ingressNamespace: "aks-istio-ingress",
};
const host = hostOf("shop/cart");

function listings(objects: readonly WorldObject[]): Listings {
  return listingsOf(cluster("w1", { bare: true, objects }), kinds);
}

function unbound(objects: readonly WorldObject[], of = host, gateway = entrance) {
  const backends = backendsOf(listings(objects));
  if (backends.kind === "not-read") throw new Error(backends.reason);
  return backends.unbound(gateway, of);
}

const answering = [destinationService("shop/cart"), endpointSlice("shop/cart")];

describe("backendsOf", () => {
  it.each<[string, readonly WorldObject[]]>([
    ["a VirtualService on the Gateway with a ready Service", backend("shop/cart")],
    ["the host in capitals", [virtualService("shop/cart", [host.toUpperCase()]), ...answering]],
    ["a wildcard", [virtualService("shop/cart", ["*.example.com"]), ...answering]],
    ["any host", [virtualService("shop/cart", ["*"]), ...answering]],
    [
      "the Gateway among others and the mesh",
      backend("shop/cart", { gateways: ["mesh", "x/y", "istio-system/internal"] }),
    ],
    [
      "the Gateway of its own namespace by its name",
      [
        virtualService("istio-system/cart", [host], {
          gateways: ["internal"],
          destinations: ["cart.shop.svc.cluster.local"],
        }),
        ...answering,
      ],
    ],
    ["a Service by its whole name", backend("shop/cart", { destinations: ["cart.shop.svc.cluster.local"] })],
    ["one ready Service of several", backend("shop/cart", { destinations: ["cart-v2", "cart"] })],
    ["a redirect", [virtualService("shop/cart", [host], { destinations: [], answersItself: true })]],
    [
      "a Service that leads out of the cluster",
      [virtualService("shop/cart", [host]), destinationService("shop/cart", "ExternalName")],
    ],
    [
      "a delegate in another namespace",
      [
        virtualService("shop/root", [host], { destinations: [], delegates: [{ namespace: "shop", name: "part" }] }),
        virtualService("shop/part", [], { gateways: [], destinations: ["cart"] }),
        ...answering,
      ],
    ],
    ["a second VirtualService where the first is dead", [...backend("shop/cart"), virtualService("shop/old", [host])]],
    ["exportTo everybody", backend("shop/cart", { exportTo: ["*"] })],
    ["exportTo the ingress gateway", backend("shop/cart", { exportTo: ["aks-istio-ingress"] })],
    ["one ready slice of two", [...backend("shop/cart"), endpointSlice("shop/cart", false)]],
  ])("is answered by %s", (_what, objects) => expect(unbound(objects)).toBeUndefined());

  it.each<[string, readonly WorldObject[]]>([
    ["none", answering],
    ["one for another host", [virtualService("shop/cart", ["other.example.com"]), ...answering]],
    ["one for a host that only ends alike", [virtualService("shop/cart", ["*.xample.com"]), ...answering]],
    ["one on another Gateway", backend("shop/cart", { gateways: ["istio-system/external"] })],
    ["one for the mesh alone", backend("shop/cart", { gateways: [] })],
    ["one on a Gateway of that name in another namespace", backend("shop/cart", { gateways: ["internal"] })],
    ["one that the ingress gateway does not see", backend("shop/cart", { exportTo: ["."] })],
  ])("has no VirtualService with %s", (_what, objects) =>
    expect(unbound(objects)).toEqual({
      code: "NoVirtualService",
      reason: "there is no VirtualService for it on Gateway istio-system/internal",
    }),
  );

  it.each<[string, readonly WorldObject[], string]>([
    ["no Service", [virtualService("shop/cart", [host])], "Service shop/cart does not exist"],
    [
      "a Service without slices",
      [virtualService("shop/cart", [host]), destinationService("shop/cart")],
      "Service shop/cart has no ready endpoint",
    ],
    [
      "endpoints that are not ready",
      [virtualService("shop/cart", [host]), destinationService("shop/cart"), endpointSlice("shop/cart", false)],
      "Service shop/cart has no ready endpoint",
    ],
    [
      "slices of a Service of that name elsewhere",
      [virtualService("shop/cart", [host]), destinationService("shop/cart"), endpointSlice("other/cart")],
      "Service shop/cart has no ready endpoint",
    ],
    [
      "a name that Istio takes as it is",
      backend("shop/cart", { destinations: ["cart.shop"] }),
      "its destination cart.shop is no Service of the cluster",
    ],
    ["no destination", backend("shop/cart", { destinations: [] }), "VirtualService shop/cart leads nowhere"],
    [
      "a delegate that is not there",
      backend("shop/cart", { destinations: [], delegates: [{ name: "part" }] }),
      "VirtualService shop/cart leads nowhere",
    ],
  ])("has nothing ready with %s", (_what, objects, reason) =>
    expect(unbound(objects)).toEqual({ code: "NoReadyEndpoint", reason }),
  );

  it("holds nothing against exportTo where the ingress gateway is not known", () => {
    const { ingressNamespace: _none, ...unknown } = entrance;
    expect(unbound(backend("shop/cart", { exportTo: ["."] }), host, unknown)).toBeUndefined();
  });

  it.each(kinds)("says nothing where %s were not read", (kind) => {
    const partly = {
      ...listings(backend("shop/cart")),
      [kind]: { read: "not-read", code: "FORBIDDEN", reason: "may not" },
    };
    expect(backendsOf(partly)).toEqual({ kind: "not-read", reason: expect.stringContaining("were not read: may not") });
  });
});
