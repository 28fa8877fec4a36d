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

describe("parseVirtualService", () => {
  const { parse } = kindTable.VirtualService;
  const to = (host: string) => ({ route: [{ destination: { host, port: { number: 80 } }, weight: 100 }] });

  it("keeps hosts, gateways and every destination once, whatever the matches are", () => {
    const spec = {
      hosts: ["api.example.com"],
      gateways: ["istio-system/internal", "mesh"],
      exportTo: ["."],
      http: [{ match: [{ uri: { prefix: "/v2" } }], ...to("api-v2") }, to("api"), { ...to("api"), timeout: "5s" }],
      tls: [to("secure.shop.svc.cluster.local")],
      tcp: [to("plain")],
    };
    expect(valueOf(parse({ metadata, spec }))).toMatchObject({
      hosts: ["api.example.com"],
      gateways: ["istio-system/internal", "mesh"],
      exportTo: ["."],
      destinations: ["api", "api-v2", "plain", "secure.shop.svc.cluster.local"],
      delegates: [],
      answersItself: false,
    });
  });

  it.each([
    ["a redirect", { redirect: { uri: "/new" } }],
    ["an empty redirect", { redirect: {} }],
    ["a fixed answer", { directResponse: { status: 503 } }],
  ])("sees that %s needs no Service", (_what, http) => {
    expect(valueOf(parse({ metadata, spec: { http: [http] } })).answersItself).toBe(true);
  });

  it("keeps what it delegates to, with and without namespace", () => {
    const http = [{ delegate: { name: "a", namespace: "x" } }, { delegate: { name: "b" } }, to("c")];
    expect(valueOf(parse({ metadata, spec: { http } })).delegates).toEqual([
      { name: "a", namespace: "x" },
      { name: "b" },
    ]);
  });

  it.each([
    ["no spec", {}],
    ["nulls", { spec: { hosts: null, http: null } }],
  ])("takes %s for nothing", (_what, rest) => {
    const empty = { hosts: [], gateways: [], exportTo: [], destinations: [], delegates: [], answersItself: false };
    expect(valueOf(parse({ metadata, ...rest }))).toMatchObject(empty);
  });
});

describe("parseEndpointSlice", () => {
  const { parse } = kindTable.EndpointSlice;
  const labelled = { ...metadata, labels: { "kubernetes.io/service-name": "api" } };
  const addresses = ["10.1.0.1"];

  it.each<[string, unknown, boolean]>([
    [
      "one ready endpoint of several",
      [
        { addresses, conditions: { ready: false } },
        { addresses, conditions: { ready: true } },
      ],
      true,
    ],
    ["an endpoint that does not say whether it is", [{ addresses }], true],
    ["none that is ready", [{ addresses, conditions: { ready: false, serving: true } }], false],
    ["no endpoint", [], false],
    ["endpoints null", null, false],
    ["an endpoint without address", [{ addresses: [], conditions: { ready: true } }], false],
  ])("with %s", (_what, endpoints, ready) => {
    expect(valueOf(parse({ metadata: labelled, endpoints }))).toMatchObject({ service: "api", ready });
  });
});

describe("parseDestinationService", () => {
  it("keeps its type", () => {
    const { parse } = kindTable.DestinationService;
    expect(valueOf(parse({ metadata, spec: { type: "ExternalName", externalName: "x" } }))).toMatchObject({
      type: "ExternalName",
    });
    expect(valueOf(parse({ metadata, spec: {} })).type).toBe("ClusterIP");
  });
});

describe("parseExternalDnsDeployment", () => {
  const { parse } = kindTable.ExternalDnsDeployment;
  const deployment = (...containers: readonly object[]) => ({ metadata, spec: { template: { spec: { containers } } } });
  const containersOf = (...containers: readonly object[]) => valueOf(parse(deployment(...containers))).containers;

  it.each([
    ["its image", { image: "registry.k8s.io/external-dns/external-dns:v0.20.0" }],
    ["its image by digest", { image: "acr.example.com/mirror/external-dns@sha256:aa" }],
    ["a flag that only it has", { image: "acr.example.com/dns:1", args: ["--txt-owner-id=a"] }],
    [
      "its binary",
      { image: "acr.example.com/tools:1", command: ["/bin/sh", "-c"], args: ["/bin/external-dns --source=crd"] },
    ],
    ["a variable of its own", { image: "acr.example.com/dns:1", env: [{ name: "EXTERNAL_DNS_SOURCE", value: "crd" }] }],
  ])("knows it by %s", (_what, container) => expect(containersOf(container)).toHaveLength(1));

  it.each([
    ["another program", { image: "shop/cart:1", args: ["--policy=sync"], env: [{ name: "PASSWORD", value: "x" }] }],
    ["a webhook beside it", { image: "ghcr.io/some/external-dns-provider-some:1" }],
  ])("leaves %s out whole", (_what, container) => expect(containersOf(container)).toEqual([]));

  it("keeps variables that set it up, says which come from elsewhere, and no other", () => {
    const [container] = containersOf({
      name: "external-dns",
      image: "external-dns:v0.20.0",
      args: ["--txt-owner-id=$(OWNER)", "--domain-filter=$$(LITERAL)"],
      env: [
        { name: "EXTERNAL_DNS_POLICY", value: "sync" },
        { name: "EXTERNAL_DNS_TXT_PREFIX", valueFrom: { configMapKeyRef: { name: "a", key: "b" } } },
        { name: "OWNER", value: "external-dns-weu" },
        { name: "LITERAL", value: "x" },
        { name: "AZURE_CLIENT_SECRET", value: "very secret" },
      ],
      envFrom: [{ secretRef: { name: "all" } }],
    });
    expect(container).toMatchObject({
      env: [
        { name: "EXTERNAL_DNS_POLICY", value: "sync" },
        { name: "EXTERNAL_DNS_TXT_PREFIX" },
        { name: "OWNER", value: "external-dns-weu" },
      ],
      envFrom: true,
    });
  });

  it("keeps no key and no password, in whatever form it is given", () => {
    const parsed = parse(
      deployment({
        image: "external-dns:v0.20.0",
        args: ["--txt-encrypt-aes-key=hidden-1", "--pihole-password", "hidden-2", "--rfc2136-tsig-secret=$(TSIG)"],
        env: [
          { name: "EXTERNAL_DNS_PDNS_API_KEY", value: "hidden-3" },
          { name: "TSIG", value: "hidden-4" },
        ],
      }),
    );
    expect(JSON.stringify(parsed)).not.toContain("hidden");
    expect(JSON.stringify(parsed)).toContain("--txt-encrypt-aes-key=(not kept)");
  });

  it("counts one replica where none is said, and keeps zero", () => {
    expect(valueOf(parse(deployment())).replicas).toBe(1);
    const standby = { metadata, spec: { replicas: 0, template: { spec: { containers: [] } } }, status: null };
    expect(valueOf(parse(standby)).replicas).toBe(0);
  });

  it.each<[string, unknown, number | undefined]>([
    ["no status, as in a directory", undefined, undefined],
    ["a status that no controller wrote", {}, undefined],
    ["a status without ready replicas", { observedGeneration: 1 }, 0],
    ["ready replicas", { observedGeneration: 3, readyReplicas: 2 }, 2],
  ])("knows how many are ready with %s", (_what, status, ready) => {
    expect(valueOf(parse({ ...deployment(), status })).readyReplicas).toBe(ready);
  });
});
