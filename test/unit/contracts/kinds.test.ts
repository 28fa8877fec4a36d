import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKind, kinds, kindTable, storedKind, storedKinds } from "../../../shared/contracts/kinds.ts";
import { clusterIdentity, dnsConfiguration, dnsPolicy, gateway, serviceRoute } from "./objects.ts";

const samples = [clusterIdentity(), dnsConfiguration(), dnsPolicy(), gateway(), serviceRoute()];

/** JSON of any shape, and good objects in which any one part is replaced by JSON of any shape. */
const anyObject = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue(), status: fc.jsonValue() }),
  fc
    .tuple(fc.constantFrom(...samples), fc.constantFrom("metadata", "spec", "status"), fc.string(), fc.jsonValue())
    .map(([sample, part, key, value]) => ({ ...sample, [part]: { ...Object(sample[part]), [key]: value } })),
);

describe("kindTable", () => {
  it("names the API of every kind", () => {
    const rows = kinds.map((kind) => {
      const { group, versions, plural, apiKind, namespaced, labelSelector = "", fieldSelector = "" } = kindTable[kind];
      return [kind, `${group}/${versions.join(",")}`, plural, apiKind, namespaced, labelSelector + fieldSelector];
    });
    expect(rows).toEqual([
      ["ClusterIdentity", "cluster.router.io/v1alpha1", "clusteridentities", "ClusterIdentity", false, ""],
      ["DNSConfiguration", "cluster.router.io/v1alpha1", "dnsconfigurations", "DNSConfiguration", false, ""],
      ["DNSEndpoint", "externaldns.k8s.io/v1alpha1", "dnsendpoints", "DNSEndpoint", true, ""],
      ["DNSPolicy", "routing.router.io/v1alpha1", "dnspolicies", "DNSPolicy", true, ""],
      ["DestinationService", "/v1", "services", "Service", true, ""],
      ["EndpointSlice", "discovery.k8s.io/v1", "endpointslices", "EndpointSlice", true, "kubernetes.io/service-name"],
      ["ExternalDnsDeployment", "apps/v1", "deployments", "Deployment", true, ""],
      ["Gateway", "routing.router.io/v1alpha1", "gateways", "Gateway", true, ""],
      ["IstioGateway", "networking.istio.io/v1,v1beta1", "gateways", "Gateway", true, ""],
      ["Namespace", "/v1", "namespaces", "Namespace", false, ""],
      ["OperatorDeployment", "apps/v1", "deployments", "Deployment", true, ""],
      ["OperatorLease", "coordination.k8s.io/v1", "leases", "Lease", true, "metadata.name=3afd9a04.router.io"],
      ["Service", "/v1", "services", "Service", true, "istio"],
      ["ServiceRoute", "routing.router.io/v1alpha1", "serviceroutes", "ServiceRoute", true, ""],
      ["VirtualService", "networking.istio.io/v1,v1beta1", "virtualservices", "VirtualService", true, ""],
    ]);
  });

  it("knows each resource under one kind; the others are views of it", () => {
    const resources = storedKinds.map((kind) => `${kindTable[kind].group}/${kindTable[kind].plural}`);
    expect(new Set(resources).size).toBe(resources.length);
    expect(kinds.filter((kind) => storedKind(kind) !== kind)).toEqual(["DestinationService", "ExternalDnsDeployment"]);
  });

  it("reads any JSON as an object or a rejected object, and never throws", () => {
    fc.assert(
      fc.property(anyObject, fc.constantFrom(...kinds), (raw, kind) => {
        const parsed = kindTable[kind].parse(raw);
        if (parsed.ok) expect(parsed.value.meta.name).not.toBe("");
        else expect(parsed.rejected.issues.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([[undefined], [null], [7], ["x"], [[]]])("rejects %j, which is no object", (raw) => {
    for (const kind of kinds) expect(kindTable[kind].parse(raw).ok).toBe(false);
  });

  it("leaves what it was given as it was", () => {
    const raw = structuredClone(serviceRoute());
    kindTable.ServiceRoute.parse(raw);
    expect(raw).toEqual(serviceRoute());
  });
});

describe("isKind", () => {
  it.each([
    ["ServiceRoute", true],
    ["Pod", false],
    ["toString", false],
    ["__proto__", false],
  ])("of %s is %s", (name, known) => {
    expect(isKind(name)).toBe(known);
  });
});
