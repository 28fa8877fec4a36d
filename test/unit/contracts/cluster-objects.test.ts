/** Objects of others: read leniently, because other tools write them and the API server judged them. */
import { describe, expect, it } from "vitest";
import { kindTable } from "../../../shared/contracts/kinds.ts";
import type { Parsed } from "../../../shared/contracts/parsed.ts";

const metadata = { name: "a", namespace: "b" };

function valueOf<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.rejected.issues.join("\n"));
  return parsed.value;
}

function issuesOf(parsed: Parsed<unknown>): readonly string[] {
  return parsed.ok ? [] : parsed.rejected.issues;
}

describe("parseDnsEndpoint", () => {
  const { parse } = kindTable.DNSEndpoint;

  it("keeps fields that we never write, so that they show as drift", () => {
    const record = {
      dnsName: "x.example.com",
      recordType: "CNAME",
      targets: ["y.example.com"],
      recordTTL: 300,
      setIdentifier: "blue",
      providerSpecific: [{ name: "alias", value: "true" }],
    };
    expect(valueOf(parse({ metadata, spec: { endpoints: [record] } })).spec).toEqual({ endpoints: [record] });
  });

  it.each([
    ["no spec", {}],
    ["an empty spec", { spec: {} }],
    ["null", { spec: { endpoints: null } }],
  ])("takes %s for no records", (_what, rest) => {
    expect(valueOf(parse({ metadata, ...rest })).spec).toEqual({ endpoints: [] });
  });

  it("reads a record of which everything is missing, as ExternalDNS does", () => {
    expect(valueOf(parse({ metadata, spec: { endpoints: [{}] } })).spec.endpoints).toEqual([
      { dnsName: "", recordType: "", targets: [] },
    ]);
  });

  it("rejects types that the CRD refuses too", () => {
    const endpoints = [{ dnsName: 1, targets: "x", recordTTL: "300" }, null];
    expect(issuesOf(parse({ metadata, spec: { endpoints } }))).toEqual([
      "spec.endpoints[0].dnsName: must be a string, not a number",
      "spec.endpoints[0].targets: must be a list, not a string",
      "spec.endpoints[0].recordTTL: must be a number, not a string",
      "spec.endpoints[1]: must be an object, not empty (null)",
    ]);
  });
});

describe("parseIstioGateway", () => {
  const { parse } = kindTable.IstioGateway;

  it("keeps the whole spec, known or not", () => {
    const spec = {
      selector: { istio: "internal" },
      servers: [
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: ["a/b.example.com"],
          tls: { mode: "SIMPLE" },
        },
      ],
      future: [{ x: null }],
    };
    expect(valueOf(parse({ metadata, spec })).spec).toEqual(spec);
  });

  it("reads one without selector, servers and hosts", () => {
    expect(valueOf(parse({ metadata, spec: {} })).spec).toEqual({});
    expect(valueOf(parse({ metadata, spec: { servers: [{}] } })).spec).toEqual({ servers: [{}] });
  });

  it("rejects hosts that are no list of names", () => {
    expect(issuesOf(parse({ metadata, spec: { servers: [{ hosts: "x" }] } }))).toEqual([
      "spec.servers[0].hosts: must be a list, not a string",
    ]);
    expect(issuesOf(parse({ metadata }))).toEqual(["spec: is required"]);
  });

  it("rejects what nests too deep instead of ending the process", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    expect(issuesOf(parse({ metadata, spec: { deep } }))).toEqual([
      expect.stringContaining("(object): cannot be read"),
    ]);
  });
});

describe("parseIngressService", () => {
  const { parse } = kindTable.Service;

  it.each([
    ["no status", undefined, []],
    ["no load balancer", {}, []],
    ["a load balancer without address", { loadBalancer: { ingress: null } }, []],
    [
      "two addresses, in order",
      { loadBalancer: { ingress: [{ ip: "10.0.0.2" }, { ip: "10.0.0.1" }] } },
      ["10.0.0.2", "10.0.0.1"],
    ],
    [
      "a host name and an empty address",
      { loadBalancer: { ingress: [{ hostname: "lb.example.com" }, { ip: "" }, { ip: "fd00::1" }] } },
      ["fd00::1"],
    ],
  ])("of %s reads the addresses", (_what, status, addresses) => {
    const service = valueOf(parse({ metadata, spec: { type: "LoadBalancer" }, status }));
    expect([service.type, service.addresses]).toEqual(["LoadBalancer", addresses]);
  });

  it("takes a Service without type for ClusterIP, as the API server does", () => {
    expect(valueOf(parse({ metadata, spec: {} })).type).toBe("ClusterIP");
  });
});

describe("parseNamespace", () => {
  it("keeps the labels", () => {
    const labels = { exposure: "internal" };
    expect(valueOf(kindTable.Namespace.parse({ metadata: { name: "shop", labels } })).meta).toMatchObject({
      name: "shop",
      labels,
    });
  });
});

describe("parseOperatorLease", () => {
  it.each([
    ["renewed", { renewTime: "2026-01-02T03:04:05.000000Z" }, Date.UTC(2026, 0, 2, 3, 4, 5)],
    ["released", { renewTime: null }, 0],
    ["empty", undefined, 0],
  ])("of a Lease that was %s reads when", (_what, spec, renewedAtMs) => {
    expect(valueOf(kindTable.OperatorLease.parse({ metadata, spec })).renewedAtMs).toBe(renewedAtMs);
  });
});

describe("parseOperatorDeployment", () => {
  const { parse } = kindTable.OperatorDeployment;
  const spec = {
    replicas: 2,
    template: { spec: { containers: [{ image: "x/operator:1" }, { name: "proxy", image: "y:2" }, {}] } },
  };

  it.each([
    ["none ready", undefined, 0],
    ["two ready", { replicas: 2, readyReplicas: 2 }, 2],
  ])("keeps images and ready replicas: %s", (_what, status, readyReplicas) => {
    const { images, readyReplicas: ready } = valueOf(parse({ metadata, spec, status }));
    expect([images, ready]).toEqual([["x/operator:1", "y:2"], readyReplicas]);
  });
});
