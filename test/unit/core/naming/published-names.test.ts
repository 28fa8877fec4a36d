import { describe, expect, it } from "vitest";
import {
  endpointNames,
  isDnsZone,
  istioController,
  istioHosts,
  istioZone,
} from "../../../../shared/core/naming/published-names.ts";
import { cname, dnsEndpoint, istioGateway } from "../../../support/builders/objects.ts";

describe("endpointNames", () => {
  it("are the records, in the zone of the region label", () => {
    const { object } = dnsEndpoint("shop/cart", [
      { dnsName: "gw.example.com", recordType: "A", targets: ["10.0.0.1"], recordTTL: 30 },
      { dnsName: "gw.example.com", recordType: "AAAA", targets: ["fd00::1"], recordTTL: 30 },
      cname("cart.example.com", "gw.example.com", null),
    ]);
    expect(endpointNames(object)).toEqual([
      { zone: "weu", name: "gw.example.com", content: "A 10.0.0.1 30" },
      { zone: "weu", name: "gw.example.com", content: "AAAA fd00::1 30" },
      { zone: "weu", name: "cart.example.com", content: "CNAME gw.example.com -" },
    ]);
  });

  it("are none without that label: no ExternalDNS of a region selects such an object", () => {
    const { object } = dnsEndpoint("shop/cart", [cname("a.example.com", "b.example.com")]);
    expect(endpointNames({ ...object, meta: { ...object.meta, labels: {} } })).toEqual([]);
  });
});

describe("istioHosts", () => {
  it("are lower case, without prefix and final dot, each once: what Istio treats as one host", () => {
    const { object } = istioGateway("istio-system/internal", [
      "cart.example.com",
      "*/cart.example.com",
      "./Cart.example.com",
      "shop/cart.example.com.",
      "api.example.com",
    ]);
    expect(istioHosts(object)).toEqual(["cart.example.com", "api.example.com"]);
  });

  it("are those of all servers", () => {
    const { object } = istioGateway("istio-system/internal", ["a.example.com"]);
    const server = { port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["b.example.com"] };
    const spec = { ...object.spec, servers: [...(object.spec.servers ?? []), server] };
    expect(istioHosts({ ...object, spec })).toEqual(["a.example.com", "b.example.com"]);
    expect(istioHosts({ ...object, spec: {} })).toEqual([]);
  });
});

describe("zones of hosts", () => {
  it("are told apart from DNS zones, by cluster and Istio controller", () => {
    expect(istioZone("w1", "ingress")).toBe("istio/w1/ingress");
    expect(isDnsZone("istio/w1/ingress")).toBe(false);
    expect(isDnsZone("weu")).toBe(true);
    expect(istioController(istioGateway("a/b", [], { controller: "edge" }).object)).toBe("edge");
  });
});
