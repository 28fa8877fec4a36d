import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distinctName,
  gatewayEndpointName,
  labelValue,
  routeEndpointName,
} from "../../../../shared/core/naming/object-names.ts";

describe("routeEndpointName", () => {
  it.each([
    ["cart", "external-dns-weu", "cart-external-dns-weu"],
    ["cart.v2", "external-dns-weu", "cart.v2-external-dns-weu"],
    ["a", "b", "a-b"],
    ["a".repeat(200), "b".repeat(52), `${"a".repeat(200)}-${"b".repeat(52)}`],
  ])("%s and %s give %s", (route, controller, name) => expect(routeEndpointName(route, controller)).toBe(name));

  it("shortens what would pass 253 characters, and keeps its front and its difference", () => {
    const long = routeEndpointName("a".repeat(253), "external-dns-weu");
    expect(long).toMatch(/^a{244}-[0-9a-f]{8}$/);
    expect(long.length).toBe(253);
    expect(routeEndpointName("a".repeat(253), "external-dns-neu")).not.toBe(long);
  });

  it.each([
    ["Cart", "dns", /^cart-dns-[0-9a-f]{8}$/],
    ["cart", "DNS_weu", /^cart-dns-weu-[0-9a-f]{8}$/],
    ["cart", "dns-", /^cart-dns-[0-9a-f]{8}$/],
  ])("makes %s and %s a name that Kubernetes accepts", (route, controller, pattern) =>
    expect(routeEndpointName(route, controller)).toMatch(pattern),
  );
});

describe("gatewayEndpointName", () => {
  it.each([
    ["ingress", "internal", "external-dns-weu", "gateway-controller-ingress-internal-external-dns-weu"],
    [
      "aks-istio-ingressgateway-internal",
      "public-v2",
      "external-dns-neu",
      "gateway-controller-aks-istio-ingressgateway-internal-public-v2-external-dns-neu",
    ],
  ])("%s, %s and %s give %s", (controller, postfix, externalDns, name) =>
    expect(gatewayEndpointName(controller, postfix, externalDns)).toBe(name),
  );
});

describe("every object name", () => {
  it("is accepted by Kubernetes, whatever it is made from", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ maxLength: 300 }), (route, controller) => {
        const name = routeEndpointName(route, controller);
        expect(name).toMatch(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(253);
      }),
    );
  });
});

describe("distinctName", () => {
  it("keeps the part that people search for, and tells the sources apart", () => {
    const first = distinctName("a-b-c", ["a", "b-c"]);
    expect(first).toMatch(/^a-b-c-[0-9a-f]{8}$/);
    expect(distinctName("a-b-c", ["a-b", "c"])).not.toBe(first);
    expect(distinctName("a-b-c", ["a", "b-c"])).toBe(first);
  });
});

describe("labelValue", () => {
  it.each([
    ["cart", "cart"],
    ["", ""],
    ["Cart_v2.1", "Cart_v2.1"],
    ["a".repeat(63), "a".repeat(63)],
  ])("%s stays as it is", (value, label) => expect(labelValue(value)).toBe(label));

  it.each([
    ["a".repeat(64), /^a{54}-[0-9a-f]{8}$/],
    ["with space", /^with-space-[0-9a-f]{8}$/],
    ["-edge-", /^edge-[0-9a-f]{8}$/],
    ["///", /^[0-9a-f]{8}$/],
  ])("%s is cut and told apart", (value, pattern) => expect(labelValue(value)).toMatch(pattern));

  it("is accepted by Kubernetes, and differs where values differ", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (one, other) => {
        expect(labelValue(one)).toMatch(/^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)?$/);
        expect(labelValue(one).length).toBeLessThanOrEqual(63);
        expect(labelValue(one) === labelValue(other)).toBe(one === other);
      }),
    );
  });
});
