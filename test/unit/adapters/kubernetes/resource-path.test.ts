import { describe, expect, it } from "vitest";
import {
  collectionPath,
  objectPath,
  parseKey,
  resourceName,
} from "../../../../shared/adapters/kubernetes/resource-path.ts";
import { kinds, kindTable } from "../../../../shared/contracts/kinds.ts";
import { InvariantError } from "../../../../shared/errors.ts";

describe("collectionPath", () => {
  it.each([
    ["ServiceRoute", "/apis/routing.router.io/v1alpha1/serviceroutes"],
    ["Service", "/api/v1/services"],
    ["IstioGateway", "/apis/networking.istio.io/v1/gateways"],
    ["OperatorLease", "/apis/coordination.k8s.io/v1/leases"],
  ] as const)("of %s is %s", (kind, path) => expect(collectionPath(kind, kindTable[kind].versions[0])).toBe(path));
});

describe("objectPath", () => {
  it("holds namespace, name and subresource", () => {
    const path = objectPath("ServiceRoute", "v1alpha1", "shop/orders", "status");
    expect(path).toBe("/apis/routing.router.io/v1alpha1/namespaces/shop/serviceroutes/orders/status");
  });

  it("has no namespace for a cluster-scoped kind", () => {
    expect(objectPath("ClusterIdentity", "v1alpha1", "ci")).toBe(
      "/apis/cluster.router.io/v1alpha1/clusteridentities/ci",
    );
  });

  it("cannot be led elsewhere by a name", () => {
    expect(objectPath("DNSEndpoint", "v1alpha1", "a/..%2f?x")).toBe(
      "/apis/externaldns.k8s.io/v1alpha1/namespaces/a/dnsendpoints/..%252f%3Fx",
    );
  });
});

describe("parseKey", () => {
  it.each([
    ["ServiceRoute", "orders"],
    ["ServiceRoute", "a/b/c"],
    ["ServiceRoute", "/orders"],
    ["ServiceRoute", "shop/"],
    ["ClusterIdentity", "shop/ci"],
    ["ClusterIdentity", ""],
  ] as const)("refuses a key for %s that does not fit its scope: %j", (kind, key) => {
    expect(() => parseKey(kind, key)).toThrow(InvariantError);
  });
});

describe("resourceName", () => {
  it("is written as a Role writes it, for every kind", () => {
    expect(kinds.map(resourceName)).toContain("dnsendpoints.externaldns.k8s.io");
    expect(resourceName("Namespace")).toBe("namespaces");
  });
});
